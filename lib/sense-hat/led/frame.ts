import type { Rotation } from '../rotation';
import type { Rgb } from './colour';

/** The matrix is 8 by 8. */
export const SIDE = 8;
export const PIXELS = SIDE * SIDE;

/** A picture as a flow has it: 64 pixels of three bytes (RGB), row by row from the top left. */
export type Picture = Uint8Array;

/** A frame as the device has it: 64 pixels of RGB565, little-endian, row by row, 128 bytes. */
export type Frame = Buffer;
export const FRAME_BYTES = PIXELS * 2;

/** How a picture is projected onto the matrix: it is flipped first, then rotated. */
export interface Projection {
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
  /**
   * Whether all is dimmed for a dark room, as `low_light` of python-sense-hat does.
   * @default false
   */
  lowLight: boolean;
  /**
   * In percent, from 0 to 100.
   * @default 100
   */
  brightness: number;
}

/** The index in a frame of the pixel in a row and a column of a picture, by rotation. */
const PLACE: Record<Rotation, (row: number, column: number) => number> = {
  0: (row, column) => SIDE * row + column,
  90: (row, column) => SIDE * column + (7 - row),
  180: (row, column) => SIDE * (7 - row) + (7 - column),
  270: (row, column) => SIDE * (7 - column) + row,
};

// The driver's gamma tables for a 5-bit channel, its default and its low-light one:
// https://github.com/raspberrypi/linux/blob/rpi-6.6.y/drivers/video/fbdev/rpisense-fb.c
const DEFAULT_GAMMA = [
  0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 17, 18, 20, 21, 23, 25, 27, 29, 31,
];
const LOW_GAMMA = [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 10, 10];

/** Node cannot switch the driver's table (an ioctl), so low light uses the value whose default gamma is nearest. */
const LOW_LIGHT = LOW_GAMMA.map((wanted) => {
  const distances = DEFAULT_GAMMA.map((gamma) => Math.abs(gamma - wanted));
  return distances.indexOf(Math.min(...distances));
});

/** The inverse of `LOW_LIGHT`: the brightest value that becomes no brighter than this one. */
const LOW_LIGHT_OF = LOW_GAMMA.map((_, low) => LOW_LIGHT.findLastIndex((value) => value <= low));

/** A picture of one colour. */
export function fill(colour: Rgb): Picture {
  const picture = new Uint8Array(PIXELS * 3);
  for (let at = 0; at < picture.length; at += 3) picture.set(colour, at);
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
  const encode = projection.lowLight ? lowLight565 : rgb565;
  const light = (part: number) => (part * projection.brightness) / 100;
  forEachPixel(projection, (at, place) => {
    const [red, green, blue] = pixelAt(picture, at);
    frame.writeUInt16LE(encode(light(red), light(green), light(blue)), 2 * place);
  });
  return frame;
}

/**
 * Decodes a frame as a picture at full brightness: `encodeFrame` turns it back into the same bytes, if this projection
 * can produce them.
 */
export function decodeFrame(frame: Uint8Array, projection: Projection): Picture {
  const picture = new Uint8Array(PIXELS * 3);
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const decode = projection.lowLight ? fromLowLight565 : from565;
  const { brightness } = projection;
  // Rounded up, so that dimming it again does not fall below the value that was read.
  const unlight = (part: number) => (brightness > 0 ? Math.min(Math.ceil((part * 100) / brightness), 255) : 0);
  forEachPixel(projection, (at, place) => {
    picture.set(decode(view.getUint16(2 * place, true)).map(unlight), 3 * at);
  });
  return picture;
}

/** Visits each pixel with its index in the picture and its index in the frame. */
function forEachPixel(
  { rotation, flipH, flipV }: Pick<Projection, 'rotation' | 'flipH' | 'flipV'>,
  visit: (at: number, place: number) => void,
): void {
  const place = PLACE[rotation];
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      visit(SIDE * (flipV ? 7 - row : row) + (flipH ? 7 - column : column), place(row, column));
    }
  }
}

function rgb565(red: number, green: number, blue: number): number {
  return ((red >> 3) << 11) | ((green >> 2) << 5) | (blue >> 3);
}

function from565(pixel: number): Rgb {
  const red = pixel >> 11;
  const green = (pixel >> 5) & 0x3f;
  const blue = pixel & 0x1f;
  return [(red << 3) | (red >> 2), (green << 2) | (green >> 4), (blue << 3) | (blue >> 2)];
}

function lowLight565(red: number, green: number, blue: number): number {
  const low = (channel: number) => LOW_LIGHT[channel >> 3] as number;
  return (low(red) << 11) | (low(green) << 6) | low(blue);
}

function fromLowLight565(pixel: number): Rgb {
  const unlow = (low: number) => {
    const channel = LOW_LIGHT_OF[low] as number;
    return (channel << 3) | (channel >> 2);
  };
  return [unlow(pixel >> 11), unlow((pixel >> 6) & 0x1f), unlow(pixel & 0x1f)];
}
