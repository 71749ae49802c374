import { isUint8Array } from 'node:util/types';
import { CodedError, shown } from '../coded-error';
import { type Animation, still } from './animation';
import { BLACK, parseColour, type Rgb } from './colour';
import { decodeFrame, FRAME_BYTES, fill, PIXELS, type Picture, SIDE } from './frame';
import type { Look } from './look';
import { drawText } from './text';

const RGB_BYTES = PIXELS * 3;

/**
 * What a payload shows: a string, number or boolean as text; 64 pixels as an array of 64 colours, of 8 rows of 8,
 * of 192 numbers, or as a Buffer of 192 (RGB) or 128 bytes (RGB565 as the device takes it); `null` or
 * `{clear: true}` turns all LEDs off. Throws `BAD_PIXELS`, `BAD_COLOR` or `BAD_PAYLOAD`.
 */
export function drawPayload(payload: unknown, look: Look): Animation {
  if (typeof payload === 'string' || typeof payload === 'number' || typeof payload === 'boolean') {
    return drawText(String(payload), look.color, look.background, look.secondsPerColumn * 1000);
  }
  if (isClear(payload)) return still(fill(BLACK));
  if (isUint8Array(payload)) return still(fromBytes(payload));
  if (Array.isArray(payload)) return still(fromArray(payload));
  throw new CodedError('BAD_PAYLOAD', { value: shown(payload) });
}

function isClear(payload: unknown): boolean {
  return payload === null || (typeof payload === 'object' && (payload as { clear?: unknown }).clear === true);
}

function fromBytes(bytes: Uint8Array): Picture {
  if (bytes.length === FRAME_BYTES) return decodeFrame(bytes);
  if (bytes.length === RGB_BYTES) return Uint8Array.from(bytes);
  throw new CodedError('BAD_PIXELS-bytes', { bytes: bytes.length });
}

function fromArray(entries: unknown[]): Picture {
  if (entries.length === RGB_BYTES && entries.every((entry) => typeof entry === 'number')) return fromNumbers(entries);
  const isRows = entries.length === SIDE && entries.every((row) => Array.isArray(row) && row.length === SIDE);
  const pixels = isRows ? entries.flat() : Array.from(entries);
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
