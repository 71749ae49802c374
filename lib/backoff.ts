/** How long retries wait. */
export interface Backoff {
  /** Before the first retry; each wait after it is twice as long. */
  firstMs: number;
  /** No wait is longer. */
  longestMs: number;
  /** The largest share of a wait, 0 to 1, to leave out at random, so that many clients do not retry in step. */
  jitter?: number;
}

/** How long to wait before a retry; `attempt` counts from 0. */
export function backoffMs(attempt: number, { firstMs, longestMs, jitter = 0 }: Backoff): number {
  return Math.min(longestMs, firstMs * 2 ** attempt) * (1 - jitter * Math.random());
}
