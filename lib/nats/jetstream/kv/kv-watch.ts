import type { CodedError } from '../../../coded-error';
import type { Connection } from '../../connection/connection';
import type { Start } from '../consuming/consumer';
import type { Consumption } from '../consuming/consumption';
import { jetStreamOf } from '../jetstream';
import { consumeBucket } from './bucket-consumption';
import { BucketStream } from './bucket-stream';
import type { KvEntry } from './entry';

/** What a watch tells first: only what changes from now on, or before that the values, or all that has been kept. */
export const WATCH_START = ['changes', 'values', 'history'] as const;

const STARTS: Record<(typeof WATCH_START)[number], Start> = { changes: 'new', values: 'last', history: 'all' };

/** A watch as a user describes it. */
export interface KvWatchSettings {
  /** Checked by `checkBucketName`. */
  bucket: string;
  /** The domain of its JetStream; empty or missing: the server's own. */
  domain?: string;
  /** Which keys, each checked by `checkKeyFilter`. Several need a server of version 2.10 or later. */
  keys: string[];
  start: (typeof WATCH_START)[number];
}

/** Receives what a watch finds. */
export interface KvWatchUser {
  /** A change, or with `initial` a value that was there when the watch began. */
  onEntry(entry: KvEntry, initial: boolean): void;
  /** All that was there has been told. Called once. */
  onValues(): void;
  /**
   * All that is there is told again, as changes, because the bucket is another one or has lost values; then, with
   * `isOver`, it has been.
   */
  onAgain?(isOver: boolean): void;
  /** Why nothing is told, such as `NO_BUCKET`, or `undefined` once the watch works. */
  onTrouble(error: CodedError | undefined): void;
}

/**
 * Tells what happens in a bucket, over all connections until it is closed: after an outage it goes on after the last
 * entry that it has told. It waits for a missing bucket, whose values are all changes then.
 */
export class KvWatch {
  private readonly stream: BucketStream;
  private readonly consumption: Consumption;
  /** The last revision that was there when the watch began, once it is known. */
  private lastInitial: number | undefined;
  private isInitial: boolean;
  private hasToldValues = false;

  constructor(
    connection: Connection,
    private readonly settings: KvWatchSettings,
    private readonly user: KvWatchUser,
  ) {
    const { bucket, domain, keys, start } = settings;
    this.isInitial = start !== 'changes';
    this.stream = new BucketStream(bucket, jetStreamOf(connection).api(domain));
    this.consumption = consumeBucket(
      connection,
      { bucket, stream: this.stream, filters: keys, start: STARTS[start], headersOnly: false },
      {
        onEntry: (entry) => this.onEntry(entry),
        onCaughtUp: () => this.onCaughtUp(),
        onAgain: (isOver) => user.onAgain?.(isOver),
        onTrouble: (error) => user.onTrouble(error),
      },
    );
  }

  /** Ends the watch, and its consumer on the server. */
  close(): Promise<void> {
    return this.consumption.close(true);
  }

  private onEntry(entry: KvEntry): void {
    // As of just before the consumer was made; unknown if the user may not see the stream.
    this.lastInitial ??= this.stream.info?.state.last_seq ?? Number.POSITIVE_INFINITY;
    if (!this.isInitial || entry.revision > this.lastInitial) this.onCaughtUp();
    // A key that was deleted before has no value.
    if (this.isInitial && this.settings.start === 'values' && entry.operation !== 'put') return;
    this.user.onEntry(entry, this.isInitial);
  }

  private onCaughtUp(): void {
    this.isInitial = false;
    if (this.hasToldValues) return;
    this.hasToldValues = true;
    this.user.onValues();
  }
}
