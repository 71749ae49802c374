import { DataBuffer } from 'nats';

/** What is written to the socket is gathered in memory of this size, or more if a message needs it. */
const CHUNK_BYTES = 64 * 1024;

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

  override fill(...pieces: Uint8Array[]): void {
    for (const piece of pieces) {
      this.reserve(piece.length);
      this.append(piece);
    }
  }

  /** Adds a message: a line of the protocol, without its end, and what follows it. */
  addMessage(line: string, headers: Uint8Array | undefined, data: Uint8Array): void {
    // A character has at most three bytes.
    this.reserve(3 * line.length + (headers?.length ?? 0) + data.length + 2 * LINE_END.length);
    this.end += this.chunk.write(line, this.end);
    this.append(LINE_END);
    if (headers) this.append(headers);
    this.append(data);
    this.append(LINE_END);
  }

  override drain(): Uint8Array {
    const { chunk, start, end } = this;
    this.start = end;
    if (chunk.length > CHUNK_BYTES) this.reset();
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
    if (length <= this.chunk.length - this.end) return;
    const waiting = this.chunk.subarray(this.start, this.end);
    this.chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, 2 * waiting.length + length + SPARE_BYTES));
    this.chunk.set(waiting);
    this.start = 0;
    this.end = waiting.length;
  }
}
