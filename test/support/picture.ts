import { PNG } from 'pngjs';
import type { Rgb } from '../../lib/sense-hat/colour';

/** 64 colours that all differ. */
export const COLOURS: Rgb[] = Array.from({ length: 64 }, (_, n) => [n, 255 - n, 4 * n]);

/** The picture of these colours. */
export const PICTURE = Uint8Array.from(COLOURS.flat());

/** A list of 64 in 8 rows of 8. */
export function rowsOf<T>(pixels: readonly T[]): T[][] {
  return Array.from({ length: 8 }, (_, row) => pixels.slice(8 * row, 8 * row + 8));
}

/** A list with another entry at one place. */
export function withEntry<T>(entries: readonly T[], index: number, entry: unknown): unknown[] {
  return [...entries.slice(0, index), entry, ...entries.slice(index + 1)];
}

/** A PNG of 8 bits a channel, pixel by pixel from the top left: three or four bytes each. */
export function makePng(width: number, height: number, pixels: readonly (readonly number[])[]): Buffer {
  const png = new PNG({ width, height });
  pixels.forEach(([red, green, blue, alpha = 255], at) => {
    png.data.set([red as number, green as number, blue as number, alpha], 4 * at);
  });
  return PNG.sync.write(png);
}

/** The PNG of the 64 colours. */
export const PNG_OF_COLOURS = makePng(8, 8, COLOURS);
