import { createHash } from 'node:crypto';
import { nuid } from 'nats';
import { CodedError } from '../../../coded-error';
import type { Stored, StoredPublishing } from '../stored-publishing';
import type { Stream } from '../stream';
import { Chunker } from './chunker';
import { digestOf } from './object-info';
import { chunkSubject } from './object-name';
import type { Slots } from './slots';

/** How chunks are stored. */
export interface UploadOptions {
  stream: Stream;
  bucket: string;
  /** The bytes of a chunk. */
  chunkSize: number;
  /** The owner of the messages that are held while disconnected; see `Connection.withdraw`. */
  owner: object;
}

/** What an upload has stored. */
export interface Uploaded {
  size: number;
  chunks: number;
  digest: string;
}

/** For how long a chunk may be held while disconnected, in milliseconds. */
const HOLD_MS = 60_000;

/** Stores the chunks of one version of an object, a few of them at once. */
export class Upload {
  readonly nuid = nuid.next();
  private readonly chunker: Chunker;
  private readonly hash = createHash('sha256');
  private size = 0;
  private chunks = 0;
  private open = 0;
  private lastSequence = 0;
  private failure: unknown;
  private onSettled: (() => void)[] = [];

  /** `slots` are those of all uploads of a connection. */
  constructor(
    private readonly storing: StoredPublishing,
    private readonly slots: Slots,
    private readonly options: UploadOptions,
  ) {
    this.chunker = new Chunker(options.chunkSize);
  }

  /**
   * Adds bytes; resolves when there is room for more. The next call must wait for that. Rejects with an error of
   * `StoredPublishing.publish`, also of an earlier chunk.
   */
  async add(bytes: Uint8Array): Promise<void> {
    this.check();
    for (const chunk of this.chunker.add(bytes)) await this.store(chunk);
  }

  /** Resolves when all that was added is stored, in order. Rejects as `add` does. */
  async end(): Promise<Uploaded> {
    const rest = this.chunker.rest();
    if (rest) await this.store(rest);
    await this.settled();
    this.check();
    const { size, chunks } = this;
    return { size, chunks, digest: digestOf(this.hash.digest()) };
  }

  /** Stores nothing more; the first reason counts. */
  fail(error: unknown): void {
    if (this.failure === undefined) this.failure = error;
  }

  /** Resolves when no chunk is on its way. */
  settled(): Promise<void> {
    if (this.open === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.onSettled.push(resolve);
    });
  }

  private async store(chunk: Buffer): Promise<void> {
    await this.slots.take();
    try {
      this.check();
    } catch (error) {
      this.slots.release();
      throw error;
    }
    this.hash.update(chunk);
    this.size += chunk.length;
    this.chunks++;
    this.open++;
    const { stream, bucket, owner } = this.options;
    const subject = chunkSubject(bucket, this.nuid);
    this.storing.publish(
      { subject, data: chunk, whenDown: 'hold', maxAgeMs: HOLD_MS, owner },
      { stream, id: `${this.nuid}.${this.chunks}`, isNew: false },
      (error, stored) => this.onStored(error, stored),
    );
  }

  private onStored(error: unknown, stored: Stored | undefined): void {
    this.slots.release();
    this.open--;
    if (error !== undefined) this.fail(error);
    else if (stored && stored.sequence > this.lastSequence) this.lastSequence = stored.sequence;
    // A later one was stored before it, by another leader or in another stream.
    else this.fail(new CodedError('UNCONFIRMED-order', { bucket: this.options.bucket }));
    if (this.open === 0) for (const resolve of this.onSettled.splice(0)) resolve();
  }

  private check(): void {
    if (this.failure !== undefined) throw this.failure;
  }
}
