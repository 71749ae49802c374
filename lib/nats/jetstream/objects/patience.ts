import { setTimeout as delay } from 'node:timers/promises';
import { CodedError } from '../../../coded-error';
import { retryWaitMs } from '../../core/retry-wait';

/** Errors of requests that come with an outage or with an election, and go with it. */
const PASSING = ['NOT_CONNECTED', 'CONNECTION_LOST', 'TIMEOUT', 'NO_JETSTREAM', 'NO_RESPONDERS', 'UNCONFIRMED'];

/** How long an outage may last, in milliseconds. */
const PATIENCE_MS = 60_000;

/** Whether a request that failed with this error may succeed later. */
export function isPassing(error: unknown): boolean {
  return error instanceof CodedError && PASSING.includes(error.code) && error.text !== 'NO_JETSTREAM-account';
}

/** Asks again and again while an outage lasts, but no longer than a minute. `signal` ends the wait. */
export async function patiently<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const endAt = performance.now() + PATIENCE_MS;
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (!isPassing(error) || signal.aborted || performance.now() > endAt) throw error;
    }
    await delay(retryWaitMs(attempt), undefined, { signal }).catch(() => {});
    if (signal.aborted) throw new CodedError('CLOSED');
  }
}
