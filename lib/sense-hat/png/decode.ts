import { promisify } from 'node:util';
import { inflate, inflateSync, type ZlibOptions } from 'node:zlib';
import { CodedError } from '../../coded-error';
import { resultOf, type Steps } from '../../steps';
import { readColoursOf } from './colours';
import { readPngFile } from './file';
import { bytesOf, linesOf } from './lines';
import { Scaler, type Size } from './scale';

export { isPng } from './file';

/** Up to this many bytes are unpacked at once, in well under a millisecond; more are left to another thread. */
const UNPACKED_AT_ONCE = 64 * 1024;

/** How many bytes a file may have beyond its pixels. */
const SPARE = 64 * 1024;

const unpackApart = promisify<Buffer, ZlibOptions, Buffer>(inflate);

/**
 * Decodes a PNG with sides of up to 1,024 pixels, scaled to `size`: its lines one by one, so that no step takes long.
 * What follows the PNG in the file is ignored. Throws `BAD_PNG`.
 */
export function* decodePng(bytes: Uint8Array, size: Size): Steps<Scaler> {
  const file = yield* readPngFile(bytes);
  const unpacked = yield* unpack(Buffer.concat(file.packed), bytesOf(file.header));
  const readColours = readColoursOf(file);
  const scaler = new Scaler(file.header, size);
  for (const { pass, row, bytes } of linesOf(file.header, unpacked)) {
    scaler.add(pass.rowOf(row), readColours(bytes, pass.columns), pass.columnOf);
    yield;
  }
  return scaler;
}

/** Unpacks as many bytes as expected. Throws `BAD_PNG` if there are fewer, or far more: they would fill the memory. */
function* unpack(packed: Buffer, expected: number): Steps<Uint8Array> {
  // One chunk for all of it, so that nothing is copied.
  const options: ZlibOptions = { maxOutputLength: expected + SPARE, chunkSize: expected + 64 };
  let unpacked: Uint8Array;
  try {
    if (packed.length + expected <= UNPACKED_AT_ONCE) {
      unpacked = inflateSync(packed, options);
    } else {
      unpacked = yield* resultOf(unpackApart(packed, options));
    }
  } catch (cause) {
    const isTooLarge = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    if (isTooLarge)
      throw new CodedError('BAD_PNG-pixels', { bytes: `> ${options.maxOutputLength}`, expected }, { cause });
    throw new CodedError('BAD_PNG', { reason: (cause as Error).message }, { cause });
  }
  if (unpacked.length < expected) throw new CodedError('BAD_PNG-pixels', { bytes: unpacked.length, expected });
  return unpacked;
}
