import { setImmediate as nextTurn } from 'node:timers/promises';
import { inNextTurn } from '../../next-turn';
import { Received } from '../client/received';

/** The limits of messages that wait for a flow that cannot keep up; the oldest are kept. */
export const MAX_BACKLOG_MESSAGES = 131_072;
export const MAX_BACKLOG_BYTES = 64 * 1024 * 1024;

// A turn of the event loop should not take longer than this; after a quick one the next delivers more.
const QUICK_MS = 5;
const SLOW_MS = 20;
/** Of all backlogs together, because those of many subscriptions have the same turn; but at least `SMALLEST_PART` each. */
const SMALLEST_SHARE = 64;
const SMALLEST_PART = 4;
/**
 * A message in the flow costs a few kilobytes. The garbage collector frees this many quickly; of some thousands it
 * would copy most, and a slow flow would never catch up. Messages that enter the flow together are no such burden.
 */
const LARGEST_SHARE = 256;
const LARGEST_SHARE_TOGETHER = 8192;

/** How many backlogs have a turn. */
let busy = 0;

/** Receives the messages, and learns when some are lost. */
export interface BacklogUser {
  deliver(msg: Received): void;
  /** The first message since the flow last kept up is lost. */
  onSlow(): void;
  /** The flow has caught up after losing this number of messages. */
  onCaughtUp(lost: number): void;
}

/**
 * Messages on their way from a subscription into the flow.
 *
 * Node-RED accepts every message, so a flow that is slower than its messages would keep the process from everything
 * else, including the server's PINGs. Therefore each turn of the event loop delivers only a share of them, which grows
 * or shrinks as turns are quick or slow. The rest waits here; messages that do not fit are lost and counted.
 */
export class Backlog {
  /** Those before `next` have been delivered. */
  private waiting: (Received | undefined)[] = [];
  private next = 0;
  private bytes = 0;
  /** How many messages came to wait in this turn and in the one before: the last ones, which are not copied yet. */
  private fresh = 0;
  private recent = 0;
  private readonly largestShare: number;
  private isFinishing = false;
  private share: number;
  private delivered = 0;
  /** Whether `onTurn` is going to be called. */
  private hasTurn = false;
  private turnAt = 0;
  private isPaused = false;
  /** How many messages were lost since the flow last kept up. */
  lost = 0;

  /** `together`: how many messages the user combines before they enter the flow. */
  constructor(
    private readonly user: BacklogUser,
    together = 1,
  ) {
    this.largestShare = Math.min(LARGEST_SHARE * together, LARGEST_SHARE_TOGETHER);
    this.share = this.largestShare;
  }

  /** Takes a message that has just been received. */
  put(msg: Received): void {
    if (this.waiting.length === 0 && this.delivered < this.share && !this.isPaused) {
      this.hand(msg);
    } else if (this.size < MAX_BACKLOG_MESSAGES && this.bytes + msg.size <= MAX_BACKLOG_BYTES) {
      this.waiting.push(msg);
      this.fresh++;
      this.bytes += msg.size;
      this.askForTurn();
    } else {
      this.lost++;
      if (this.lost === 1) this.user.onSlow();
    }
  }

  /** Delivers nothing until `resume` or `finish`. */
  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    if (this.size > 0) this.askForTurn();
  }

  /**
   * Delivers waiting messages until `endAt`, a time of `performance.now()`, in turns that are short even if the flow is
   * slow. Drops the messages that are left, and resolves with their number.
   */
  async finish(endAt: number): Promise<number> {
    this.isFinishing = true;
    this.share = 1;
    this.resume();
    while (this.size > 0 && performance.now() < endAt) await nextTurn();
    const left = this.size;
    this.waiting = [];
    this.next = 0;
    this.bytes = 0;
    return left;
  }

  private get smallestShare(): number {
    return this.isFinishing ? 1 : Math.max(SMALLEST_SHARE / busy, SMALLEST_PART);
  }

  private get size(): number {
    return this.waiting.length - this.next;
  }

  private hand(msg: Received): void {
    this.delivered++;
    if (!this.hasTurn) this.turnAt = performance.now();
    this.user.deliver(msg);
    this.askForTurn();
  }

  private take(): Received {
    const msg = this.waiting[this.next] as Received;
    // What an old array holds survives the quick garbage collections, even if the array itself is garbage.
    this.waiting[this.next++] = undefined;
    this.bytes -= msg.size;
    // Releases delivered messages only now and then, because that moves all others.
    if (2 * this.next >= this.waiting.length) {
      this.waiting = this.waiting.slice(this.next);
      this.next = 0;
    }
    return msg;
  }

  private askForTurn(): void {
    if (this.hasTurn) return;
    this.hasTurn = true;
    busy++;
    inNextTurn(this.onTurn);
  }

  /** Once in each turn of the event loop while there are messages. */
  private readonly onTurn = (): void => {
    const now = performance.now();
    const turnMs = now - this.turnAt;
    if (turnMs > SLOW_MS) this.share = Math.min(this.share, Math.max(this.share / 2, this.smallestShare));
    else if (turnMs < QUICK_MS) this.share = Math.min(this.share * 2, this.largestShare);
    this.hasTurn = false;
    busy--;
    const isIdle = this.delivered === 0 && this.size === 0;
    this.delivered = 0;
    this.turnAt = now;
    while (this.size > 0 && this.delivered < this.share && !this.isPaused) {
      this.delivered++;
      this.user.deliver(this.take());
    }
    // After the messages, which Node-RED passes to the next nodes in immediates of their own.
    if (!isIdle && !this.isPaused) this.askForTurn();
    this.keepRecent();
    if (this.lost > 0 && this.size === 0) {
      const { lost } = this;
      this.lost = 0;
      this.user.onCaughtUp(lost);
    }
  };

  /** Copies messages that wait for a third turn, but not those that a quick flow gets before. */
  private keepRecent(): void {
    const end = this.waiting.length - this.fresh;
    const start = Math.max(end - this.recent, this.next);
    this.recent = this.fresh;
    this.fresh = 0;
    if (start < end) Received.keep(this.waiting.slice(start, end) as Received[]);
  }
}
