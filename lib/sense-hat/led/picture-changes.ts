import type { Canvas, Picture } from './canvas';
import type { Rgb } from './colour';
import type { Look } from './light';
import { pixelLooksOf, withPixelLooks } from './pixel-looks';

/** What a flip exchanges: left and right, or top and bottom. */
export const FLIPS = ['horizontal', 'vertical'] as const;

/** Where some rows and columns of a canvas of this width meet. */
export interface Area {
  rows: number[];
  columns: number[];
  width: number;
}

/** A picture with the pixels of an area changed, in the look of the picture or in one of their own. */
export function withPixels(
  shown: Picture,
  { rows, columns, width }: Area,
  color: Rgb,
  look: Look | undefined,
): Picture {
  const picture = Uint8Array.from(shown);
  const looks = new Map(pixelLooksOf(shown));
  for (const row of rows) {
    for (const column of columns) {
      const at = width * row + column;
      picture.set(color, 3 * at);
      if (look) looks.set(at, look);
      else looks.delete(at);
    }
  }
  return withPixelLooks(picture, looks);
}

/** A picture of a canvas, mirrored. */
export function mirrored(picture: Picture, { width, height }: Canvas, direction: (typeof FLIPS)[number]): Picture {
  return direction === 'horizontal'
    ? moved(picture, width, (row, column) => width * row + (width - 1 - column))
    : moved(picture, width, (row, column) => width * (height - 1 - row) + column);
}

/** A picture with the pixels of another one rearranged. */
function moved(picture: Picture, width: number, placeOf: (row: number, column: number) => number): Picture {
  const result = new Uint8Array(picture.length);
  const looks = pixelLooksOf(picture);
  const moved = new Map<number, Look>();
  for (let at = 0; 3 * at < picture.length; at++) {
    const from = placeOf(Math.floor(at / width), at % width);
    for (let part = 0; part < 3; part++) result[3 * at + part] = picture[3 * from + part] as number;
    const look = looks.get(from);
    if (look) moved.set(at, look);
  }
  return withPixelLooks(result, moved);
}
