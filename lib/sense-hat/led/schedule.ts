import type { Sequence } from './animation';

/** The round of a sequence that is on at a time: its index from 0, and when it began or begins. */
interface Round {
  index: number;
  beganAt: number;
}

/**
 * The round that is on if the first one began at `startsAt`, but not one before `next`. Once the sequence is over, it
 * is the last one. All times are in milliseconds on one clock.
 */
export function roundAt({ scenes, repeat }: Sequence, startsAt: number, now: number, next = 0): Round {
  const roundMs = scenes.reduce((sum, { animation }) => sum + animation.length * animation.periodMs, 0);
  const passed = roundMs > 0 ? Math.floor((now - startsAt) / roundMs) : 0;
  const last = repeat === 0 ? Number.POSITIVE_INFINITY : repeat - 1;
  const index = Math.min(Math.max(passed, next), last);
  return { index, beganAt: startsAt + index * roundMs };
}
