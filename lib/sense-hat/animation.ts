import type { Picture } from './frame';

/** Pictures in time. A standing picture is one of length 1. */
export interface Animation {
  /** How many pictures, 1 or more. */
  length: number;
  /** The picture at an index from 0; drawn when it is due, so that a long text takes no memory. */
  pictureAt(index: number): Picture;
  /** How long each picture is shown, the last one too; 0: done at once, the picture stays. */
  periodMs: number;
}

/** An animation of one picture. */
export function still(picture: Picture, periodMs = 0): Animation {
  return { length: 1, pictureAt: () => picture, periodMs };
}
