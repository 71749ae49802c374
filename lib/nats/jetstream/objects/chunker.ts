/** Cuts bytes that come in pieces of any size into chunks of one size, the last of which may be shorter. */
export class Chunker {
  private chunk: Buffer | undefined;
  private filled = 0;

  constructor(private readonly size: number) {}

  /** Adds bytes, and returns the chunks that are full, in memory of their own. */
  *add(bytes: Uint8Array): Generator<Buffer> {
    for (let at = 0; at < bytes.length; ) {
      // Not from the pool that small Buffers share: a chunk may be kept for long.
      this.chunk ??= Buffer.allocUnsafeSlow(this.size);
      const end = Math.min(bytes.length, at + this.size - this.filled);
      this.chunk.set(bytes.subarray(at, end), this.filled);
      this.filled += end - at;
      at = end;
      if (this.filled < this.size) continue;
      const full = this.chunk;
      this.chunk = undefined;
      this.filled = 0;
      yield full;
    }
  }

  /** Returns what is left, if anything is. */
  rest(): Buffer | undefined {
    const rest = this.chunk?.subarray(0, this.filled);
    this.chunk = undefined;
    this.filled = 0;
    return rest;
  }
}
