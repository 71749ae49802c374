import { pixelLooksOf, withPixelLooks } from './pixel-looks';

/** The matrix is 8 by 8. */
export const SIDE = 8;

/** The size of a picture in pixels, each a multiple of 8 from 8 to 64. */
export interface Canvas {
  width: number;
  height: number;
}

/** The part of a canvas that one matrix shows. */
export interface Tile {
  canvas: Canvas;
  /** The column and the row of the canvas at the tile's top left. */
  left: number;
  top: number;
}

/** The canvas of a matrix that is not part of a wall. */
export const MATRIX: Canvas = { width: SIDE, height: SIDE };

/** All of `MATRIX`. */
export const WHOLE: Tile = { canvas: MATRIX, left: 0, top: 0 };

/** A picture as a flow sees it: three bytes (RGB) for each pixel of a canvas, row by row from the top left. */
export type Picture = Uint8Array;

/** The number of pixels of a canvas. */
export function areaOf({ width, height }: Canvas): number {
  return width * height;
}

/** Whether two canvases have the same size. */
export function isSameCanvas(one: Canvas, other: Canvas): boolean {
  return one.width === other.width && one.height === other.height;
}

/** All tiles of a canvas. */
export function tilesOf(canvas: Canvas): Tile[] {
  const starts = (length: number) => Array.from({ length: length / SIDE }, (_, index) => SIDE * index);
  return starts(canvas.height).flatMap((top) => starts(canvas.width).map((left) => ({ canvas, left, top })));
}

/** Fits a picture to another tile. If the canvas has another size, only the part that the tile shows is kept. */
export function retile(picture: Picture, from: Tile, to: Tile): Picture {
  if (isSameCanvas(from.canvas, to.canvas)) return picture;
  return withTile(new Uint8Array(3 * areaOf(to.canvas)), to, picture, from);
}

/** A picture with one of its tiles replaced by a tile of another picture, with the looks of its pixels. */
export function withTile(picture: Picture, to: Tile, source: Picture, from: Tile): Picture {
  const result = Uint8Array.from(picture);
  const looks = new Map(pixelLooksOf(picture));
  const sourceLooks = pixelLooksOf(source);
  for (let row = 0; row < SIDE; row++) {
    const start = (from.top + row) * from.canvas.width + from.left;
    const place = (to.top + row) * to.canvas.width + to.left;
    result.set(source.subarray(3 * start, 3 * (start + SIDE)), 3 * place);
    for (let column = 0; column < SIDE; column++) {
      const look = sourceLooks.get(start + column);
      if (look) looks.set(place + column, look);
      else looks.delete(place + column);
    }
  }
  return withPixelLooks(result, looks);
}
