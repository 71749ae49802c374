import { isUint8Array } from 'node:util/types';
import { CodedError, shown } from '../../coded-error';
import { type Animation, still } from './animation';
import { BLACK } from './colour';
import { fill } from './frame';
import type { Look } from './look';
import { isPicture, parsePicture } from './pixels';
import { drawText } from './text';

/**
 * What a payload shows that is no command: a string, number or boolean as text; a picture (see `parsePicture`); an
 * array of pictures as an animation; `null` for all LEDs off. Throws `BAD_PAYLOAD`, `BAD_PIXELS` or `BAD_PNG`.
 */
export function drawContent(payload: unknown, look: Look): Animation {
  if (payload === null) return still(fill(BLACK));
  if (typeof payload === 'string' || typeof payload === 'number' || typeof payload === 'boolean') {
    return drawText(String(payload), look);
  }
  if (isUint8Array(payload)) return still(parsePicture(payload, look.background));
  if (!Array.isArray(payload)) throw new CodedError('BAD_PAYLOAD', { value: shown(payload) });
  return isPicture(payload[0]) ? drawFrames(payload, look) : still(parsePicture(payload, look.background));
}

function drawFrames(frames: unknown[], look: Look): Animation {
  // A hole in the array becomes visible.
  const pictures = Array.from(frames, (frame) => {
    if (isUint8Array(frame) || Array.isArray(frame)) return parsePicture(frame, look.background);
    throw new CodedError('BAD_PAYLOAD', { value: shown(frame) });
  });
  return {
    length: pictures.length,
    pictureAt: (index, shown) => pictures[index] ?? shown,
    periodMs: look.frameMs,
  };
}
