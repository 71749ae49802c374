import { CodedError, shown } from '../../coded-error';
import { countSetting } from '../../setting';
import { type Canvas, isSameCanvas, MATRIX, SIDE, type Tile } from './canvas';

/** The longest side of a canvas: a wall has at most 8 by 8 tiles. */
const LONGEST_SIDE = 64;

/** The place of a matrix on a wall, as a node sets it: unchecked. */
export interface TileProperties {
  /**
   * The size of the wall in pixels, such as `24x8`, both multiples of 8 up to 64; empty: the matrix is on its own.
   * @default ''
   */
  canvas?: unknown;
  /**
   * The column of the tile that the node shows, counted from 0 at the left.
   * @default 0
   */
  tileX?: unknown;
  /**
   * The row of that tile, counted from 0 at the top.
   * @default 0
   */
  tileY?: unknown;
}

/** The tile that a node shows. Throws `BAD_CANVAS`, or `BAD_NUMBER` for a tile outside the canvas. */
export function readTile({ canvas: size, tileX, tileY }: TileProperties): Tile {
  const canvas = readCanvas(size);
  return {
    canvas,
    left: SIDE * countSetting('tileX', tileX, 0, { max: canvas.width / SIDE - 1 }),
    top: SIDE * countSetting('tileY', tileY, 0, { max: canvas.height / SIDE - 1 }),
  };
}

/** The name of a tile where nodes have no device to tell their displays apart, such as `tile 1,0 of 24x8`. */
export function tileName({ canvas, left, top }: Tile): string {
  return `tile ${left / SIDE},${top / SIDE} of ${canvas.width}x${canvas.height}`;
}

/** Whether a text is a `tileName`. */
export function isTileName(text: string): boolean {
  return /^tile \d,\d of \d+x\d+$/.test(text);
}

function readCanvas(value: unknown): Canvas {
  if (value === undefined || value === null || (typeof value === 'string' && value.trim() === '')) return MATRIX;
  const [, width, height] = /^\s*(\d{1,2})\s*[x×]\s*(\d{1,2})\s*$/i.exec(String(value)) ?? [];
  const canvas = { width: Number(width), height: Number(height) };
  if (isSameCanvas(canvas, MATRIX)) return MATRIX;
  if (isSide(canvas.width) && isSide(canvas.height)) return canvas;
  throw new CodedError('BAD_CANVAS', { value: shown(value) });
}

function isSide(pixels: number): boolean {
  return pixels >= SIDE && pixels <= LONGEST_SIDE && pixels % SIDE === 0;
}
