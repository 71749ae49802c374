import type { Picture, Projection } from './frame';

/** A series of pictures. A still picture is an animation of length 1. */
export interface Animation {
  /** The number of pictures, 1 or more. */
  length: number;
  /**
   * Draws the picture at an index from 0, only when it is due, so that a long text takes no memory. `shown` is the
   * picture before it, which commands such as single pixels change in part.
   */
  pictureAt(index: number, shown: Picture): Picture;
  /** How long each picture is shown, the last one included; 0: the animation ends at once and its picture stays. */
  periodMs: number;
  /** The picture for single pixels to change if they interrupt the animation; by default the one that is shown. */
  ground?: Picture;
}

/** An animation and how it is projected onto the matrix. */
export interface Scene {
  animation: Animation;
  projection: Projection;
}

/** What people read of a sequence: its text, or else its kind. */
export type Label = { kind: 'text'; text: string } | { kind: 'picture' | 'animation' | 'commands' };

/** All that one message shows. */
export interface Sequence {
  label: Label;
  /** Shown one after another. */
  scenes: Scene[];
  /** How often all scenes are shown; 0: until the next message. */
  repeat: number;
}

/** An animation of one picture. */
export function still(picture: Picture, periodMs = 0): Animation {
  return { length: 1, pictureAt: () => picture, periodMs };
}

/** An animation that shows its pictures several times. */
export function repeated(animation: Animation, times: number): Animation {
  const { length, pictureAt } = animation;
  return { ...animation, length: length * times, pictureAt: (index, shown) => pictureAt(index % length, shown) };
}
