import { CodedError } from '../../lib/coded-error';
import type { Animation, Show } from '../../lib/sense-hat/led/animation';
import { DEFAULT_LOOK } from '../../lib/sense-hat/led/look';
import type { Playback } from '../../lib/sense-hat/led/player';

/** A playback, and how it ended: `shown`, or the code or message of its error. */
export interface WatchedPlayback {
  playback: Playback;
  /** How it ended, each time that it was told; once is right. */
  outcomes: string[];
  ended: Promise<string>;
}

export interface WatchedOptions extends Partial<Pick<Playback, 'busy' | 'whenMissing' | 'owner'>> {
  repeat?: number;
  onEnd?(): void;
}

/** Animations as one show. */
function showOf(animations: Animation[], repeat = 1): Show {
  const title = { kind: 'animation' } as const;
  return { title, scenes: animations.map((animation) => ({ animation, projection: DEFAULT_LOOK })), repeat };
}

/** A playback of some animations, one after another, that notes how it ends. */
export function watchPlayback(
  animations: Animation | Animation[],
  { busy = 'queue', whenMissing = 'fail', owner = {}, repeat = 1, onEnd }: WatchedOptions = {},
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
  const show = showOf([animations].flat(), repeat);
  return { playback: { show, busy, whenMissing, owner, outcome }, outcomes, ended };
}
