import { CodedError } from '../lib/coded-error';
import { retryWaitMs } from '../lib/nats/core/retry-wait';
import type { KvBucket } from '../lib/nats/jetstream/kv/kv-bucket';
import type { Change } from './values';

/** What becomes of changes. */
export interface WritesUser {
  /** The bucket has a change. */
  onStored(change: Change, revision: number): void;
  /** The bucket does not get a change. */
  onFailed(change: Change, error: unknown): void;
}

/**
 * Called when a change, or a newer one of the same key, has been stored or has failed: once, however many changes of the
 * key have waited with the same function.
 */
export type WriteOutcome = (error?: unknown) => void;

/** The most changes, and the most bytes of changes, on their way to the server at once. */
const WINDOW = 256;
const WINDOW_BYTES = 4 * 1024 * 1024;

/** The limit of all changes that the bucket does not have yet. */
export const MAX_HELD_BYTES = 64 * 1024 * 1024;

/** What a change takes apart from its data, and what each that waits for it takes. */
const OVERHEAD_BYTES = 200;
const OUTCOME_BYTES = 200;

/** Errors that say nothing about a change: it is tried again. A JetStream may be away behind a server that is not. */
const PASSING = ['CONNECTION_LOST', 'NOT_CONNECTED', 'NO_JETSTREAM', 'OUTBOX_FULL', 'TIMEOUT', 'UNCONFIRMED'];

/** A change on its way, with all that wait for it. */
interface Write {
  change: Change;
  outcomes: Set<WriteOutcome>;
}

/**
 * Writes changes to the bucket in order. Of each key only one change is on its way at a time, and only the newest one
 * waits behind it, so that what the bucket has in the end is what was changed last.
 */
export class Writes {
  /** The changes that wait, by key, the oldest first. */
  private readonly waiting = new Map<string, Write>();
  /** The changes on their way, by key. */
  private readonly onTheWay = new Map<string, Write>();
  private bytesOnTheWay = 0;
  private bytes = 0;
  private isConnected = false;
  private hasEnded = false;
  private failures = 0;
  private retry: NodeJS.Timeout | undefined;
  private onSettled: (() => void)[] = [];

  constructor(
    private readonly bucket: Pick<KvBucket, 'put' | 'delete'>,
    private readonly user: WritesUser,
  ) {}

  /** How many keys have a change that the bucket does not have yet. */
  get count(): number {
    return new Set([...this.waiting.keys(), ...this.onTheWay.keys()]).size;
  }

  /** Throws `OUTBOX_FULL` if there is no room for some changes, or `CLOSED`. */
  check(changes: Change[]): void {
    if (this.hasEnded) throw new CodedError('CLOSED-context');
    const added = changes.reduce((sum, change) => {
      const waiting = this.waiting.get(change.key);
      return sum + bytesOf(change) + OUTCOME_BYTES - (waiting ? bytesOf(waiting.change) : 0);
    }, 0);
    if (this.bytes + added > MAX_HELD_BYTES) {
      throw new CodedError('OUTBOX_FULL-context', { keys: this.count, bytes: this.bytes });
    }
  }

  /** Writes a change that has been checked, now or later; a change of the same key that waits is not written any more. */
  add(change: Change, outcome: WriteOutcome): void {
    const waiting = this.waiting.get(change.key);
    if (waiting) this.bytes -= sizeOf(waiting);
    const write = { change, outcomes: (waiting?.outcomes ?? new Set()).add(outcome) };
    this.bytes += sizeOf(write);
    // The newest one is the last in the order.
    this.waiting.delete(change.key);
    this.waiting.set(change.key, write);
    this.write();
  }

  /** Starts or stops writing with the connection. Writes under way are not touched. */
  connected(isConnected: boolean): void {
    this.isConnected = isConnected;
    this.failures = 0;
    clearTimeout(this.retry);
    this.retry = undefined;
    this.write();
  }

  /** Resolves when nothing waits or is on its way. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.onSettled.push(resolve);
      this.checkSettled();
    });
  }

  /** Ends all changes with `CLOSED`. What is on its way may still arrive. */
  end(): void {
    this.hasEnded = true;
    clearTimeout(this.retry);
    const all = [...this.onTheWay.values(), ...this.waiting.values()];
    this.waiting.clear();
    this.onTheWay.clear();
    for (const write of all) this.fail(write, new CodedError('CLOSED-context'));
    this.checkSettled();
  }

  private write(): void {
    if (!this.isConnected || this.hasEnded || this.retry) return;
    for (const [key, write] of this.waiting) {
      if (this.onTheWay.size >= WINDOW || this.bytesOnTheWay >= WINDOW_BYTES) return;
      if (this.onTheWay.has(key)) continue;
      this.waiting.delete(key);
      this.onTheWay.set(key, write);
      this.bytesOnTheWay += sizeOf(write);
      const { data } = write.change;
      const written = data ? this.bucket.put(key, data) : this.bucket.delete(key);
      written.then(
        (revision) => this.onWritten(write, revision),
        (error) => this.onNotWritten(write, error),
      );
    }
  }

  private onWritten(write: Write, revision: number): void {
    if (!this.arrive(write)) return;
    this.failures = 0;
    this.user.onStored(write.change, revision);
    for (const outcome of write.outcomes) outcome();
    this.goOn();
  }

  private onNotWritten(write: Write, error: unknown): void {
    if (!this.arrive(write)) return;
    if (!(error instanceof CodedError && PASSING.includes(error.code))) this.fail(write, error);
    else {
      this.again(write);
      this.retry ??= setTimeout(
        () => {
          this.retry = undefined;
          this.write();
        },
        retryWaitMs(this.failures++),
      );
    }
    this.goOn();
  }

  /** It waits again, unless a newer change of its key does. */
  private again(write: Write): void {
    const { key } = write.change;
    const newer = this.waiting.get(key);
    if (newer) {
      this.bytes -= sizeOf(newer);
      newer.outcomes = new Set([...write.outcomes, ...newer.outcomes]);
      this.bytes += sizeOf(newer);
    } else {
      this.bytes += sizeOf(write);
      this.waiting.set(key, write);
    }
  }

  /** Returns whether it was still on its way. */
  private arrive(write: Write): boolean {
    const { key } = write.change;
    if (this.onTheWay.get(key) !== write) return false;
    this.onTheWay.delete(key);
    this.bytesOnTheWay -= sizeOf(write);
    this.bytes -= sizeOf(write);
    return true;
  }

  private fail({ change, outcomes }: Write, error: unknown): void {
    this.user.onFailed(change, error);
    for (const outcome of outcomes) outcome(error);
  }

  private goOn(): void {
    this.write();
    this.checkSettled();
  }

  private checkSettled(): void {
    if (this.waiting.size > 0 || this.onTheWay.size > 0) return;
    for (const resolve of this.onSettled.splice(0)) resolve();
  }
}

function sizeOf({ change, outcomes }: Write): number {
  return bytesOf(change) + outcomes.size * OUTCOME_BYTES;
}

function bytesOf({ key, data }: Change): number {
  return key.length + (data?.length ?? 0) + OVERHEAD_BYTES;
}
