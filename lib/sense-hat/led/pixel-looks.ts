import type { Picture } from './canvas';
import { type Look, lookOf } from './light';

/** The looks of single pixels, by their index in the picture. */
export type PixelLooks = ReadonlyMap<number, Look>;

const NONE: PixelLooks = new Map();
const looks = new WeakMap<Picture, PixelLooks>();

/** The looks of the pixels of a picture that have one of their own. The others have that of the whole picture. */
export function pixelLooksOf(picture: Picture): PixelLooks {
  return looks.get(picture) ?? NONE;
}

/** Gives pixels of a new picture looks of their own, and returns it. */
export function withPixelLooks(picture: Picture, own: PixelLooks): Picture {
  if (own.size > 0) looks.set(picture, own);
  return picture;
}

/** A picture in which the looks that pixels have of their own are changed in part. */
export function relit(picture: Picture, change: Partial<Look>): Picture {
  const own = pixelLooksOf(picture);
  if (own.size === 0) return picture;
  const changed = new Map([...own].map(([at, look]) => [at, { ...lookOf(look), ...change }]));
  return withPixelLooks(Uint8Array.from(picture), changed);
}
