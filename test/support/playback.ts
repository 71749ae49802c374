import { CodedError } from '../../lib/coded-error';
import type { Animation, Sequence } from '../../lib/sense-hat/led/animation';
import type { Display } from '../../lib/sense-hat/led/display';
import { encodeFrame, type Frame, fill } from '../../lib/sense-hat/led/frame';
import { DEFAULT_OPTIONS } from '../../lib/sense-hat/led/options';
import type { Playback } from '../../lib/sense-hat/led/playback';

/** A playback and its outcome: `shown`, or the code or message of its error. */
export interface WatchedPlayback {
  playback: Playback;
  /** Each reported outcome; there should be one. */
  outcomes: string[];
  ended: Promise<string>;
}

export interface WatchedOptions extends Partial<Omit<Playback, 'sequence' | 'look' | 'change' | 'outcome'>> {
  repeat?: number;
  onEnd?(): void;
}

function sequenceOf(animations: Animation[], repeat = 1): Sequence {
  const label = { kind: 'animation' } as const;
  return { label, scenes: animations.map((animation) => ({ animation, projection: DEFAULT_OPTIONS })), repeat };
}

/** A playback of some animations, one after another, that records its outcome. */
export function watchPlayback(
  animations: Animation | Animation[],
  { busy = 'queue', whenMissing = 'fail', owner = {}, bytes = 0, repeat = 1, startsAt, onEnd }: WatchedOptions = {},
): WatchedPlayback {
  const outcomes: string[] = [];
  let settle: (outcome: string) => void;
  const ended = new Promise<string>((resolve) => {
    settle = resolve;
  });
  const outcome = (error?: unknown) => {
    const text = error === undefined ? 'shown' : error instanceof CodedError ? error.code : (error as Error).message;
    outcomes.push(text);
    settle(text);
    onEnd?.();
  };
  const sequence = sequenceOf([animations].flat(), repeat);
  return { playback: { sequence, busy, whenMissing, startsAt, owner, bytes, outcome }, outcomes, ended };
}

/** Plays an animation on a display. */
export function show(display: Display, animation: Animation, options?: WatchedOptions): WatchedPlayback {
  const watched = watchPlayback(animation, options);
  display.play(watched.playback);
  return watched;
}

/** Pictures that grow redder, 10 ms each. */
export function reddening(length: number): Animation {
  return { length, periodMs: 10, pictureAt: (index) => fill([8 * (index + 1), 0, 0]) };
}

/** The frame of a picture in one shade of red. */
export function redFrame(red: number): Frame {
  return encodeFrame(fill([red, 0, 0]), DEFAULT_OPTIONS);
}
