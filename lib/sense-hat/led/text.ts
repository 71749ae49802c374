import { CodedError } from '../../coded-error';
import { type Animation, still } from './animation';
import { type Glyph, matrixFont } from './font';
import { fill, type Picture, SIDE } from './frame';
import { graphemesOf } from './graphemes';
import type { DisplayOptions } from './options';

const GAP = new Uint8Array(1);
const MARGIN = new Uint8Array(SIDE);
const SPACE = new Uint8Array(5);

/** UTF-16 units. A text of this length scrolls for most of an hour. */
const LONGEST = 5000;

/** The options that a text uses. */
type TextOptions = Pick<DisplayOptions, 'color' | 'background' | 'secondsPerColumn' | 'direction'>;

/**
 * Draws a text. A single character stands still in the middle; a longer text scrolls through the matrix and out of it,
 * at the pace of python-sense-hat's `show_message`. Throws `BAD_PAYLOAD` if it has more than 5,000 UTF-16 units.
 */
export function drawText(text: string, options: TextOptions): Animation {
  checkLength(text.length);
  const periodMs = options.secondsPerColumn * 1000;
  const glyphs = Array.from(graphemesOf(text), glyphOf);
  const [only] = glyphs;
  if (!only) return still(fill(options.background), periodMs);
  if (glyphs.length === 1 && only.length <= SIDE) return still(drawLines(centred(only), 'left', options), periodMs);

  const { direction } = options;
  const isUpright = direction === 'up' || direction === 'down';
  const characters = isUpright ? glyphs.map(rowsOf) : glyphs;
  // Texts that enter from the left or from the top enter with the last line of a character first.
  const isReversed = direction === 'right' || direction === 'down';
  const lines = characters.flatMap((character) => [isReversed ? character.toReversed() : character, GAP]);
  const strip = Buffer.concat([MARGIN, ...lines, MARGIN]);
  return {
    length: strip.length - SIDE,
    pictureAt: (index) => drawLines(strip.subarray(index, index + SIDE), direction, options),
    periodMs,
    ground: fill(options.background),
  };
}

/** Throws `BAD_PAYLOAD` if the texts of a message have too many UTF-16 units together. */
export function checkLength(length: number): void {
  if (length > LONGEST) throw new CodedError('BAD_PAYLOAD-long', { length, limit: LONGEST });
}

/** The glyph of a character, of its base letter if the font lacks its marks, or else of `?`. */
function glyphOf(character: string): Glyph {
  if (/^\s/.test(character)) return SPACE;
  const font = matrixFont();
  const ofFirst = (text: string) => font.get(text.codePointAt(0) ?? 0);
  return ofFirst(character.normalize('NFC')) ?? ofFirst(character.normalize('NFD')) ?? ofFirst('?') ?? SPACE;
}

/** The columns of a glyph centred in 8; a wider glyph loses its sides. */
function centred(glyph: Glyph): Uint8Array {
  const columns = new Uint8Array(SIDE);
  const left = Math.floor((SIDE - glyph.length) / 2);
  glyph.forEach((bits, column) => {
    columns[left + column] = bits;
  });
  return columns;
}

/** A glyph by rows: a byte for each from the top, its lowest bit the left column, without blank rows at the ends. */
function rowsOf(glyph: Glyph): Uint8Array {
  if (glyph === SPACE) return SPACE;
  const columns = centred(glyph);
  const rows = Uint8Array.from({ length: SIDE }, (_, row) =>
    columns.reduce((bits, column, at) => bits | (((column >> row) & 1) << at), 0),
  );
  const first = rows.findIndex((bits) => bits !== 0);
  return rows.slice(first, rows.findLastIndex((bits) => bits !== 0) + 1);
}

/** Draws eight lines of the moving strip: columns if it moves left or right, rows if it moves up or down. */
function drawLines(
  lines: Uint8Array,
  direction: DisplayOptions['direction'],
  { color, background }: TextOptions,
): Picture {
  const picture = fill(background);
  const isUpright = direction === 'up' || direction === 'down';
  const isReversed = direction === 'right' || direction === 'down';
  lines.forEach((bits, index) => {
    const line = isReversed ? SIDE - 1 - index : index;
    for (let bit = 0; bit < SIDE; bit++) {
      if (bits & (1 << bit)) picture.set(color, 3 * (isUpright ? SIDE * line + bit : SIDE * bit + line));
    }
  });
  return picture;
}
