import { DataBuffer } from 'nats';
import type { Content } from './publish';

/** What is written to the socket is gathered in memory of this size, or more if a message needs it. */
const CHUNK_BYTES = 64 * 1024;

/** Memory up to this size is reused: enough for a message of 1 MiB, the server's default limit. */
const LARGEST_KEPT_BYTES = 1024 * 1024 + CHUNK_BYTES;

/** Behind a message that needs memory of its own there is room for the PING that follows it. */
const SPARE_BYTES = 64;

const NOTHING = Buffer.alloc(0);
const LINE_END = Buffer.from('\r\n');

/**
 * What the client is about to write to the socket, in one piece of memory. The client would encode each line and each
 * payload into memory of their own, and copy all of them together later.
 */
export class Outbound extends DataBuffer {
  private chunk = NOTHING;
  /** The part of the chunk that is to be written; the socket may still need what precedes it. */
  private start = 0;
  private end = 0;

  /** `isFlushed` tells whether the kernel has taken everything that was drained, so that the memory can be reused. */
  constructor(private readonly isFlushed: () => boolean) {
    super();
  }

  override fill(...pieces: Uint8Array[]): void {
    for (const piece of pieces) {
      this.reserve(piece.length);
      this.append(piece);
    }
  }

  /** Adds a message: a line of the protocol, without its end, and what follows it, which has this size in bytes. */
  addMessage(line: string, headers: Uint8Array | undefined, data: Content, size: number): void {
    // A character has at most three bytes.
    this.reserve(3 * line.length + size + 2 * LINE_END.length);
    const lineAt = this.end;
    try {
      this.end += this.chunk.write(line, this.end);
      this.append(LINE_END);
      const contentAt = this.end;
      if (headers) this.append(headers);
      if (typeof data === 'string') this.end += this.chunk.write(data, this.end);
      else this.append(data);
      const written = this.end - contentAt;
      if (written !== size) throw new Error(`a message of ${size} bytes was encoded as ${written}`);
    } catch (error) {
      // The server would read the rest as lines of the protocol, or what follows as the rest.
      this.end = lineAt;
      throw error;
    }
    this.append(LINE_END);
  }

  override drain(): Uint8Array {
    const { chunk, start, end } = this;
    this.start = end;
    if (chunk.length > LARGEST_KEPT_BYTES) this.reset();
    return chunk.subarray(start, end);
  }

  override size(): number {
    return this.end - this.start;
  }

  override length(): number {
    return this.size();
  }

  override reset(): void {
    this.chunk = NOTHING;
    this.start = 0;
    this.end = 0;
  }

  private append(bytes: Uint8Array): void {
    this.chunk.set(bytes, this.end);
    this.end += bytes.length;
  }

  /** Makes room for `length` more bytes. */
  private reserve(length: number): void {
    const { chunk, start, end } = this;
    if (length <= chunk.length - end) return;
    const waiting = end - start;
    if (waiting + length <= chunk.length && this.isFlushed()) chunk.copyWithin(0, start, end);
    else {
      this.chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, 2 * waiting + length + SPARE_BYTES));
      this.chunk.set(chunk.subarray(start, end));
    }
    this.start = 0;
    this.end = waiting;
  }
}
