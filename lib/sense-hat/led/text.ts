import { CodedError } from '../../coded-error';
import { type Animation, paced, still } from './animation';
import { type Picture, SIDE } from './canvas';
import { type Glyph, matrixFont } from './font';
import { fill } from './frame';
import { graphemesOf } from './graphemes';
import type { DisplayOptions } from './options';

const GAP = new Uint8Array(1);
const SPACE = new Uint8Array(5);

/** UTF-16 units. A text of this length scrolls for most of an hour. */
const LONGEST = 5000;

/** The options that a text uses. */
type TextOptions = Pick<DisplayOptions, 'color' | 'background' | 'secondsPerColumn' | 'direction' | 'tile'>;

/**
 * Draws a text in the middle of the canvas. A single character stands still; a longer text scrolls through and out of it,
 * at the pace of python-sense-hat's `show_message`. Throws `BAD_PAYLOAD` if it has more than 5,000 UTF-16 units.
 */
export function drawText(text: string, options: TextOptions): Animation {
  checkLength(text.length);
  const periodMs = options.secondsPerColumn * 1000;
  const { canvas } = options.tile;
  const glyphs = Array.from(graphemesOf(text), visiblePart).filter(Boolean).map(glyphOf);
  const [only] = glyphs;
  if (!only) return still(fill(options.background, canvas), periodMs);
  if (glyphs.length === 1 && only.length <= canvas.width) {
    return still(drawLines(centred(only, canvas.width), 'left', options), periodMs);
  }

  const { direction } = options;
  const isUpright = direction === 'up' || direction === 'down';
  const characters = isUpright ? glyphs.map(rowsOf) : glyphs;
  // Texts that enter from the left or from the top enter with the last line of a character first.
  const isReversed = direction === 'right' || direction === 'down';
  const lines = characters.flatMap((character) => [isReversed ? character.toReversed() : character, GAP]);
  const seen = isUpright ? canvas.height : canvas.width;
  const margin = new Uint8Array(seen);
  const strip = Buffer.concat([margin, ...lines, margin]);
  return paced({
    length: strip.length - seen,
    pictureAt: (index) => drawLines(strip.subarray(index, index + seen), direction, options),
    periodMs,
    ground: fill(options.background, canvas),
  });
}

/** Throws `BAD_PAYLOAD` if the texts of a message have too many UTF-16 units together. */
export function checkLength(length: number): void {
  if (length > LONGEST) throw new CodedError('BAD_PAYLOAD-long', { length, limit: LONGEST });
}

/** Joiners, variation selectors, soft hyphens and the like, which take no room. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}+/gu;

/** A character without the code points that are invisible by themselves. */
function visiblePart(character: string): string {
  return character.replace(INVISIBLE, '');
}

/** The glyph of a character, of its base letter if the font lacks its marks, or else of `?`. */
function glyphOf(character: string): Glyph {
  if (/^\s/.test(character)) return SPACE;
  const font = matrixFont();
  const ofFirst = (text: string) => font.get(text.codePointAt(0) ?? 0);
  return ofFirst(character.normalize('NFC')) ?? ofFirst(character.normalize('NFD')) ?? ofFirst('?') ?? SPACE;
}

/** The columns of a glyph, centred in `width` columns; a wider glyph loses its sides. */
function centred(glyph: Glyph, width: number): Uint8Array {
  const columns = new Uint8Array(width);
  const left = Math.floor((width - glyph.length) / 2);
  glyph.forEach((bits, column) => {
    columns[left + column] = bits;
  });
  return columns;
}

/** A glyph by rows: a byte for each from the top, its lowest bit the left column, without blank rows at the ends. */
function rowsOf(glyph: Glyph): Uint8Array {
  if (glyph === SPACE) return SPACE;
  const columns = centred(glyph, SIDE);
  const rows = Uint8Array.from({ length: SIDE }, (_, row) =>
    columns.reduce((bits, column, at) => bits | (((column >> row) & 1) << at), 0),
  );
  const first = rows.findIndex((bits) => bits !== 0);
  return rows.slice(first, rows.findLastIndex((bits) => bits !== 0) + 1);
}

/**
 * Draws the lines of the moving strip that fill the canvas: columns if it moves left or right, rows if it moves up or
 * down. Across them, their eight bits are in the middle.
 */
function drawLines(
  lines: Uint8Array,
  direction: DisplayOptions['direction'],
  { color, background, tile: { canvas } }: TextOptions,
): Picture {
  const { width, height } = canvas;
  const picture = fill(background, canvas);
  const isUpright = direction === 'up' || direction === 'down';
  const isReversed = direction === 'right' || direction === 'down';
  const across = ((isUpright ? width : height) - SIDE) / 2;
  lines.forEach((bits, index) => {
    const line = isReversed ? lines.length - 1 - index : index;
    for (let bit = 0; bit < SIDE; bit++) {
      if (!(bits & (1 << bit))) continue;
      const at = across + bit;
      picture.set(color, 3 * (isUpright ? width * line + at : width * at + line));
    }
  });
  return picture;
}
