import { inflateSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { CodedError } from '../../coded-error';
import { blend, type Rgb } from './colour';
import { type Picture, SIDE } from './frame';

/** https://www.w3.org/TR/png-3/#5PNG-file-signature */
const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

/** The most pixels of a PNG. Decoding that many blocks the process for about 50 ms. */
const MAX_PIXELS = 1024 * 1024;

/** The most bytes they unpack to: four channels of two bytes, and a byte before each row. */
const MAX_UNPACKED = 9 * MAX_PIXELS;

/** The number of channels by colour type: https://www.w3.org/TR/png-3/#6Colour-values */
const CHANNELS: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

type Pass = [x: number, y: number, everyX: number, everyY: number];

/** The pixels of each pass of an interlaced PNG: https://www.w3.org/TR/png-3/#8InterlaceMethods */
const ADAM7: Pass[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];
const ALL_AT_ONCE: Pass[] = [[0, 0, 1, 1]];

export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.equals(bytes.subarray(0, SIGNATURE.length));
}

/** Decodes a PNG and scales it to 8x8; translucent pixels are blended with `background`. Throws `BAD_PNG`. */
export function decodePng(bytes: Uint8Array, background: Rgb): Picture {
  const image = readPng(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const picture = new Uint8Array(SIDE * SIDE * 3);
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      picture.set(blend(average(image, row, column), background), 3 * (SIDE * row + column));
    }
  }
  return picture;
}

function readPng(file: Buffer): PNG {
  // Every PNG has its width and height at the same offsets.
  const width = file.length < 24 ? 0 : file.readUInt32BE(16);
  const height = file.length < 24 ? 0 : file.readUInt32BE(20);
  if (width * height > MAX_PIXELS) throw new CodedError('BAD_PNG-size', { width, height, limit: MAX_PIXELS });
  try {
    checkUnpacked(file, width, height);
    return PNG.sync.read(file);
  } catch (cause) {
    throw new CodedError('BAD_PNG', { reason: (cause as Error).message }, { cause });
  }
}

/**
 * Throws if the pixel data of a file is shorter than its header promises, because the library reads beyond its end, or
 * longer than any allowed PNG, because the library unpacks all of it. Throws also if there is a second header.
 */
function checkUnpacked(file: Buffer, width: number, height: number): void {
  const packed: Buffer[] = [];
  for (let at = SIGNATURE.length; at + 8 <= file.length; ) {
    const end = at + 8 + file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    // The library uses the last header, not the first one, which is checked here.
    if (type === 'IHDR' && at > SIGNATURE.length) throw new Error('a header (IHDR) that is not the first chunk');
    if (type === 'IDAT') packed.push(file.subarray(at + 8, end));
    at = end + 4;
  }
  const { length } = inflateSync(Buffer.concat(packed), { maxOutputLength: MAX_UNPACKED });
  const bitsPerPixel = (file[24] ?? 0) * (CHANNELS[file[25] ?? 0] ?? 0);
  let needed = 0;
  for (const [x, y, everyX, everyY] of file[28] === 1 ? ADAM7 : ALL_AT_ONCE) {
    const columns = Math.ceil((width - x) / everyX);
    const rows = Math.ceil((height - y) / everyY);
    if (columns > 0) needed += Math.max(0, rows) * (1 + Math.ceil((columns * bitsPerPixel) / 8));
  }
  if (length < needed) throw new Error(`${length} bytes of pixels, expected ${needed}`);
}

/** The source rows or columns that one of the 8 covers, each with the share of it that is covered. */
function shares(index: number, size: number): [at: number, share: number][] {
  const from = (index * size) / SIDE;
  const to = ((index + 1) * size) / SIDE;
  const parts: [number, number][] = [];
  for (let at = Math.floor(from); at < to; at++) parts.push([at, Math.min(at + 1, to) - Math.max(at, from)]);
  return parts;
}

/** The mean colour of the area that becomes one pixel, weighted by opacity. */
function average({ width, height, data }: PNG, row: number, column: number): [number, number, number, number] {
  let red = 0;
  let green = 0;
  let blue = 0;
  let opacity = 0;
  let area = 0;
  for (const [y, rowShare] of shares(row, height)) {
    for (const [x, columnShare] of shares(column, width)) {
      const at = 4 * (y * width + x);
      const share = rowShare * columnShare;
      const alpha = (data.readUInt8(at + 3) / 255) * share;
      red += data.readUInt8(at) * alpha;
      green += data.readUInt8(at + 1) * alpha;
      blue += data.readUInt8(at + 2) * alpha;
      opacity += alpha;
      area += share;
    }
  }
  const mean = (sum: number) => (opacity > 0 ? sum / opacity : 0);
  return [mean(red), mean(green), mean(blue), opacity / area];
}
