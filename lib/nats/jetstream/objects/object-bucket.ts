import { setMaxListeners } from 'node:events';
import { CodedError, shown } from '../../../coded-error';
import { within } from '../../../within';
import type { Connection } from '../../connection/connection';
import { jetStreamOf } from '../jetstream';
import { checkBucketName } from '../kv/key';
import { findLastMessage, type LastMessage } from '../last-message';
import type { StoredPublishing } from '../stored-publishing';
import { Stream } from '../stream';
import type { StreamSettings } from '../stream-config';
import { Download, type TakeChunk } from './download';
import { type Described, type ObjectInfo, readObject, type StoredObject } from './object-info';
import { ObjectList } from './object-list';
import { checkObjectName, chunkSubject, metaSubject, metaSubjects } from './object-name';
import { ObjectWriter, type WriterOf } from './object-writer';
import { patiently } from './patience';
import { Slots } from './slots';
import { type Sweeper, sweeperOf } from './sweeper';

/** A bucket of objects as a user describes it. */
export interface ObjectBucketSettings extends Pick<StreamSettings, 'storage' | 'replicas'> {
  /** Checked by `checkBucketName`. */
  bucket: string;
  /** The domain of the JetStream that has it; empty: the server's own. */
  domain: string;
  /** Whether storing an object makes a missing bucket. */
  create: boolean;
  /** How long a request, or the next chunk of an object, may take, in milliseconds. */
  timeoutMs: number;
}

/** The reads under way, and how to end them. */
interface Reading {
  closing: AbortController;
  running: Set<{ end(error: unknown): void }>;
}

function newReading(): Reading {
  const closing = new AbortController();
  // Each request that is repeated listens.
  setMaxListeners(0, closing.signal);
  return { closing, running: new Set() };
}

/** Links that lead to links may go round in a circle. */
const MAX_LINKS = 8;

/** How often an object is read if it is replaced meanwhile, or stored if its chunks arrive out of order. */
const MAX_ATTEMPTS = 3;

/** The most chunks of 128 KiB on their way to the server, of all uploads of a connection: 4 MiB. */
const CHUNKS_AT_ONCE = 32;

/** How many bytes of whole objects may wait for the server, as during an outage. */
const MAX_WAITING_BYTES = 256 * 1024 * 1024;

/** The most objects that are read at once over a connection. */
const DOWNLOADS_AT_ONCE = 4;

/** How long the removal of what uploads have left may take when the bucket is no longer used. */
const CLOSE_MS = 2000;

const shared = new WeakMap<Connection, { uploads: Slots; downloads: Slots }>();

function slotsOf(connection: Connection) {
  const known = shared.get(connection) ?? {
    uploads: new Slots(CHUNKS_AT_ONCE),
    downloads: new Slots(DOWNLOADS_AT_ONCE),
  };
  shared.set(connection, known);
  return known;
}

/** The objects in one bucket: https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-20.md */
export class ObjectBucket implements WriterOf {
  readonly storing: StoredPublishing;
  readonly slots: Slots;
  readonly sweeper: Sweeper;
  /** The stream of the bucket, which this one never makes. */
  readonly stream: Stream;
  private readonly made: Stream;
  private readonly writers = new Set<ObjectWriter>();
  private waitingBytes = 0;
  /** The last write to each object that is being written. */
  private readonly writes = new Map<string, Promise<unknown>>();

  /** `onError` receives errors that belong to no outcome, such as that unused chunks cannot be removed. */
  constructor(
    private readonly connection: Connection,
    readonly settings: ObjectBucketSettings,
    readonly onError: (error: CodedError) => void = () => {},
    /** What is read, also through links from another bucket, which ends it. */
    private readonly reading: Reading = newReading(),
  ) {
    const { bucket, domain, storage, replicas, create } = settings;
    const jetStream = jetStreamOf(connection);
    const api = jetStream.api(domain);
    const config = {
      name: `OBJ_${bucket}`,
      subjects: [chunkSubject(bucket, '>'), metaSubjects(bucket)],
      ...{ retention: 'limits', storage, num_replicas: replicas, discard: 'new' },
      ...{ max_age: 0, max_bytes: -1, max_msgs: -1, allow_direct: true, allow_rollup_hdrs: true },
    };
    this.stream = new Stream({ config, create: false }, api);
    this.made = new Stream({ config, create }, api);
    this.storing = jetStream.storing;
    this.slots = slotsOf(connection).uploads;
    this.sweeper = sweeperOf(connection);
  }

  get bucket(): string {
    return this.settings.bucket;
  }

  /** The largest message of the server, in bytes; `undefined` while disconnected. */
  get maxPayload(): number | undefined {
    return this.connection.server?.max_payload;
  }

  /** Describes an object, also one that is a link. Rejects with `NO_OBJECT`, `NO_BUCKET`, or an error of a request. */
  async info(name: string): Promise<ObjectInfo> {
    return this.inBucket(async () => (await this.existing(name)).info);
  }

  /** Describes all objects, in the order in which they were stored. */
  async list(): Promise<ObjectInfo[]> {
    return this.inBucket(async () => {
      await this.stream.ensure();
      const list = new ObjectList(this.connection, this.stream, this.bucket, this.settings.timeoutMs);
      await this.untilClosed(list);
      return list.objects;
    });
  }

  /**
   * Reads an object into memory, also through links. Rejects with `TOO_LARGE` before it reads one of more than
   * `largestBytes`, with `BAD_LINK`, and as `info` and `Download.run` do.
   */
  async get(name: string, largestBytes: number): Promise<{ info: ObjectInfo; data: Buffer }> {
    for (let attempt = 1; ; attempt++) {
      const found = await this.resolve(name, largestBytes);
      const { info } = found.object;
      let data = Buffer.alloc(0);
      let end = 0;
      try {
        await found.bucket.download(found.object, (chunk, index) => {
          if (index === 0) data = Buffer.allocUnsafeSlow(info.size);
          data.set(chunk, end);
          end += chunk.length;
        });
        return { info, data };
      } catch (error) {
        const isReplaced = await found.bucket.isReplaced(found.object, error);
        if (!isReplaced || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  /** Reads an object chunk by chunk; `onStart` is called before the first one. Rejects as `get` does. */
  async read(
    name: string,
    largestBytes: number,
    onStart: (info: ObjectInfo) => void,
    take: TakeChunk,
  ): Promise<ObjectInfo> {
    const { bucket, object } = await this.resolve(name, largestBytes);
    onStart(object.info);
    await bucket.download(object, take);
    return object.info;
  }

  /** Stores an object. Rejects with `NO_BUCKET`, `OUTBOX_FULL`, or as `ObjectWriter` does. */
  async put(name: string, data: Uint8Array): Promise<ObjectInfo> {
    const { waitingBytes: bytes } = this;
    if (bytes > 0 && bytes + data.length > MAX_WAITING_BYTES) throw new CodedError('OUTBOX_FULL-puts', { bytes });
    this.waitingBytes += data.length;
    try {
      return await this.inOrder(name, () => this.store(name, data));
    } finally {
      this.waitingBytes -= data.length;
    }
  }

  private async store(name: string, data: Uint8Array): Promise<ObjectInfo> {
    for (let attempt = 1; ; attempt++) {
      const writer = await this.open(name);
      try {
        await writer.add(data);
        return await writer.commit();
      } catch (error) {
        writer.abort(error);
        if ((error as CodedError).text !== 'UNCONFIRMED-order' || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  /** Begins an object that comes in parts. The caller ends it, by `commit` or `abort`. */
  async open(name: string): Promise<ObjectWriter> {
    return this.inBucket(async () => {
      await this.ensure();
      if (this.reading.closing.signal.aborted) throw new CodedError('CLOSED');
      const writer = new ObjectWriter(this, name);
      this.writers.add(writer);
      return writer;
    });
  }

  /** Deletes an object, or a link. Resolves with what it was; rejects as `info` does. */
  delete(name: string): Promise<ObjectInfo> {
    const act = async () => {
      const { info } = await this.existing(name, false);
      await new ObjectWriter(this, name).delete();
      return info;
    };
    return this.inOrder(name, () => this.inBucket(act));
  }

  /** Ends what is under way with `CLOSED`, and removes the chunks of unfinished uploads. */
  async close(): Promise<void> {
    this.reading.closing.abort();
    const error = new CodedError('CLOSED');
    for (const writer of [...this.writers]) writer.abort(error);
    for (const reading of [...this.reading.running]) reading.end(error);
    await within(CLOSE_MS, this.sweeper.settled());
  }

  withdraw(owner: object): void {
    this.connection.withdraw(owner);
  }

  onWriterEnded(writer: ObjectWriter): void {
    this.writers.delete(writer);
  }

  /** Resolves with what the leader has under a name, deleted or not, also if it describes no object. */
  async current(name: string): Promise<Described | undefined> {
    const message = await this.lastOf(name, false);
    if (!message) return undefined;
    try {
      return readObject(message.data, { ...message, bucket: this.bucket });
    } catch {
      return { nuid: undefined, isDeleted: false, sequence: message.sequence, described: {} };
    }
  }

  /** Repeats a request while an outage lasts. */
  patiently<T>(ask: () => Promise<T>): Promise<T> {
    return patiently(ask, this.reading.closing.signal);
  }

  /** How many messages a subject has; `undefined` for a user who may not see that. */
  async count(subject: string): Promise<number | undefined> {
    const { name, api } = this.stream;
    try {
      const { state } = await api.request<{ state: { subjects?: Record<string, number> | null } }>(
        `STREAM.INFO.${name}`,
        { subjects_filter: subject },
        { stream: name },
      );
      return Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
    } catch (error) {
      if ((error as CodedError).code === 'PERMISSION') return undefined;
      throw error;
    }
  }

  /** Removes the chunks of one version of an object, unless that is the current one. */
  async removeChunks(name: string, nuid: string): Promise<void> {
    const { name: stream, api } = this.stream;
    try {
      const current = await this.current(name);
      if (current?.nuid === nuid && !current.isDeleted) return;
      const filter = chunkSubject(this.bucket, nuid);
      await api.request(`STREAM.PURGE.${stream}`, { filter }, { stream });
    } catch (error) {
      // Without the bucket there are no chunks.
      if ((error as CodedError).code !== 'NO_STREAM') throw error;
    }
  }

  /** Says that the bucket is missing where its stream is. */
  async inBucket<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'NO_STREAM') throw error;
      this.stream.isReady = false;
      throw new CodedError('NO_BUCKET', { bucket: this.bucket }, { cause: error });
    }
  }

  /** Writes to one object follow each other. */
  private async inOrder<T>(name: string, act: () => Promise<T>): Promise<T> {
    const before = this.writes.get(name);
    const written = before ? before.then(act, act) : act();
    this.writes.set(name, written);
    try {
      return await written;
    } finally {
      if (this.writes.get(name) === written) this.writes.delete(name);
    }
  }

  /** Finds the bucket, or makes it. */
  private async ensure(): Promise<void> {
    try {
      await this.stream.ensure();
    } catch (error) {
      if (!this.settings.create || (error as CodedError).code !== 'NO_STREAM') throw error;
      await this.made.ensure();
      await this.stream.ensure();
    }
  }

  private async existing(name: string, mayBeOld = true): Promise<StoredObject> {
    if (!this.stream.isReady) await this.stream.ensure();
    const object = await this.last(name, mayBeOld);
    if (object && !object.isDeleted) return object;
    if (mayBeOld) return this.existing(name, false);
    throw new CodedError('NO_OBJECT', { object: name, bucket: this.bucket });
  }

  private async last(name: string, mayBeOld: boolean): Promise<StoredObject | undefined> {
    const message = await this.lastOf(name, mayBeOld);
    return message && readObject(message.data, { ...message, bucket: this.bucket });
  }

  private lastOf(name: string, mayBeOld: boolean): Promise<LastMessage | undefined> {
    const { bucket, stream } = this;
    const isDirect = mayBeOld && stream.info?.config.allow_direct === true;
    const options = { subject: metaSubject(bucket, name), isDirect, timeoutMs: this.settings.timeoutMs };
    return new Promise((onMessage, onFailed) => {
      findLastMessage(jetStreamOf(this.connection).exchanges, stream, options, { onMessage, onFailed });
    });
  }

  /** The object that a name leads to, with its bucket. */
  private async resolve(name: string, largestBytes: number): Promise<{ bucket: ObjectBucket; object: StoredObject }> {
    let bucket: ObjectBucket = this;
    let object = await bucket.stored(name);
    for (let links = 0; object.info.link; links++) {
      const { link, name: from } = object.info;
      if (links === MAX_LINKS) throw new CodedError('BAD_LINK-many', { object: name, links });
      if (link.name === undefined)
        throw new CodedError('BAD_LINK-bucket', { object: from, bucket: shown(link.bucket) });
      bucket = bucket.other(from, link.bucket);
      object = await bucket.stored(checkObjectName(link.name));
    }
    const { size } = object.info;
    if (size > largestBytes) throw new CodedError('TOO_LARGE', { object: object.info.name, size, limit: largestBytes });
    return { bucket, object };
  }

  private stored(name: string): Promise<StoredObject> {
    return this.inBucket(() => this.existing(name));
  }

  private other(from: string, bucket: string): ObjectBucket {
    if (bucket === this.bucket) return this;
    try {
      checkBucketName(bucket, 'OBJ_');
    } catch (cause) {
      throw new CodedError('BAD_LINK', { object: from, bucket: shown(bucket) }, { cause });
    }
    return new ObjectBucket(this.connection, { ...this.settings, bucket, create: false }, this.onError, this.reading);
  }

  private async download(object: StoredObject, take: TakeChunk): Promise<void> {
    const slots = slotsOf(this.connection).downloads;
    await slots.take();
    const download = new Download(this.connection, this.stream, object, this.settings.timeoutMs, take);
    try {
      await this.inBucket(() => this.untilClosed(download));
    } finally {
      slots.release();
    }
  }

  private async untilClosed(reading: { run(): Promise<void>; end(error: unknown): void }): Promise<void> {
    const { closing, running } = this.reading;
    if (closing.signal.aborted) throw new CodedError('CLOSED');
    running.add(reading);
    try {
      await reading.run();
    } finally {
      running.delete(reading);
    }
  }

  /** Whether the chunks of an object are gone because there is another version. */
  private async isReplaced({ info, nuid }: StoredObject, error: unknown): Promise<boolean> {
    if (!['BAD_DIGEST', 'TIMEOUT'].includes((error as CodedError).code)) return false;
    const current = await this.current(info.name).catch(() => undefined);
    return current !== undefined && !current.isDeleted && current.nuid !== nuid;
  }
}
