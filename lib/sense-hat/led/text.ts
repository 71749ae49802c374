import { CodedError } from '../../coded-error';
import { type Animation, still } from './animation';
import { type Glyph, matrixFont } from './font';
import { fill, type Picture, SIDE } from './frame';
import { graphemesOf } from './graphemes';
import type { Look } from './look';

const GAP = new Uint8Array(1);
const MARGIN = new Uint8Array(SIDE);
const SPACE = new Uint8Array(5);

/** At the usual pace such a text takes most of an hour. */
const LONGEST = 5000;

/** What of a look matters to a text. */
type TextLook = Pick<Look, 'color' | 'background' | 'secondsPerColumn' | 'direction'>;

/**
 * A text on the matrix. One character stands still in the middle; more scroll in, the first one first, until the last
 * has left. Each picture is shown for as long as in python-sense-hat's `show_message`. Throws `BAD_PAYLOAD` if the
 * text is longer than 5,000 UTF-16 units.
 */
export function drawText(text: string, look: TextLook): Animation {
  checkLength(text.length);
  const periodMs = look.secondsPerColumn * 1000;
  const glyphs = Array.from(graphemesOf(text), glyphOf);
  const [only] = glyphs;
  if (!only) return still(fill(look.background), periodMs);
  if (glyphs.length === 1 && only.length <= SIDE) return still(drawLines(centred(only), 'left', look), periodMs);

  const { direction } = look;
  const isUpright = direction === 'up' || direction === 'down';
  const characters = isUpright ? glyphs.map(rowsOf) : glyphs;
  // The line that comes in first is the first of its character, seen from where it comes in.
  const isReversed = direction === 'right' || direction === 'down';
  const lines = characters.flatMap((character) => [isReversed ? character.toReversed() : character, GAP]);
  const strip = Buffer.concat([MARGIN, ...lines, MARGIN]);
  return {
    length: strip.length - SIDE,
    pictureAt: (index) => drawLines(strip.subarray(index, index + SIDE), direction, look),
    periodMs,
    ground: fill(look.background),
  };
}

/** Throws `BAD_PAYLOAD` if a text, or the texts of one message, have more UTF-16 units than may be shown. */
export function checkLength(length: number): void {
  if (length > LONGEST) throw new CodedError('BAD_PAYLOAD-long', { length, limit: LONGEST });
}

/** The glyph of a character: of its base where the marks have none, `?` where it has none. */
function glyphOf(character: string): Glyph {
  if (/^\s/.test(character)) return SPACE;
  const font = matrixFont();
  const ofFirst = (text: string) => font.get(text.codePointAt(0) ?? 0);
  return ofFirst(character.normalize('NFC')) ?? ofFirst(character.normalize('NFD')) ?? ofFirst('?') ?? SPACE;
}

/** The columns of a glyph in the middle of 8; what is wider loses its sides. */
function centred(glyph: Glyph): Uint8Array {
  const columns = new Uint8Array(SIDE);
  const left = Math.floor((SIDE - glyph.length) / 2);
  glyph.forEach((bits, column) => {
    columns[left + column] = bits;
  });
  return columns;
}

/** A glyph by rows: a byte for each from the top, its lowest bit the left column; blank rows at the ends are cut off. */
function rowsOf(glyph: Glyph): Uint8Array {
  if (glyph === SPACE) return SPACE;
  const columns = centred(glyph);
  const rows = Uint8Array.from({ length: SIDE }, (_, row) =>
    columns.reduce((bits, column, at) => bits | (((column >> row) & 1) << at), 0),
  );
  const first = rows.findIndex((bits) => bits !== 0);
  return rows.slice(first, rows.findLastIndex((bits) => bits !== 0) + 1);
}

/** Eight lines of a strip that moves: for left and right they are columns, for up and down rows. */
function drawLines(lines: Uint8Array, direction: Look['direction'], { color, background }: TextLook): Picture {
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
