import type { Rotation } from '../rotation';
import { areaOf, type Canvas, MATRIX, type Picture, SIDE, type Tile } from './canvas';
import type { Rgb } from './colour';
import { encodingOf, from565, type Look } from './light';
import { pixelLooksOf } from './pixel-looks';

/** A frame as the device has it: 64 pixels of RGB565, little-endian, row by row, 128 bytes. */
export type Frame = Buffer;
export const FRAME_BYTES = SIDE * SIDE * 2;

/** How a picture is projected onto the matrix: a tile is cut from it, flipped, then rotated. */
export interface Projection extends Look {
  /** What the matrix shows of the picture; all of it by default. */
  tile: Tile;
  /**
   * Degrees clockwise: 0, 90, 180 or 270.
   * @default 0
   */
  rotation: Rotation;
  /**
   * Whether left and right are exchanged.
   * @default false
   */
  flipH: boolean;
  /**
   * Whether top and bottom are exchanged.
   * @default false
   */
  flipV: boolean;
}

/** The index in a frame of the pixel in a row and a column of a picture, by rotation. */
const PLACE: Record<Rotation, (row: number, column: number) => number> = {
  0: (row, column) => SIDE * row + column,
  90: (row, column) => SIDE * column + (7 - row),
  180: (row, column) => SIDE * (7 - row) + (7 - column),
  270: (row, column) => SIDE * (7 - column) + row,
};

/** A picture of one colour. */
export function fill(colour: Rgb, canvas: Canvas = MATRIX): Picture {
  const picture = new Uint8Array(3 * areaOf(canvas));
  picture.set(colour);
  // What is filled so far is copied behind itself.
  for (let filled = 3; filled < picture.length; filled *= 2) picture.copyWithin(filled, 0, filled);
  return picture;
}

/** The colour of a pixel of a picture, by its index. */
export function pixelAt(picture: Picture, at: number): Rgb {
  const [red = 0, green = 0, blue = 0] = picture.subarray(3 * at, 3 * at + 3);
  return [red, green, blue];
}

/** Encodes a picture as a frame. */
export function encodeFrame(picture: Picture, projection: Projection): Frame {
  const frame = Buffer.alloc(FRAME_BYTES);
  const common = encodingOf(projection);
  const looks = pixelLooksOf(picture);
  forEachPixel(projection, (at, place) => {
    const look = looks.get(at);
    const { encode } = look ? encodingOf(look) : common;
    frame.writeUInt16LE(encode(pixelAt(picture, at)), 2 * place);
  });
  return frame;
}

/**
 * Decodes a frame as a picture at full brightness, black outside the tile: `encodeFrame` turns it back into the same
 * bytes, if this projection can produce them.
 */
export function decodeFrame(frame: Uint8Array, projection: Projection): Picture {
  const picture = new Uint8Array(3 * areaOf(projection.tile.canvas));
  decodeTile(frame, projection, picture);
  return picture;
}

/** Decodes a frame into the tile of a picture. */
export function decodeTile(frame: Uint8Array, projection: Projection, picture: Picture): void {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const { decode } = encodingOf(projection);
  forEachPixel(projection, (at, place) => {
    picture.set(decode(view.getUint16(2 * place, true)), 3 * at);
  });
}

/** Decodes RGB565, little-endian, row by row from the top left: the pixels of a picture of any size. */
export function decode565(bytes: Uint8Array): Picture {
  const picture = new Uint8Array((bytes.length / 2) * 3);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length / 2; at++) picture.set(from565(view.getUint16(2 * at, true)), 3 * at);
  return picture;
}

/** Visits each pixel with its index in the picture and its index in the frame. */
function forEachPixel(
  { tile, rotation, flipH, flipV }: Pick<Projection, 'tile' | 'rotation' | 'flipH' | 'flipV'>,
  visit: (at: number, place: number) => void,
): void {
  const { canvas, left, top } = tile;
  const place = PLACE[rotation];
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      const at = (top + (flipV ? 7 - row : row)) * canvas.width + left + (flipH ? 7 - column : column);
      visit(at, place(row, column));
    }
  }
}
