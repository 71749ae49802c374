import type { CodedError } from '../../../coded-error';
import type { Connection } from '../../connection/connection';
import type { Start } from '../consuming/consumer';
import { Consumption, NOT_ACKNOWLEDGED } from '../consuming/consumption';
import type { Stream } from '../stream';
import { prefixOf } from './bucket-config';
import { bucketError } from './bucket-stream';
import { deliveredEntry, type KvEntry } from './entry';

/** The part of a bucket to read. */
export interface BucketReading {
  bucket: string;
  stream: Stream;
  /** Which keys; checked. */
  filters: string[];
  start: Start;
  /** Whether the entries come without their values. */
  headersOnly: boolean;
}

/** Receives what is read. */
export interface BucketReader {
  onEntry(entry: KvEntry): void;
  /** All that was there at the beginning has been read. Called once. */
  onCaughtUp(): void;
  /** All is read again, because the bucket is another one or has lost values; then, with `isOver`, it has been. */
  onAgain?(isOver: boolean): void;
  /** Why nothing is read, or `undefined` once it is. */
  onTrouble(error: CodedError | undefined): void;
}

/** The number of entries asked for at once. With values of 1 MiB, the usual limit, they fit into 64 MiB. */
const AT_ONCE = 64;

/** Reads a bucket in order, over all connections until it is closed. */
export function consumeBucket(connection: Connection, reading: BucketReading, reader: BucketReader): Consumption {
  const { bucket, stream, filters, start, headersOnly } = reading;
  const prefix = prefixOf(bucket);
  return new Consumption(
    connection,
    {
      ...{ stream, start, headersOnly, ack: 'none', atOnce: AT_ONCE, mayTakeMs: 0, giveUpAfter: 0 },
      subjects: filters.map((filter) => prefix + filter),
    },
    {
      onMessage: (msg, _ack, delivery) => reader.onEntry(deliveredEntry(msg, delivery, prefix.length)),
      onCaughtUp: () => reader.onCaughtUp(),
      onAgain: (isOver) => reader.onAgain?.(isOver),
      onTrouble: (error) => reader.onTrouble(error && (bucketError(bucket, error) as CodedError)),
      ...NOT_ACKNOWLEDGED,
    },
  );
}
