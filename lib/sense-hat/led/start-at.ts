import { numberSetting } from '../../setting';

/** The end of the year 9999, in milliseconds since 1970: microseconds given by mistake are later. */
const LATEST = Date.UTC(10_000, 0) - 1;

/**
 * When a message begins, on the clock of `performance.now()`, which nobody can set; `undefined`: when its turn comes.
 * `value` is in milliseconds since 1970, by the wall clock as it is set now. Throws `BAD_NUMBER`.
 */
export function startTime(value: unknown): number | undefined {
  const startAt = numberSetting('startAt', value, Number.NaN, { max: LATEST });
  return Number.isNaN(startAt) ? undefined : startAt - Date.now() + performance.now();
}
