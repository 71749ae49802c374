const FIRST_MS = 250;
const LONGEST_MS = 8000;

/** Doubles from 0.25 s to 8 s, less up to half of it at random, so that many clients do not ask in step. */
export function retryWaitMs(attempt: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt) * (1 - Math.random() / 2);
}
