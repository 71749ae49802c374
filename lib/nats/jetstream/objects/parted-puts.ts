import { CodedError, shown } from '../../../coded-error';
import type { ObjectInfo } from './object-info';
import type { ObjectWriter } from './object-writer';

/** A part of an object. */
export interface Part {
  /** That of the whole sequence. */
  id: string;
  /** From 0. */
  index: number;
  isLast: boolean;
  data: Uint8Array;
}

/** Called once for each part: with an error, when there is room for more, or with the object of the last part. */
export type PartOutcome = (error: unknown, info?: ObjectInfo) => void;

/** How objects are put together. */
export interface PartedPutsOptions {
  open(name: string): Promise<ObjectWriter>;
  largestBytes: number;
  /** How long the next part may take, in milliseconds. */
  timeoutMs: number;
  /** No further part has come in time. */
  onAbandoned(error: CodedError, name: string, id: string): void;
}

/** The parts that wait to be stored, of all objects. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

/** The most objects that may be incomplete at once. */
const MAX_OPEN = 100;

/** Puts objects together that come in parts, in order. */
export class PartedPuts {
  /** The objects that still wait for parts, by id. */
  private readonly sequences = new Map<string, Sequence>();
  /** All that are not stored yet. */
  private readonly open = new Set<Sequence>();
  /** Of all parts that wait to be stored. */
  waitingBytes = 0;

  constructor(readonly options: PartedPutsOptions) {}

  /** Takes a part; `name` is that of the object, and asked for only with the first part. Throws `BAD_PARTS`. */
  put(part: Part, name: () => string, outcome: PartOutcome): void {
    const { id, index } = part;
    let sequence = this.sequences.get(id);
    if (!sequence) {
      if (index !== 0) throw new CodedError('BAD_PARTS-first', { index });
      if (this.open.size >= MAX_OPEN) throw new CodedError('OUTBOX_FULL-objects', { count: MAX_OPEN });
      sequence = new Sequence(this, id, name());
      this.sequences.set(id, sequence);
      this.open.add(sequence);
    }
    // Another object may come with the same id while this one is stored, as if the same message is sent again.
    if (part.isLast) this.sequences.delete(id);
    sequence.take(part, outcome);
  }

  /** Whether further parts of it may come. */
  expects(id: string, sequence: Sequence): boolean {
    return this.sequences.get(id) === sequence;
  }

  remove(id: string, sequence: Sequence): void {
    if (this.expects(id, sequence)) this.sequences.delete(id);
    this.open.delete(sequence);
  }

  /** Ends all that is incomplete with `CLOSED`. */
  close(): void {
    for (const sequence of [...this.open]) sequence.close();
  }
}

/** One object that comes in parts. */
class Sequence {
  private readonly writer: Promise<ObjectWriter>;
  /** Settles when the parts so far have been taken. */
  private tail: Promise<unknown> = Promise.resolve();
  private next = 0;
  private size = 0;
  private waiting = 0;
  private failure: unknown;
  private idle: NodeJS.Timeout | undefined;

  constructor(
    private readonly puts: PartedPuts,
    private readonly id: string,
    private readonly name: string,
  ) {
    this.writer = puts.options.open(name);
    this.writer.catch((error) => this.fail(error));
  }

  take(part: Part, outcome: PartOutcome): void {
    clearTimeout(this.idle);
    this.check(part);
    const { data, isLast } = part;
    if (this.failure === undefined) {
      this.size += data.length;
      this.next++;
    }
    this.waiting++;
    this.puts.waitingBytes += data.length;
    this.tail = this.tail
      .then(() => this.store(data, isLast))
      .then(
        (info) => this.end(part, () => outcome(undefined, info)),
        (error) => {
          this.fail(error);
          this.end(part, () => outcome(this.failure));
        },
      );
  }

  close(): void {
    clearTimeout(this.idle);
    this.fail(new CodedError('CLOSED'));
    this.puts.remove(this.id, this);
  }

  /** After the first failure all further parts fail with it. */
  private check({ index, data }: Part): void {
    const { largestBytes } = this.puts.options;
    const { name: object, size, next: expected } = this;
    const { waitingBytes: bytes } = this.puts;
    if (index !== expected) this.fail(new CodedError('BAD_PARTS-order', { object, index, expected }));
    else if (size + data.length > largestBytes) {
      this.fail(new CodedError('TOO_LARGE', { object, size: size + data.length, limit: largestBytes }));
    } else if (bytes > 0 && bytes + data.length > MAX_WAITING_BYTES) {
      this.fail(new CodedError('OUTBOX_FULL-parts', { object, bytes }));
    }
  }

  private async store(data: Uint8Array, isLast: boolean): Promise<ObjectInfo | undefined> {
    if (this.failure !== undefined) throw this.failure;
    const writer = await this.writer;
    await writer.add(data);
    return isLast ? writer.commit() : undefined;
  }

  private end({ data, isLast }: Part, tell: () => void): void {
    this.waiting--;
    this.puts.waitingBytes -= data.length;
    if (isLast) this.puts.remove(this.id, this);
    else if (this.waiting === 0 && this.puts.expects(this.id, this))
      this.idle = setTimeout(() => this.onIdle(), this.puts.options.timeoutMs);
    tell();
  }

  private onIdle(): void {
    this.puts.remove(this.id, this);
    if (this.failure !== undefined) return;
    const { timeoutMs, onAbandoned } = this.puts.options;
    const error = new CodedError('TIMEOUT-parts', { object: this.name, parts: this.next, timeoutMs });
    this.fail(error);
    onAbandoned(error, this.name, this.id);
  }

  private fail(error: unknown): void {
    if (this.failure !== undefined) return;
    this.failure = error;
    this.writer.then(
      (writer) => writer.abort(error),
      () => {},
    );
  }
}

/** The part in `msg.parts` of a message; `undefined` if it is no part of bytes. Throws `BAD_PARTS`. */
export function partOf(parts: unknown, isComplete: boolean): Omit<Part, 'data'> | undefined {
  const { id, index, count, type } = (parts ?? {}) as Record<string, unknown>;
  if (type !== 'buffer') return undefined;
  const isValid = typeof id === 'string' && id !== '' && Number.isSafeInteger(index) && (index as number) >= 0;
  if (!isValid) throw new CodedError('BAD_PARTS', { value: shown(parts) });
  const at = index as number;
  return { id, index: at, isLast: isComplete || (typeof count === 'number' && at + 1 >= count) };
}
