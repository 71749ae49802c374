import { CodedError } from '../../coded-error';
import { Confirmations } from './confirmations';
import { type Link, type Outcome, type Publication, sizeOf } from './publication';

interface Held {
  publication: Publication;
  size: number;
  outcome: Outcome;
  expiry?: NodeJS.Timeout;
}

/** Bounds of what is held while the server is away; the oldest are kept. */
export const MAX_HELD_MESSAGES = 1000;
export const MAX_HELD_BYTES = 8 * 1024 * 1024;

/** So much is not kept for the end of a turn of the event loop. */
const MOST_AT_ONCE = 256;
const MOST_BYTES_AT_ONCE = 32 * 1024;

/**
 * The messages between the nodes and the server, in order.
 *
 * The client loses what is published while it is down, so messages are held here until the server is back.
 *
 * Node-RED hands each message to a node in a step of its own, and behind each step the client would write to the socket
 * what it has: a system call a message, which costs more than all else. So only the first message of a turn of the event
 * loop, which may be the only one, is written at once, and those behind it together.
 */
export class Outbox {
  private link: Link | undefined;
  private confirmations: Confirmations | undefined;
  private held: Held[] = [];
  private heldBytes = 0;
  private ended = false;
  /** Behind the first of a turn. */
  private next: Held[] = [];
  private nextBytes = 0;
  private turn: NodeJS.Immediate | undefined;
  private isWriting = false;

  /** Takes a message; `outcome` is called once, now or later. */
  publish(publication: Publication, outcome: Outcome): void {
    if (this.ended) outcome(new CodedError('CLOSED'));
    else if (this.link) this.pass({ publication, size: sizeOf(publication), outcome });
    else if (publication.whenDown === 'hold') this.hold(publication, outcome);
    else if (publication.whenDown === 'fail') outcome(new CodedError('NOT_CONNECTED'));
    else {
      publication.onDropped?.();
      outcome();
    }
  }

  /** The server is there: what was held goes out in order. */
  connected(link: Link): void {
    this.link = link;
    this.confirmations = new Confirmations(link);
    this.writeAll(this.release());
  }

  /** The server is gone: what it has not confirmed ends in `UNCONFIRMED`. */
  disconnected(): void {
    this.link = undefined;
    this.confirmations?.break();
    this.confirmations = undefined;
    for (const { publication, outcome } of this.takeNext()) this.publish(publication, outcome);
  }

  /** Writes now what would be written at the end of the turn, for what has to come behind it. */
  flush(): void {
    if (this.next.length > 0 && !this.isWriting) this.writeAll(this.takeNext());
  }

  /** The server refused to take a message to this subject; the number is that of the refusal. */
  denied(subject: string, number: number): void {
    this.confirmations?.denied(subject, number);
  }

  /** For the time being the server is as if it were away. Resolves as `end` does. */
  async suspend(): Promise<void> {
    this.flush();
    this.link = undefined;
    await this.confirmations?.settled();
  }

  /**
   * Takes no more messages: what is held, and what still comes, ends in `CLOSED`. Resolves when the server has
   * answered for what was written; `disconnected` cuts that short.
   */
  async end(): Promise<void> {
    this.flush();
    this.ended = true;
    for (const { outcome } of this.release()) outcome(new CodedError('CLOSED'));
    await this.confirmations?.settled();
  }

  /** Counts what goes to the server past the outbox. Throws `OUTBOX_FULL` where the server answers nothing any more. */
  count(size: number): void {
    this.confirmations?.checkRoom(size);
    this.confirmations?.ask();
    this.confirmations?.addUnwatched(size);
  }

  private pass(passed: Held): void {
    // What an outcome leads to at once comes behind all that is being written.
    const isFirst = !this.turn && !this.isWriting;
    this.turn ??= setImmediate(() => this.onTurn());
    if (isFirst) {
      this.writeAll([passed]);
      return;
    }
    this.next.push(passed);
    this.nextBytes += passed.size;
    if (this.next.length >= MOST_AT_ONCE || this.nextBytes >= MOST_BYTES_AT_ONCE) this.flush();
  }

  private onTurn(): void {
    this.turn = this.next.length > 0 ? setImmediate(() => this.onTurn()) : undefined;
    this.flush();
  }

  private takeNext(): Held[] {
    const { next } = this;
    this.next = [];
    this.nextBytes = 0;
    return next;
  }

  /** Messages and the PING behind them go to the socket together. */
  private writeAll(messages: Held[]): void {
    this.isWriting = true;
    try {
      for (const message of messages) this.write(message);
    } finally {
      this.isWriting = false;
      this.confirmations?.ask();
    }
  }

  private write({ publication, size, outcome }: Held): void {
    if (!this.link) {
      this.publish(publication, outcome);
      return;
    }
    try {
      this.confirmations?.checkRoom(size);
      this.link.publish(publication, size);
    } catch (error) {
      outcome(error);
      return;
    }
    if (publication.confirm) this.confirmations?.add(publication.subject, size, outcome);
    else {
      this.confirmations?.addUnwatched(size);
      outcome();
    }
  }

  private hold(publication: Publication, outcome: Outcome): void {
    const size = sizeOf(publication);
    if (this.held.length >= MAX_HELD_MESSAGES || this.heldBytes + size > MAX_HELD_BYTES) {
      outcome(new CodedError('OUTBOX_FULL', { messages: this.held.length, bytes: this.heldBytes }));
      return;
    }
    const held: Held = { publication, size, outcome };
    this.held.push(held);
    this.heldBytes += size;
    if (publication.maxAgeMs > 0) held.expiry = setTimeout(() => this.expire(held), publication.maxAgeMs);
  }

  private release(): Held[] {
    const released = this.held;
    this.held = [];
    this.heldBytes = 0;
    for (const { expiry } of released) clearTimeout(expiry);
    return released;
  }

  private expire(held: Held): void {
    this.held.splice(this.held.indexOf(held), 1);
    this.heldBytes -= held.size;
    held.outcome(new CodedError('EXPIRED', { maxAgeMs: held.publication.maxAgeMs }));
  }
}
