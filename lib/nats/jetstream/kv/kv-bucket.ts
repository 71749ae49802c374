import { setTimeout as delay } from 'node:timers/promises';
import { Empty, nuid } from 'nats';
import { CodedError, shown } from '../../../coded-error';
import { writeHeaders } from '../../client/headers';
import type { Connection } from '../../connection/connection';
import type { JetStreamApi } from '../api';
import { jetStreamOf } from '../jetstream';
import { findLastMessage } from '../last-message';
import type { Expectation } from '../stored-publishing';
import type { StreamState } from '../stream';
import { DEFAULT_FORM, type KvSettings, prefixOf } from './bucket-config';
import type { BucketReading } from './bucket-consumption';
import { BucketStream, bucketError } from './bucket-stream';
import { type KvEntry, lastEntry, OPERATION_HEADER } from './entry';
import { checkKey, checkKeyFilter, checkRevision } from './key';
import { readBucket } from './read-bucket';

/** The user of a bucket. */
export interface KvBucketUser {
  /** The owner of the messages that are held while disconnected; see `Connection.withdraw`. */
  owner?: object;
  /** `STREAM_DIFFERS`: the bucket is not as the settings say, but can be used; `undefined`: it is. */
  onDiffers?(error: CodedError | undefined): void;
}

const MARKERS = {
  delete: writeHeaders([[OPERATION_HEADER, ['DEL']]]),
  purge: writeHeaders([
    [OPERATION_HEADER, ['PURGE']],
    ['Nats-Rollup', ['sub']],
  ]),
};

/** How long to wait for a server to catch up with the one that has refused a value, in milliseconds. */
const BEHIND_MS = 50;

/**
 * One key-value bucket. Its values are messages of a stream, which any client of NATS reads and writes as well.
 *
 * Reading it never makes it, and no method deletes it. All methods reject with `BAD_KEY`, `NO_BUCKET` unless they may
 * make it, `NO_JETSTREAM`, `PERMISSION`, `SERVER`, and those that read with `NOT_CONNECTED` and `TIMEOUT`, those that
 * write as `StoredPublishing.publish` does.
 */
export class KvBucket {
  private readonly stream: BucketStream;
  /** How many values are on their way that may make the bucket. */
  private making = 0;
  private readonly api: JetStreamApi;
  private readonly prefix: string;

  constructor(
    private readonly connection: Connection,
    private readonly settings: KvSettings,
    private readonly user: KvBucketUser = {},
  ) {
    const { bucket, domain, create } = settings;
    this.api = jetStreamOf(connection).api(domain);
    this.prefix = prefixOf(bucket);
    const form = create ? settings : DEFAULT_FORM;
    const onState = ({ info, differs }: StreamState) => info && user.onDiffers?.(differs);
    // One stream for all writing, which keeps its order.
    this.stream = new BucketStream(bucket, this.api, form, () => this.making > 0, onState);
  }

  /** The value of a key; `undefined` if it has none, as after it has been deleted. */
  async get(key: string): Promise<KvEntry | undefined> {
    const entry = await this.last(checkKey(key));
    return entry?.operation === 'put' ? entry : undefined;
  }

  /**
   * Puts a value, which must not change, and resolves with its revision. While disconnected it is held; it is stored
   * exactly once. Makes a missing bucket if the settings say so, as do `create` and `update`.
   */
  async put(key: string, data: Uint8Array): Promise<number> {
    return this.write(checkKey(key), data);
  }

  /** Puts the value of a key that has none, or rejects with `EXISTS`. */
  async create(key: string, data: Uint8Array): Promise<number> {
    return this.putFirst(checkKey(key), data, (revision) => {
      const { bucket } = this.settings;
      return new CodedError('EXISTS', { bucket, key, revision });
    });
  }

  /**
   * Replaces the value with a revision, or with 0 puts the first one. Rejects with `CONFLICT`, which tells the
   * current revision, if that is another one, or with `BAD_REVISION`.
   */
  async update(key: string, data: Uint8Array, revision: number): Promise<number> {
    checkKey(key);
    if (checkRevision(revision) === 0) return this.putFirst(key, data, (actual) => this.conflict(key, 0, actual));
    return this.explained(key, revision, this.write(key, data, { lastSubjectSequence: revision }));
  }

  /** Deletes a key, with a `revision` only if that is its current one; its history is kept. */
  delete(key: string, revision?: number): Promise<number> {
    return this.mark('delete', key, revision);
  }

  /** Deletes a key like `delete`, and its history as well. */
  purge(key: string, revision?: number): Promise<number> {
    return this.mark('purge', key, revision);
  }

  /** The keys that have a value, of all or of those that a filter matches, in order of their last change. */
  async keys(filter = '>'): Promise<string[]> {
    // A key that is written during the listing is listed again.
    const keys = new Set<string>();
    await this.read(checkKeyFilter(filter), { start: 'last', headersOnly: true }, ({ key, operation }) => {
      keys.delete(key);
      if (operation === 'put') keys.add(key);
    });
    return [...keys];
  }

  /** What the bucket has kept of a key, oldest first; nothing if it does not know the key. */
  async history(key: string): Promise<KvEntry[]> {
    const entries: KvEntry[] = [];
    await this.read(checkKey(key), { start: 'all', headersOnly: false }, (entry) => entries.push(entry));
    return entries;
  }

  private async read(
    filter: string,
    how: Pick<BucketReading, 'start' | 'headersOnly'>,
    onEntry: (entry: KvEntry) => void,
  ): Promise<void> {
    const { bucket, timeoutMs } = this.settings;
    const reading = { ...how, bucket, timeoutMs, stream: this.stream, filters: [filter] };
    await readBucket(this.connection, reading, onEntry);
  }

  /** The last entry of a key, which may be the marker of its deletion. */
  private last(key: string): Promise<KvEntry | undefined> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) => reject(this.bucketError(error));
      const send = () => this.lookUp(key, resolve, fail);
      if (this.stream.isReady) send();
      else this.stream.ensure().then(send, fail);
    });
  }

  private lookUp(key: string, onEntry: (entry: KvEntry | undefined) => void, onFailed: (error: unknown) => void): void {
    const { exchanges } = jetStreamOf(this.connection);
    const { timeoutMs } = this.settings;
    // The case for all buckets that clients make, so it is assumed if the user may not see the bucket.
    const isDirect = this.stream.info?.config.allow_direct !== false;
    const options = { subject: this.prefix + key, isDirect, timeoutMs, owner: this.user.owner };
    findLastMessage(exchanges, this.stream, options, {
      onMessage: (message) => onEntry(message && lastEntry(message, key)),
      onFailed,
    });
  }

  /** Puts a value, which may make the bucket, or a marker with its `headers`. */
  private write(key: string, data: Uint8Array, expect?: Expectation, headers?: Uint8Array): Promise<number> {
    const subject = `${this.settings.domain ? `${this.api.prefix}.` : ''}${this.prefix}${key}`;
    const made = this.settings.create && !headers ? 1 : 0;
    this.making += made;
    return new Promise((resolve, reject) => {
      jetStreamOf(this.connection).storing.publish(
        { subject, data, headers, whenDown: 'hold', maxAgeMs: 0, owner: this.user.owner },
        { id: nuid.next(), isNew: true, stream: this.stream, expect },
        (error, stored) => {
          this.making -= made;
          if (stored) resolve(stored.sequence);
          else reject(this.bucketError(error));
        },
      );
    });
  }

  private async mark(marker: keyof typeof MARKERS, key: string, revision?: number): Promise<number> {
    checkKey(key);
    const headers = MARKERS[marker];
    if (revision === undefined) return this.write(key, Empty, undefined, headers);
    const expect = { lastSubjectSequence: checkRevision(revision) };
    return this.explained(key, revision, this.write(key, Empty, expect, headers));
  }

  /** Puts a value if the key has none. The marker of a deletion is the last message of its subject as well. */
  private async putFirst(key: string, data: Uint8Array, exists: (revision: number) => CodedError): Promise<number> {
    const until = performance.now() + this.settings.timeoutMs;
    let expected = 0;
    for (;;) {
      try {
        return await this.write(key, data, { lastSubjectSequence: expected });
      } catch (error) {
        if (!isConflict(error)) throw error;
        const entry = await this.last(key);
        if (entry?.operation === 'put') throw exists(entry.revision);
        const { revision = 0 } = entry ?? {};
        // The server that answered is behind the one that stores values.
        if (revision === expected) await delay(BEHIND_MS);
        expected = revision;
        if (performance.now() > until) throw this.conflict(key, expected, actualIn(error));
      }
    }
  }

  /** Turns a conflict into that of a key, with its current revision, which the server does not always tell. */
  private async explained(key: string, revision: number, written: Promise<number>): Promise<number> {
    try {
      return await written;
    } catch (error) {
      if (!isConflict(error)) throw error;
      throw this.conflict(key, revision, actualIn(error) ?? (await this.last(key).catch(() => undefined))?.revision);
    }
  }

  private conflict(key: string, revision: number, actual: number | undefined): CodedError {
    return new CodedError('CONFLICT-key', {
      bucket: this.settings.bucket,
      key,
      revision,
      actual: shown(actual ?? '?'),
    });
  }

  private bucketError(error: unknown): unknown {
    return bucketError(this.settings.bucket, error);
  }
}

function isConflict(error: unknown): error is CodedError {
  return error instanceof CodedError && error.code === 'CONFLICT';
}

/** The current sequence, if the server has told it. */
function actualIn({ values }: CodedError): number | undefined {
  const [digits] = /\d+/.exec(String(values.actual ?? '')) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
