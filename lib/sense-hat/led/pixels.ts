import { isUint8Array } from 'node:util/types';
import { CodedError, shown } from '../../coded-error';
import type { Steps } from '../../steps';
import { isPng } from '../png/file';
import { areaOf, type Canvas, MATRIX, type Picture } from './canvas';
import { parseColour, type Rgb } from './colour';
import { decode565, pixelAt } from './frame';
import { imageFormatOf } from './image-format';
import { imageBytes, isImageText } from './image-text';
import { drawPng } from './png';

/**
 * Whether a value has the shape of a picture of a canvas: bytes, a text that `isImageText`, or an array of its pixels, of
 * three numbers for each, or of its rows.
 */
export function isPicture(value: unknown, canvas: Canvas = MATRIX): value is Uint8Array | string | unknown[] {
  if (isUint8Array(value) || isImageText(value)) return true;
  if (!Array.isArray(value)) return false;
  const area = areaOf(canvas);
  return value.length === area || value.length === 3 * area || isRows(value, canvas);
}

/**
 * Parses a picture of a canvas: an array of W*H colours, of H rows of W, or of 3*W*H numbers; or a Buffer of 3*W*H bytes
 * (RGB), of 2*W*H bytes (RGB565), or with a PNG, also as a data URL or base64, which is scaled and drawn over
 * `background`. Throws `BAD_PIXELS` or `BAD_PNG`.
 */
export function* parsePicture(
  value: Uint8Array | string | unknown[],
  background: Rgb,
  canvas: Canvas = MATRIX,
): Steps<Picture> {
  if (Array.isArray(value)) return fromArray(value, canvas);
  return yield* fromBytes(typeof value === 'string' ? yield* imageBytes(value) : value, background, canvas);
}

/** The colours of a picture, in a form that `parsePicture` accepts. */
export function listColours(picture: Picture): Rgb[] {
  return Array.from({ length: picture.length / 3 }, (_, at) => pixelAt(picture, at));
}

function isRows(entries: unknown[], { width, height }: Canvas): boolean {
  // Unlike `every`, this does not skip the holes of an array.
  return entries.length === height && !Array.from(entries).some((row) => !Array.isArray(row) || row.length !== width);
}

function* fromBytes(bytes: Uint8Array, background: Rgb, canvas: Canvas): Steps<Picture> {
  if (isPng(bytes)) return yield* drawPng(bytes, background, canvas);
  const rgb565 = 2 * areaOf(canvas);
  const rgb = 3 * areaOf(canvas);
  if (bytes.length === rgb565) return decode565(bytes);
  if (bytes.length === rgb) return Uint8Array.from(bytes);
  const format = imageFormatOf(bytes);
  if (format) throw new CodedError('BAD_PIXELS-format', { format });
  throw new CodedError('BAD_PIXELS-bytes', { bytes: bytes.length, rgb565, rgb });
}

function fromArray(entries: unknown[], canvas: Canvas): Picture {
  const area = areaOf(canvas);
  if (entries.length === 3 * area && entries.every((entry) => typeof entry === 'number')) return fromNumbers(entries);
  const hasRows = isRows(entries, canvas);
  if (!hasRows && entries.length !== area) {
    throw new CodedError('BAD_PIXELS', { pixels: entries.length, expected: area });
  }
  // Unlike the array itself, neither has holes.
  const pixels = hasRows ? entries.flatMap((row) => Array.from(row as unknown[])) : Array.from(entries);
  const picture = new Uint8Array(3 * area);
  pixels.forEach((pixel, index) => {
    picture.set(pixelColour(pixel, index), 3 * index);
  });
  return picture;
}

function fromNumbers(numbers: number[]): Picture {
  const wrong = numbers.findIndex((number) => !Number.isInteger(number) || number < 0 || number > 255);
  if (wrong >= 0) {
    const values = { index: wrong, count: numbers.length, value: shown(numbers[wrong]) };
    throw new CodedError('BAD_PIXELS-number', values);
  }
  return Uint8Array.from(numbers);
}

function pixelColour(pixel: unknown, index: number): Rgb {
  try {
    return parseColour(pixel);
  } catch {
    throw new CodedError('BAD_PIXELS-color', { index, value: shown(pixel) });
  }
}
