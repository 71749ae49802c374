import { readFileSync } from 'node:fs';

/** Until it is stopped, the longest turn of the event loop in milliseconds, without the time that others had the processor. */
export function watchEventLoop(): { stop(): number } {
  let longestMs = 0;
  let isWatching = true;
  let last = performance.now() - queuedMs();
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
      return longestMs;
    },
  };
}

/** How long this process has waited for a processor: https://docs.kernel.org/scheduler/sched-stats.html; 0 if not on Linux. */
function queuedMs(): number {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}
