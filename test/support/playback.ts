import { CodedError } from '../../lib/coded-error';
import type { Animation } from '../../lib/sense-hat/animation';
import type { Frame, Picture } from '../../lib/sense-hat/frame';
import type { Busy, Playback } from '../../lib/sense-hat/player';

/** A playback, and how it ended: `shown`, or the code or message of its error. */
export interface WatchedPlayback {
  playback: Playback;
  /** How it ended, each time that it was told; once is right. */
  outcomes: string[];
  ended: Promise<string>;
}

export interface WatchedOptions {
  busy?: Busy;
  encode?(picture: Picture): Frame;
  onEnd?(): void;
}

/** A playback that notes how it ends. */
export function watchPlayback(
  animation: Animation,
  { busy = 'queue', encode = Buffer.from, onEnd }: WatchedOptions = {},
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
  return { playback: { animation, busy, encode: (picture) => encode(picture), outcome }, outcomes, ended };
}
