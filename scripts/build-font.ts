// Converts the Galmuri bitmap fonts (OFL-1.1) to the file that `lib/sense-hat/led/font` reads.
import { copyFileSync, createReadStream, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { $Font, type Glyph as BdfGlyph } from 'bdfparser';
import { SIDE } from '../lib/sense-hat/led/canvas';
import { encodeFont, FONT_FILE, type Glyph } from '../lib/sense-hat/led/font';
import { withEmoji } from './emoji';

/** The rows of a glyph from the top, and the height of its lowest row above the base line. */
interface Rows {
  rows: string[];
  bottom: number;
}

/** A font file, and the height of its capitals in rows. */
interface Source {
  file: string;
  capitals: number;
}

/** Has 7 rows above the base line. */
const GALMURI7: Source = { file: 'Galmuri7.bdf', capitals: 7 };
/** Has the Greek and Cyrillic letters that Galmuri7 lacks. */
const GALMURI9: Source = { file: 'Galmuri9.bdf', capitals: 9 };
const FOLDER = dirname(require.resolve('galmuri/dist/Galmuri7.bdf'));

/** The lowest row of the matrix: it has 7 rows above the base line and one below it. */
const LOWEST = -1;

/**
 * Fits a glyph into the 8 rows, or into the 7 above the base line if it is no taller than a capital. A taller glyph
 * loses rows, those that differ least from the row above and are most common first, and is then moved up or down.
 */
function fit({ rows, bottom }: Rows, capitals: number): Rows {
  const isPlain = bottom >= 0 && bottom + rows.length <= capitals;
  const fitted = [...rows];
  while (fitted.length > (isPlain ? SIDE - 1 : SIDE)) fitted.splice(mostRedundant(fitted), 1);
  const highest = LOWEST + SIDE - fitted.length;
  return { rows: fitted, bottom: Math.min(Math.max(bottom, LOWEST), highest) };
}

function mostRedundant(rows: string[]): number {
  const [, ...candidates] = rows.map((row, index) => ({
    index,
    difference: [...row].filter((bit, at) => bit !== rows[index - 1]?.[at]).length,
    alike: rows.filter((other) => other === row).length,
  }));
  candidates.sort((a, b) => a.difference - b.difference || b.alike - a.alike);
  return candidates[0]?.index ?? 0;
}

function toColumns({ rows, bottom }: Rows): Glyph {
  const top = LOWEST + SIDE - bottom - rows.length;
  const columns = Uint8Array.from({ length: rows[0]?.length ?? 0 }, (_, column) =>
    rows.reduce((bits, row, index) => bits | (Number(row[column]) << (top + index)), 0),
  );
  const first = columns.findIndex((bits) => bits !== 0);
  return first < 0 ? new Uint8Array() : columns.slice(first, columns.findLastIndex((bits) => bits !== 0) + 1);
}

function rowsOf(glyph: BdfGlyph): Rows {
  const { bbw, bbh, bbyoff, hexdata } = glyph.meta;
  const rows = hexdata.slice(0, bbh).map((hex) => {
    const bits = BigInt(`0x${hex}`)
      .toString(2)
      .padStart(4 * hex.length, '0');
    return bits.slice(0, bbw);
  });
  const first = rows.findIndex((row) => row.includes('1'));
  const last = rows.findLastIndex((row) => row.includes('1'));
  return first < 0
    ? { rows: [], bottom: 0 }
    : { rows: rows.slice(first, last + 1), bottom: bbyoff + rows.length - 1 - last };
}

async function readFont({ file, capitals }: Source): Promise<Map<number, Glyph>> {
  const lines = createInterface({ input: createReadStream(join(FOLDER, file)) });
  const bdf = await $Font(lines[Symbol.asyncIterator]());
  const font = new Map<number, Glyph>();
  for (const glyph of bdf.iterglyphs()) {
    if (glyph) font.set(glyph.cp(), toColumns(fit(rowsOf(glyph), capitals)));
  }
  return font;
}

/** Writes the font and its licence beside the compiled code. */
export async function buildFont(): Promise<void> {
  const [galmuri7, galmuri9] = await Promise.all([readFont(GALMURI7), readFont(GALMURI9)]);
  writeFileSync(FONT_FILE, encodeFont(withEmoji(new Map([...galmuri9, ...galmuri7]))));
  copyFileSync(join(FOLDER, 'LICENSE.txt'), join(dirname(FONT_FILE), 'galmuri.LICENSE.txt'));
}
