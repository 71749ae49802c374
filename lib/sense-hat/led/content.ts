import { isUint8Array } from 'node:util/types';
import { CodedError, shown } from '../../coded-error';
import type { Steps } from '../../steps';
import { type Animation, paced, still } from './animation';
import type { Picture } from './canvas';
import { BLACK } from './colour';
import { fill } from './frame';
import { isImageText } from './image-text';
import type { DisplayOptions } from './options';
import { isPicture, parsePicture } from './pixels';
import { drawText } from './text';

/**
 * Draws a payload without commands: a string, number or boolean as text; a picture (see `parsePicture`); an array of
 * pictures as an animation; `null` as all LEDs off. Throws `BAD_PAYLOAD`, `BAD_PIXELS` or `BAD_PNG`.
 */
export function* drawContent(payload: unknown, options: DisplayOptions): Steps<Animation> {
  const { background, tile } = options;
  if (payload === null) return still(fill(BLACK, tile.canvas));
  if (isUint8Array(payload) || isImageText(payload)) {
    return still(yield* parsePicture(payload, background, tile.canvas));
  }
  if (typeof payload === 'string' || typeof payload === 'number' || typeof payload === 'boolean') {
    return drawText(String(payload), options);
  }
  if (!Array.isArray(payload)) throw new CodedError('BAD_PAYLOAD', { value: shown(payload) });
  return isPicture(payload[0], tile.canvas)
    ? yield* drawFrames(payload, options)
    : still(yield* parsePicture(payload, background, tile.canvas));
}

function* drawFrames(frames: unknown[], { background, tile, frameMs }: DisplayOptions): Steps<Animation> {
  const pictures: Picture[] = [];
  // A copy, because a flow may change the array before its last frame is drawn.
  for (const frame of frames.slice()) {
    const isFrame = isUint8Array(frame) || Array.isArray(frame) || isImageText(frame);
    if (!isFrame) throw new CodedError('BAD_PAYLOAD', { value: shown(frame) });
    pictures.push(yield* parsePicture(frame, background, tile.canvas));
    yield;
  }
  return paced({
    length: pictures.length,
    pictureAt: (index, shown) => pictures[index] ?? shown,
    periodMs: frameMs,
    bytes: pictures.reduce((sum, picture) => sum + picture.length, 0),
  });
}
