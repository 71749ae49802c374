import { deflateSync } from 'node:zlib';
import { type PackerOptions, PNG } from 'pngjs';
import { crc32 } from '../../lib/sense-hat/png/crc32';

/** Red, green, blue and opacity, 0 to 255 each. */
export type Pixel = [red: number, green: number, blue: number, alpha?: number];

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

/** A PNG with the pixels that a function returns. */
export function pngOf(
  width: number,
  height: number,
  pixelAt: (x: number, y: number) => Pixel,
  options?: PackerOptions,
): Buffer {
  const png = new PNG({ width, height });
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [red, green, blue, alpha = 255] = pixelAt(x, y);
      png.data.set([red, green, blue, alpha], 4 * (y * width + x));
    }
  }
  return PNG.sync.write(png, options);
}

/** A PNG of these chunks. */
export function fileOf(...chunks: Uint8Array[]): Buffer {
  return Buffer.concat([SIGNATURE, ...chunks]);
}

/** A chunk with the correct checksum. */
export function chunk(type: string, data: Uint8Array = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const bytes = Buffer.alloc(body.length + 8);
  bytes.writeUInt32BE(data.length, 0);
  body.copy(bytes, 4);
  bytes.writeUInt32BE(crc32(body), body.length + 4);
  return bytes;
}

/** A header chunk: by default 8x8 in RGBA of 8 bits. */
export function headerChunk({
  width = 8,
  height = 8,
  depth = 8,
  colourType = 6,
  compression = 0,
  filter = 0,
  interlace = 0,
} = {}): Buffer {
  const data = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, depth, colourType, compression, filter, interlace]);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  return chunk('IHDR', data);
}

/** A chunk with pixels: a byte for the filter of each line, and the line. */
export function pixelChunk(lines: Uint8Array): Buffer {
  return chunk('IDAT', deflateSync(lines));
}

export const END = chunk('IEND');
