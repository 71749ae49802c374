import type { Steps } from '../../steps';
import { decodePng } from '../png/decode';
import type { Canvas, Picture } from './canvas';
import { areaOf } from './canvas';
import { blend, type Rgb } from './colour';

/** Draws a PNG scaled to a canvas; translucent pixels are blended with `background`. Throws `BAD_PNG`. */
export function* drawPng(bytes: Uint8Array, background: Rgb, canvas: Canvas): Steps<Picture> {
  const scaled = yield* decodePng(bytes, canvas);
  const picture = new Uint8Array(3 * areaOf(canvas));
  for (let at = 0; 3 * at < picture.length; at++) picture.set(blend(scaled.pixelAt(at), background), 3 * at);
  return picture;
}
