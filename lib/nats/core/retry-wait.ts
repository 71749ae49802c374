import { backoffMs } from '../../backoff';

/** How long to wait before a server is asked again what it has refused: 0.25 s to 8 s, less up to half at random. */
export function retryWaitMs(attempt: number): number {
  return backoffMs(attempt, { firstMs: 250, longestMs: 8000, jitter: 0.5 });
}
