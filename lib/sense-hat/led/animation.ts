import type { Picture, Projection } from './frame';

/** Pictures in time. A standing picture is one of length 1. */
export interface Animation {
  /** How many pictures, 1 or more. */
  length: number;
  /**
   * The picture at an index from 0; drawn when it is due, so that a long text takes no memory. `shown` is the picture
   * before it, of which single pixels leave the rest as it is.
   */
  pictureAt(index: number, shown: Picture): Picture;
  /** How long each picture is shown, the last one too; 0: done at once, the picture stays. */
  periodMs: number;
  /** What single pixels are set on if they cut it off in the middle; by default the picture it had come to. */
  ground?: Picture;
}

/** An animation as it gets onto the matrix. */
export interface Scene {
  animation: Animation;
  projection: Projection;
}

/** What a show is, for people: a text as it is, all else by its kind. */
export type Label = { kind: 'text'; text: string } | { kind: 'picture' | 'animation' | 'commands' };

/** What one message shows. */
export interface Sequence {
  label: Label;
  /** One after another. */
  scenes: Scene[];
  /** How often all of them; 0: until another message takes their place. */
  repeat: number;
}

/** An animation of one picture. */
export function still(picture: Picture, periodMs = 0): Animation {
  return { length: 1, pictureAt: () => picture, periodMs };
}

/** An animation that is shown so many times. */
export function repeated(animation: Animation, times: number): Animation {
  const { length, pictureAt } = animation;
  return { ...animation, length: length * times, pictureAt: (index, shown) => pictureAt(index % length, shown) };
}
