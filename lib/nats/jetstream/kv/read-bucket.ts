import { CodedError } from '../../../coded-error';
import type { Connection } from '../../connection/connection';
import { prefixOf } from './bucket-config';
import { type BucketReading, consumeBucket } from './bucket-consumption';
import type { KvEntry } from './entry';

/** Errors that pass by themselves. */
const PASSING = ['NOT_CONNECTED', 'CONNECTION_LOST', 'TIMEOUT', 'NO_CONSUMER', 'SERVER'];

/**
 * Reads what a bucket has now; `onEntry` receives it in order. Rejects with `NOT_CONNECTED`, `NO_BUCKET`, an error of
 * the consumer, or with `TIMEOUT` when nothing has come for that time.
 */
export async function readBucket(
  connection: Connection,
  { timeoutMs, ...reading }: BucketReading & { timeoutMs: number },
  onEntry: (entry: KvEntry) => void,
): Promise<void> {
  if (connection.state.name !== 'connected') throw new CodedError('NOT_CONNECTED');
  let trouble: CodedError | undefined;
  let hasEnded = false;
  let end: (error?: CodedError) => void = () => {};
  const ended = new Promise<CodedError | undefined>((resolve) => {
    end = (error) => {
      hasEnded = true;
      resolve(error);
    };
  });
  const subject = prefixOf(reading.bucket) + reading.filters.join();
  const silence = setTimeout(() => end(trouble ?? new CodedError('TIMEOUT', { subject, timeoutMs })), timeoutMs);
  const consumption = consumeBucket(connection, reading, {
    onEntry: (entry) => {
      if (hasEnded) return;
      silence.refresh();
      onEntry(entry);
    },
    onCaughtUp: () => end(),
    onTrouble: (error) => {
      trouble = error;
      if (error && !PASSING.includes(error.code)) end(error);
    },
  });
  const error = await ended;
  clearTimeout(silence);
  await consumption.close(true);
  if (error) throw error;
}
