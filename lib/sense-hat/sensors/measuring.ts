import { backoffMs } from '../../backoff';
import type { Kind } from './reading';

/** The shortest times between two measurements in milliseconds. The chips of the environment measure about 12 times a second. */
export const SHORTEST_MS: Readonly<Record<Kind, number>> = { environment: 100, motion: 20, colour: 100 };

/** When a kind that gave no values is measured again, if that is before its turn: a chip starts that fast. */
const FIRST_RETRY_MS = 200;

/** What to measure, and how often. */
interface MeasuringOptions {
  kinds: readonly Kind[];
  /** Between two measurements of a kind, in milliseconds; a kind that cannot be so fast is measured less often. */
  intervalMs: number;
  /**
   * Measures what is due, and resolves with the kinds that were measured; never called before the last call has ended.
   * Must not reject.
   */
  measure(kinds: ReadonlySet<Kind>): Promise<ReadonlySet<Kind>>;
}

/**
 * Measures at once, then at fixed distances from that moment, until the returned function is called. If a measurement
 * takes too long or the process is busy, some are skipped and none is shifted. A kind that gave no values is tried
 * again after 0.2 s, and then after twice as long each time, unless its turn comes first.
 */
export function measureRegularly({ kinds, intervalMs, measure }: MeasuringOptions): () => void {
  const startedAt = performance.now();
  const periods = kinds.map((kind) => ({
    kind,
    ms: Math.max(intervalMs, SHORTEST_MS[kind]),
    dueAt: startedAt,
    failures: 0,
  }));
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  const turn = async () => {
    const due = periods.filter(({ dueAt }) => dueAt <= performance.now());
    const measured = due.length > 0 ? await measure(new Set(due.map(({ kind }) => kind))) : new Set();
    if (isStopped) return;
    const now = performance.now();
    for (const period of due) {
      const { kind, ms } = period;
      period.dueAt = startedAt + (Math.floor((now - startedAt) / ms) + 1) * ms;
      // The quotient may be a little too small.
      if (period.dueAt <= now) period.dueAt += ms;
      period.failures = measured.has(kind) ? 0 : period.failures + 1;
      if (period.failures === 0) continue;
      const retryAt = now + backoffMs(period.failures - 1, { firstMs: FIRST_RETRY_MS, longestMs: ms });
      period.dueAt = Math.min(period.dueAt, retryAt);
    }
    const nextAt = Math.min(...periods.map(({ dueAt }) => dueAt));
    timer = setTimeout(turn, Math.max(1, Math.ceil(nextAt - now)));
  };
  timer = setTimeout(turn, 0);
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
