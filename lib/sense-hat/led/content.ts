import { isUint8Array } from 'node:util/types';
import { CodedError, shown } from '../../coded-error';
import { type Animation, still } from './animation';
import { BLACK } from './colour';
import { fill } from './frame';
import type { DisplayOptions } from './options';
import { isPicture, parsePicture } from './pixels';
import { drawText } from './text';

/**
 * Draws a payload without commands: a string, number or boolean as text; a picture (see `parsePicture`); an array of
 * pictures as an animation; `null` as all LEDs off. Throws `BAD_PAYLOAD`, `BAD_PIXELS` or `BAD_PNG`.
 */
export function drawContent(payload: unknown, options: DisplayOptions): Animation {
  if (payload === null) return still(fill(BLACK));
  if (typeof payload === 'string' || typeof payload === 'number' || typeof payload === 'boolean') {
    return drawText(String(payload), options);
  }
  if (isUint8Array(payload)) return still(parsePicture(payload, options.background));
  if (!Array.isArray(payload)) throw new CodedError('BAD_PAYLOAD', { value: shown(payload) });
  return isPicture(payload[0]) ? drawFrames(payload, options) : still(parsePicture(payload, options.background));
}

function drawFrames(frames: unknown[], options: DisplayOptions): Animation {
  // Unlike `map`, this does not skip the holes of an array.
  const pictures = Array.from(frames, (frame) => {
    if (isUint8Array(frame) || Array.isArray(frame)) return parsePicture(frame, options.background);
    throw new CodedError('BAD_PAYLOAD', { value: shown(frame) });
  });
  return {
    length: pictures.length,
    pictureAt: (index, shown) => pictures[index] ?? shown,
    periodMs: options.frameMs,
  };
}
