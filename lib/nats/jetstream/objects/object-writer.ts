import { CodedError } from '../../../coded-error';
import { encodeHeaders } from '../../message/headers';
import type { StoredPublishing } from '../stored-publishing';
import type { Stream } from '../stream';
import type { Described, ObjectInfo } from './object-info';
import { chunkSubject, metaSubject } from './object-name';
import type { Slots } from './slots';
import type { Sweeper } from './sweeper';
import { Upload, type Uploaded } from './upload';

/** The bucket that an object is written to. */
export interface WriterOf {
  readonly bucket: string;
  readonly stream: Stream;
  readonly storing: StoredPublishing;
  readonly slots: Slots;
  readonly sweeper: Sweeper;
  readonly maxPayload: number | undefined;
  current(name: string): Promise<Described | undefined>;
  count(subject: string): Promise<number | undefined>;
  removeChunks(name: string, nuid: string): Promise<void>;
  /** Ends what is held for an owner. */
  withdraw(owner: object): void;
  patiently<T>(ask: () => Promise<T>): Promise<T>;
  inBucket<T>(act: () => Promise<T>): Promise<T>;
  onWriterEnded(writer: ObjectWriter): void;
  onError(error: CodedError): void;
}

/** The size of a chunk; the other clients have the same one. */
const CHUNK_BYTES = 128 * 1024;

/** The largest part of a message that its own headers take. */
const HEADER_BYTES = 1024;

/** How long the description may be held while disconnected, in milliseconds. */
const HOLD_MS = 60_000;

/** How often another client may replace the object in between. */
const MAX_CONFLICTS = 20;

/** A chunk that was sent over a connection which then broke may arrive as late as that, in milliseconds. */
const LATE_MS = 10_000;

const ROLLUP = encodeHeaders({ 'Nats-Rollup': 'sub' });

/**
 * Writes one version of an object: first its chunks, then what describes it, so that it is there as a whole or not at
 * all.
 */
export class ObjectWriter {
  private readonly upload: Upload;
  private readonly chunkSize: number;
  private hasEnded = false;

  constructor(
    private readonly of: WriterOf,
    private readonly name: string,
  ) {
    const { maxPayload = 0, bucket, stream } = of;
    // A server may say anything; without a size an upload would never end.
    const limit = Number.isInteger(maxPayload) && maxPayload > 0 ? maxPayload : CHUNK_BYTES + HEADER_BYTES;
    this.chunkSize = Math.min(CHUNK_BYTES, Math.max(limit - HEADER_BYTES, Math.ceil(limit / 2)));
    this.upload = new Upload(of.storing, of.slots, { bucket, stream, chunkSize: this.chunkSize, owner: this });
  }

  /** Adds bytes; see `Upload.add`. */
  add(bytes: Uint8Array): Promise<void> {
    return this.of.inBucket(() => this.upload.add(bytes));
  }

  /**
   * Completes the object. Rejects with an error of `Upload`, `NO_BUCKET`, or `CONFLICT` if others keep replacing it;
   * after that, `abort`.
   */
  async commit(): Promise<ObjectInfo> {
    const { of, name } = this;
    const { nuid } = this.upload;
    const replaced = await of.inBucket(async () => {
      const uploaded = await this.upload.end();
      await this.checkChunks(uploaded);
      const options = { max_chunk_size: this.chunkSize };
      const described = { name, bucket: of.bucket, nuid, ...uploaded, options, deleted: false };
      return { uploaded, before: await this.describe(() => described) };
    });
    this.end();
    const { uploaded, before } = replaced;
    if (before?.nuid) this.sweep(before.nuid, 0);
    return { bucket: of.bucket, name, ...uploaded, time: new Date().toISOString() };
  }

  /** Deletes the object of the name instead of writing one. */
  async delete(): Promise<void> {
    const emptied = { size: 0, chunks: 0, digest: '', deleted: true };
    const before = await this.describe((before) => ({ ...before?.described, name: this.name, ...emptied }));
    this.end();
    if (before?.nuid) this.sweep(before.nuid, 0);
  }

  /** Gives up, and removes what has been stored. Does nothing after the end. */
  abort(error: unknown): void {
    if (this.hasEnded) return;
    this.end();
    this.upload.fail(error);
    this.of.withdraw(this);
    this.sweep(this.upload.nuid, LATE_MS);
  }

  private end(): void {
    this.hasEnded = true;
    this.of.onWriterEnded(this);
  }

  /** Some are missing if the server has lost its memory, or another client has deleted them. */
  private async checkChunks({ chunks }: Uploaded): Promise<void> {
    if (chunks === 0) return;
    const subject = chunkSubject(this.of.bucket, this.upload.nuid);
    const found = await this.of.patiently(() => this.of.count(subject));
    if (found !== undefined && found !== chunks) {
      throw new CodedError('UNCONFIRMED-chunks', { object: this.name, found, chunks });
    }
  }

  /** Replaces the description of the object; resolves with what it has replaced. */
  private async describe(
    describedBy: (before: Described | undefined) => Record<string, unknown>,
  ): Promise<Described | undefined> {
    for (let conflicts = 0; ; conflicts++) {
      const before = await this.of.patiently(() => this.of.current(this.name));
      const described = describedBy(before);
      try {
        await this.store(Buffer.from(JSON.stringify(described)), before?.sequence ?? 0);
        return before;
      } catch (error) {
        const { code } = error as CodedError;
        if (code !== 'CONFLICT' && code !== 'UNCONFIRMED') throw error;
        const look = this.of.patiently(() => this.of.current(this.name));
        // If that is not known either, it may still have been stored.
        const current = await look.catch(() => Promise.reject(error));
        const isOwn = current?.nuid === described.nuid && current?.isDeleted === described.deleted;
        if (isOwn && described.nuid !== undefined) return before;
        if (code === 'UNCONFIRMED') throw error;
        if (conflicts === MAX_CONFLICTS) throw new CodedError('CONFLICT-object', { object: this.name });
      }
    }
  }

  private store(data: Uint8Array, lastSubjectSequence: number): Promise<void> {
    const { bucket, storing, stream } = this.of;
    const publication = {
      subject: metaSubject(bucket, this.name),
      ...{ data, headers: ROLLUP, maxAgeMs: HOLD_MS, owner: this },
      whenDown: 'hold' as const,
    };
    // Another description of the same version has another expectation.
    const id = `${this.upload.nuid}.${lastSubjectSequence}`;
    return new Promise((resolve, reject) => {
      storing.publish(publication, { stream, id: `M.${id}`, isNew: false, expect: { lastSubjectSequence } }, (error) =>
        error === undefined ? resolve() : reject(error),
      );
    });
  }

  private sweep(nuid: string, againAfterMs: number): void {
    const { of, name, upload } = this;
    const run = async () => {
      // The server may still store what is on its way.
      await upload.settled();
      await of.removeChunks(name, nuid);
    };
    of.sweeper.add({ run, onFailed: of.onError, againAfterMs });
  }
}
