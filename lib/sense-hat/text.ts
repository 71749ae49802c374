import { type Animation, still } from './animation';
import type { Rgb } from './colour';
import { type Glyph, matrixFont } from './font';
import { fill, type Picture, SIDE } from './frame';

const GAP = new Uint8Array(1);
const MARGIN = new Uint8Array(SIDE);
const SPACE = new Uint8Array(5);
const QUESTION_MARK = 0x3f;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * A text on the matrix. One character stands still in the middle; more scroll in from the right until the
 * last has left. Each picture is shown for `periodMs`, as python-sense-hat's `show_message` does.
 */
export function drawText(text: string, color: Rgb, background: Rgb, periodMs: number): Animation {
  const glyphs = [...graphemes.segment(text)].map(({ segment }) => glyphOf(segment));
  const [only] = glyphs;
  if (!only) return still(fill(background), periodMs);
  if (glyphs.length === 1 && only.length <= SIDE) {
    const columns = new Uint8Array(SIDE);
    columns.set(only, Math.floor((SIDE - only.length) / 2));
    return still(drawColumns(columns, color, background), periodMs);
  }
  const columns = Buffer.concat([MARGIN, ...glyphs.flatMap((glyph) => [glyph, GAP]), MARGIN]);
  return {
    length: columns.length - SIDE,
    pictureAt: (index) => drawColumns(columns.subarray(index, index + SIDE), color, background),
    periodMs,
  };
}

/** The glyph of what a reader sees as one character: of its base where the marks have none, `?` where it has none. */
function glyphOf(grapheme: string): Glyph {
  if (/^\s/.test(grapheme)) return SPACE;
  const font = matrixFont();
  const composed = font.get(grapheme.normalize('NFC').codePointAt(0) as number);
  const base = font.get(grapheme.normalize('NFD').codePointAt(0) as number);
  return composed ?? base ?? (font.get(QUESTION_MARK) as Glyph);
}

function drawColumns(columns: Uint8Array, color: Rgb, background: Rgb): Picture {
  const picture = fill(background);
  columns.forEach((bits, column) => {
    for (let row = 0; row < SIDE; row++) {
      if (bits & (1 << row)) picture.set(color, 3 * (SIDE * row + column));
    }
  });
  return picture;
}
