import { createHash } from 'node:crypto';
import { CodedError } from '../../../coded-error';
import type { Received } from '../../client/received';
import type { Connection } from '../../connection/connection';
import type { Stream } from '../stream';
import { isDigestOf, type StoredObject } from './object-info';
import { chunkSubject } from './object-name';
import { StoredReading } from './stored-reading';

/** The most bytes on their way at once, and the most chunks. */
const WINDOW_BYTES = 4 * 1024 * 1024;
const MAX_CHUNKS = 512;

/** Takes a chunk, a view of memory that is used for other things later: what is to be kept has to be copied. */
export type TakeChunk = (chunk: Uint8Array, index: number) => void;

/** Reads the chunks of an object, in order, over outages. */
export class Download {
  private readonly hash = createHash('sha256');
  private readonly reading: StoredReading;
  private received = 0;
  private bytes = 0;

  /** `timeoutMs`: how long the next chunk may take. */
  constructor(
    connection: Connection,
    stream: Stream,
    private readonly object: StoredObject,
    timeoutMs: number,
    private readonly takeChunk: TakeChunk,
  ) {
    const { name, bucket, size, chunks } = object.info;
    const chunkSize = Math.max(1, Math.ceil(size / Math.max(1, chunks)));
    this.reading = new StoredReading(connection, {
      stream,
      subjects: [chunkSubject(bucket, object.nuid ?? '')],
      start: 'all',
      atOnce: Math.max(1, Math.min(MAX_CHUNKS, Math.floor(WINDOW_BYTES / chunkSize))),
      timeoutMs,
      take: (msg) => this.take(msg),
      caughtUp: () => {
        throw this.damaged();
      },
      timeout: () => new CodedError('TIMEOUT-object', { object: name, received: this.received, chunks, timeoutMs }),
    });
  }

  /**
   * Resolves when all chunks have been taken, the last one only if the digest is right. Rejects with `BAD_DIGEST`, what
   * taking a chunk throws, or as `StoredReading.run` does.
   */
  async run(): Promise<void> {
    if (this.object.info.chunks === 0) this.checkWhole();
    else await this.reading.run();
  }

  /** Ends it early with an error. */
  end(error: unknown): void {
    this.reading.end(error);
  }

  private take({ data }: Received): boolean {
    const { chunks, size } = this.object.info;
    const index = this.received++;
    this.bytes += data.length;
    if (this.bytes > size) throw this.damaged();
    this.hash.update(data);
    const isLast = this.received === chunks;
    if (isLast) this.checkWhole();
    this.takeChunk(data, index);
    return isLast;
  }

  private checkWhole(): void {
    const { name, size, digest } = this.object.info;
    if (this.bytes !== size) throw this.damaged();
    if (!isDigestOf(digest, this.hash.digest())) throw new CodedError('BAD_DIGEST', { object: name });
  }

  private damaged(): CodedError {
    const { name, chunks, size } = this.object.info;
    return new CodedError('BAD_DIGEST-incomplete', {
      object: name,
      found: this.received,
      chunks,
      bytes: this.bytes,
      size,
    });
  }
}
