import { isUint8Array } from 'node:util/types';
import { CodedError, shown } from '../../coded-error';
import { parseColour, type Rgb } from './colour';
import { decodeFrame, FRAME_BYTES, PIXELS, type Picture, pixelAt, SIDE } from './frame';
import { DEFAULT_OPTIONS } from './options';
import { decodePng, isPng } from './png';

const RGB_BYTES = PIXELS * 3;

/** Whether a value has the shape of a picture: bytes, or an array of 64, of 192, or of 8 rows of 8. */
export function isPicture(value: unknown): value is Uint8Array | unknown[] {
  if (isUint8Array(value)) return true;
  if (!Array.isArray(value)) return false;
  return value.length === PIXELS || value.length === RGB_BYTES || isRows(value);
}

/**
 * Parses a picture: an array of 64 colours, of 8 rows of 8, or of 192 numbers; or a Buffer of 192 bytes (RGB), of 128
 * bytes (RGB565, a frame), or with a PNG, which is drawn over `background`. Throws `BAD_PIXELS` or `BAD_PNG`.
 */
export function parsePicture(value: Uint8Array | unknown[], background: Rgb): Picture {
  return isUint8Array(value) ? fromBytes(value, background) : fromArray(value);
}

/** The 64 colours of a picture, in a form that `parsePicture` accepts. */
export function listColours(picture: Picture): Rgb[] {
  return Array.from({ length: PIXELS }, (_, at) => pixelAt(picture, at));
}

function isRows(entries: unknown[]): boolean {
  return entries.length === SIDE && entries.every((row) => Array.isArray(row) && row.length === SIDE);
}

function fromBytes(bytes: Uint8Array, background: Rgb): Picture {
  if (isPng(bytes)) return decodePng(bytes, background);
  if (bytes.length === FRAME_BYTES) return decodeFrame(bytes, DEFAULT_OPTIONS);
  if (bytes.length === RGB_BYTES) return Uint8Array.from(bytes);
  throw new CodedError('BAD_PIXELS-bytes', { bytes: bytes.length });
}

function fromArray(entries: unknown[]): Picture {
  if (entries.length === RGB_BYTES && entries.every((entry) => typeof entry === 'number')) return fromNumbers(entries);
  const pixels = isRows(entries) ? entries.flat() : Array.from(entries);
  if (pixels.length !== PIXELS) throw new CodedError('BAD_PIXELS', { pixels: pixels.length });
  const picture = new Uint8Array(RGB_BYTES);
  pixels.forEach((pixel, index) => {
    picture.set(pixelColour(pixel, index), 3 * index);
  });
  return picture;
}

function fromNumbers(numbers: number[]): Picture {
  const wrong = numbers.findIndex((number) => !Number.isInteger(number) || number < 0 || number > 255);
  if (wrong >= 0) throw new CodedError('BAD_PIXELS-number', { index: wrong, value: shown(numbers[wrong]) });
  return Uint8Array.from(numbers);
}

function pixelColour(pixel: unknown, index: number): Rgb {
  try {
    return parseColour(pixel);
  } catch {
    throw new CodedError('BAD_PIXELS-color', { index, value: shown(pixel) });
  }
}
