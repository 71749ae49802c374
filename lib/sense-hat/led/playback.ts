import type { Sequence } from './animation';
import type { Projection } from './frame';

/** What to do with a sequence that arrives while another one plays. */
export const BUSY = ['queue', 'replace', 'drop'] as const;
type Busy = (typeof BUSY)[number];

/** What to do with a sequence while the screen fails: end it with an error, or start it once the screen works again. */
export const WHEN_MISSING = ['fail', 'wait'] as const;
type WhenMissing = (typeof WHEN_MISSING)[number];

/** A sequence to play. */
export interface Playback {
  sequence: Sequence;
  busy: Busy;
  whenMissing: WhenMissing;
  /** The projection that another program's picture is assumed to have; by default that of the scene that changes it. */
  look?: Projection;
  /**
   * When it begins, on the clock of `performance.now()`: its pictures are due from then on, and those that are missed
   * are skipped; by default when its turn comes. One that replaces others does so at this time.
   */
  startsAt?: number | undefined;
  /** What has been changed since in the projections of its scenes. */
  change?: Partial<Projection>;
  /** Whose playback it is, for `withdraw`. */
  owner: object;
  /** How many bytes of memory it takes while it waits. */
  bytes: number;
  /** Called once: without an error when the sequence has been shown in full, else with `REPLACED`, `BUSY`, ... */
  outcome(error?: unknown): void;
}

/** Whether a playback has a start time that is still to come. */
export function isToCome({ startsAt }: Playback, now: number): boolean {
  return startsAt !== undefined && startsAt > now;
}
