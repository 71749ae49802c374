import { CodedError, shown } from '../lib/coded-error';
import { Connection, type ConnectionState } from '../lib/nats/connection/connection';
import { bucketConfig } from '../lib/nats/jetstream/kv/bucket-config';
import type { KvEntry } from '../lib/nats/jetstream/kv/entry';
import { KvBucket } from '../lib/nats/jetstream/kv/kv-bucket';
import { KvWatch } from '../lib/nats/jetstream/kv/kv-watch';
import { SharedStream } from '../lib/nats/jetstream/shared-stream';
import { within } from '../lib/within';
import { placeOf } from './key';
import { log } from './node-red';
import type { ContextSettings } from './settings';
import { contextError, text } from './texts';
import { Troubles } from './troubles';
import { type Change, Values } from './values';
import { type WriteOutcome, Writes } from './writes';

/** How long the end may take: to write what the bucket does not have yet, and altogether. */
const DRAIN_MS = 1200;
const CLOSE_MS = 2000;

/** A copy of a bucket that a watch keeps current, and the changes that are on their way into the bucket. */
export class Replica {
  private readonly values = new Values();
  private readonly troubles: Troubles;
  private readonly connection: Connection;
  private readonly bucket: SharedStream;
  private readonly writes: Writes;
  private watch: KvWatch | undefined;
  /** Whether the values of the bucket have arrived. */
  private isReady = false;
  private onReady = () => {};
  private readonly ready = new Promise<void>((resolve) => {
    this.onReady = resolve;
  });

  /** Connects at once. */
  constructor(private readonly settings: ContextSettings) {
    const { connection: options, kv, unknown } = settings;
    this.troubles = new Troubles(kv.bucket);
    for (const name of unknown) this.log('warn', new CodedError('BAD_SETTING', { name: shown(name) }));
    const onError = (error: unknown) => this.log('warn', error);
    this.connection = new Connection(options, (state) => this.onState(state), {}, onError);
    this.writes = new Writes(new KvBucket(this.connection, kv), {
      onStored: (change, revision) => this.values.onStored(change, revision),
      onFailed: (change) => this.values.onFailed(change),
    });
    const wanted = { config: bucketConfig(kv.bucket, kv), create: kv.create };
    this.bucket = new SharedStream(wanted, this.connection, kv.domain);
    this.bucket.add(this.onBucket);
  }

  /** Resolves when the values of the bucket are there, or after a while without them. */
  async opened(): Promise<void> {
    await within(this.settings.timeoutMs, this.ready);
  }

  /** A value, which belongs to the replica. Throws why there are no values yet. */
  read(scope: string, key: string): unknown {
    if (!this.isReady && !this.values.isChanging(scope, key)) this.checkReady();
    return this.values.read(scope, key);
  }

  /** Whether a key may have a value. */
  has(scope: string, key: string): boolean {
    return !this.isReady || this.values.has(scope, key);
  }

  /** The keys of a scope that have a value. Throws why there are no values yet. */
  keys(scope: string): string[] {
    this.checkReady();
    return this.values.keys(scope);
  }

  /** All scopes that have values; none while there are no values yet. */
  scopes(): string[] {
    return this.isReady ? this.values.scopes() : [];
  }

  /**
   * Changes values, all of which count at once, or throws `MAX_PAYLOAD`, `OUTBOX_FULL` or `CLOSED`. `outcome` is called
   * for each as `Writes` does; a value that the bucket refuses is as before.
   */
  change(changes: Change[], outcome: WriteOutcome): void {
    const limit = this.connection.server?.max_payload ?? Number.POSITIVE_INFINITY;
    for (const { data } of changes) {
      if (data && data.length > limit) throw new CodedError('MAX_PAYLOAD', { size: data.length, limit });
    }
    this.writes.check(changes);
    for (const change of changes) this.values.change(change);
    for (const change of changes) this.writes.add(change, outcome);
  }

  /** Writes what the bucket does not have yet, as far as the server takes it, and disconnects, within 2 s. */
  async close(): Promise<void> {
    const { connection, writes } = this;
    const startedAt = performance.now();
    if (connection.state.name === 'connected') await within(DRAIN_MS, writes.settled());
    const { count } = writes;
    if (count > 0) this.log('error', new CodedError('CLOSED-changes', { count }));
    writes.end();
    this.bucket.remove(this.onBucket);
    const closed = Promise.resolve(this.watch?.close()).then(() => connection.close());
    await within(CLOSE_MS - (performance.now() - startedAt), closed);
  }

  private checkReady(): void {
    if (this.isReady) return;
    const { bucket } = this.settings.kv;
    throw this.troubles.latest ?? new CodedError('NOT_CONNECTED-values', { bucket });
  }

  private onState({ name, error, server = '' }: ConnectionState): void {
    const { bucket } = this.settings.kv;
    this.troubles.set('connection', error);
    if (name === 'connected' || name === 'disconnected') log('info', bucket, text(`log.${name}`, { server }));
    // Writing is possible when everything has been attached.
    queueMicrotask(() => this.writes.connected(this.connection.state.name === 'connected'));
  }

  /** The bucket has been made or found, or is missing. */
  private readonly onBucket = ({ error }: { error?: CodedError | undefined }): void => {
    const { bucket, domain } = this.settings.kv;
    const isMissing = error?.code === 'NO_STREAM';
    this.troubles.set('bucket', isMissing ? new CodedError('NO_BUCKET', { bucket }, { cause: error }) : error);
    if (error || this.watch) return;
    const keys = ['>'];
    this.watch = new KvWatch(
      this.connection,
      { bucket, ...(domain !== undefined && { domain }), keys, start: 'values' },
      {
        onEntry: (entry) => this.onEntry(entry),
        onValues: () => {
          this.isReady = true;
          this.onReady();
        },
        onAgain: (isOver) => this.values.onAgain(isOver),
        onTrouble: (trouble) => this.onTrouble(trouble),
      },
    );
  };

  private onEntry({ key, revision, operation, data }: KvEntry): void {
    const place = placeOf(key);
    if (place) this.values.onTold(place, revision, operation === 'put' ? data : undefined);
  }

  private onTrouble(error: CodedError | undefined): void {
    this.troubles.set('watch', error);
    if (error?.code === 'NO_BUCKET') this.values.onBucketGone();
  }

  private log(level: 'warn' | 'error', error: unknown): void {
    log(level, this.settings.kv.bucket, contextError(error).message);
  }
}
