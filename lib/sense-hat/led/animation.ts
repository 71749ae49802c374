import type { Picture } from './canvas';
import type { Projection } from './frame';
import type { Look } from './light';

/** A series of pictures. A still picture is an animation of length 1. */
export interface Animation {
  /** The number of pictures, 1 or more. */
  length: number;
  /**
   * Draws the picture at an index from 0, only when it is due, so that a long text takes no memory. `shown` is the
   * picture before it, which commands such as single pixels change in part. `look` is that of `shown`,
   * `ownLook` the one of the scene; they are the same by default.
   */
  pictureAt(index: number, shown: Picture, look?: Look, ownLook?: Look): Picture;
  /** Whether its pictures keep the look of the one that is shown, because they change only a part of that. */
  keepsLook?: boolean;
  /** How long each picture is shown, the last one included; 0: the animation ends at once and its picture stays. */
  periodMs: number;
  /** Whether a late picture delays the others, so that all are seen; else late ones are skipped. */
  isUnhurried?: boolean;
  /** The picture that single pixels change if they interrupt the animation; by default the one that is shown. */
  ground?: Picture;
  /** How many bytes its stored pictures take; hardly any by default. */
  bytes?: number;
}

/** An animation and how it is projected onto the matrix. */
export interface Scene {
  animation: Animation;
  projection: Projection;
}

/** How people recognize a sequence: by its text, or else its kind. */
export type Label = { kind: 'text'; text: string } | { kind: 'picture' | 'animation' | 'commands' };

/** Everything that one message shows. */
export interface Sequence {
  label: Label;
  /** Shown one after another. */
  scenes: Scene[];
  /** How often all scenes are shown; 0: until the next message. */
  repeat: number;
}

/**
 * The shortest period at which a HAT shows every picture. Its driver sends a frame 10 ms after it was written, and that
 * takes 17.5 ms: 194 bytes of 9 bits at 100 kHz, the default of the bus. Faster ones replace each other before they are
 * sent: https://github.com/raspberrypi/linux/blob/rpi-6.6.y/drivers/video/fbdev/rpisense-fb.c
 */
const FASTEST_PERIOD_MS = 20;

/** Makes an animation with a period of 0 as fast as a HAT shows every picture. A still picture stays as it is. */
export function paced(animation: Animation): Animation {
  if (animation.periodMs > 0 || animation.length === 1) return animation;
  return { ...animation, periodMs: FASTEST_PERIOD_MS, isUnhurried: true };
}

/** How many bytes the pictures of a sequence take. */
export function bytesOf({ scenes }: Sequence): number {
  return scenes.reduce((sum, { animation }) => sum + (animation.bytes ?? 0), 0);
}

/** An animation of one picture. */
export function still(picture: Picture, periodMs = 0): Animation {
  return { length: 1, pictureAt: () => picture, periodMs, bytes: picture.length };
}

/** An animation that shows its pictures several times. */
export function repeated(animation: Animation, times: number): Animation {
  const { length, pictureAt } = animation;
  return { ...animation, length: length * times, pictureAt: (index, ...shown) => pictureAt(index % length, ...shown) };
}
