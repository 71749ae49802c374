import { backoffMs } from '../../backoff';

/** The delay before retrying what a server has refused: 0.25 s to 8 s, less up to half at random. */
export function retryWaitMs(attempt: number): number {
  return backoffMs(attempt, { firstMs: 250, longestMs: 8000, jitter: 0.5 });
}
