/** The delays between retries. */
export interface Backoff {
  /** The delay before the first retry; each further one is twice as long. */
  firstMs: number;
  /** The longest delay. */
  longestMs: number;
  /** The largest random share, 0 to 1, by which a delay is shortened, so that many clients do not retry in step. */
  jitter?: number;
}

/** The delay before a retry, in milliseconds; `attempt` counts from 0. */
export function backoffMs(attempt: number, { firstMs, longestMs, jitter = 0 }: Backoff): number {
  return Math.min(longestMs, firstMs * 2 ** attempt) * (1 - jitter * Math.random());
}
