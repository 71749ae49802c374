import { readFileSync } from 'node:fs';

/** Durations in milliseconds, without the time in which the process waited for a processor. */
interface TurnTimes {
  longestMs: number;
  /** The sum of all turns. */
  allMs: number;
}

/** Keeps the process busy. */
export function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** Measures the turns of the event loop until it is stopped. */
export function watchEventLoop(): { stop(): TurnTimes } {
  let longestMs = 0;
  let isWatching = true;
  const startedAt = performance.now() - queuedMs();
  let last = startedAt;
  const beat = () => {
    const now = performance.now() - queuedMs();
    longestMs = Math.max(longestMs, now - last);
    last = now;
    if (isWatching) setImmediate(beat);
  };
  setImmediate(beat);
  return {
    stop: () => {
      isWatching = false;
      beat();
      return { longestMs, allMs: last - startedAt };
    },
  };
}

/** How long this process has waited for a processor, only on Linux: https://docs.kernel.org/scheduler/sched-stats.html */
function queuedMs(): number {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}
