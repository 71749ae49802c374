import { CodedError } from '../../lib/coded-error';
import type { Animation, Show } from '../../lib/sense-hat/animation';
import { DEFAULT_LOOK } from '../../lib/sense-hat/look';
import type { Playback } from '../../lib/sense-hat/player';

/** A playback, and how it ended: `shown`, or the code or message of its error. */
export interface WatchedPlayback {
  playback: Playback;
  /** How it ended, each time that it was told; once is right. */
  outcomes: string[];
  ended: Promise<string>;
}

export interface WatchedOptions extends Partial<Pick<Playback, 'busy' | 'whenMissing' | 'owner'>> {
  onEnd?(outcome: string): void;
}

/** A show of upright animations, one after another. */
export function showOf(animations: Animation[], repeat = 1): Show {
  return { scenes: animations.map((animation) => ({ animation, projection: DEFAULT_LOOK })), repeat };
}

/** A playback of a show, or of one animation, that notes how it ends. */
export function watchPlayback(
  content: Show | Animation,
  { busy = 'queue', whenMissing = 'fail', owner = {}, onEnd }: WatchedOptions = {},
): WatchedPlayback {
  const show = 'scenes' in content ? content : showOf([content]);
  const outcomes: string[] = [];
  let settle: (outcome: string) => void;
  const ended = new Promise<string>((resolve) => {
    settle = resolve;
  });
  const outcome = (error?: unknown) => {
    const text = error === undefined ? 'shown' : error instanceof CodedError ? error.code : (error as Error).message;
    outcomes.push(text);
    settle(text);
    onEnd?.(text);
  };
  return { playback: { show, busy, whenMissing, owner, outcome }, outcomes, ended };
}
