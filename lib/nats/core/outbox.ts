import { CodedError } from '../../coded-error';
import { sizeOf } from '../client/publish';
import { Confirmations } from './confirmations';
import { Holding } from './holding';
import type { Attachment, Link } from './link';
import { type Message, type Outcome, Outgoing, own, type Publication } from './publication';

/** Above these limits, messages are written before the end of the turn of the event loop. */
const MAX_WAITING_MESSAGES = 256;
const MAX_WAITING_BYTES = 32 * 1024;

/**
 * The messages between the nodes and the server, in one order: held, written, and waiting for a confirmation.
 *
 * The client loses messages that are published while it is down, so they are held here until the server is back.
 *
 * Node-RED passes each message to a node in a step of its own, and the client would write to the socket after each
 * step: one system call per message, which costs more than everything else. So only the first message in a turn of the
 * event loop, which may be the only one, is written at once, and all others of that turn together.
 */
export class Outbox implements Attachment {
  private link: Link | undefined;
  private confirmations: Confirmations | undefined;
  private readonly holding = new Holding<Outgoing>();
  private hasEnded = false;
  /** Messages after the first one of a turn. */
  private waiting: Outgoing[] = [];
  private waitingBytes = 0;
  private turn: NodeJS.Immediate | undefined;
  private isWriting = false;

  /** What is held while the server is unavailable. */
  get held(): { messages: number; bytes: number } {
    return this.holding.size;
  }

  /** Publishes a message, whose object becomes part of it; `outcome` is called once, now or later. */
  publish(publication: Publication, outcome: Outcome): void {
    if (this.hasEnded) outcome(new CodedError('CLOSED'));
    else if (this.link) this.pass(new Outgoing(publication, sizeOf(publication), outcome));
    else if (publication.whenDown === 'hold') {
      own(publication);
      this.holding.add(new Outgoing(publication, sizeOf(publication), outcome));
    } else if (publication.whenDown === 'fail') outcome(new CodedError('NOT_CONNECTED'));
    else {
      publication.onDropped?.();
      outcome();
    }
  }

  /**
   * Writes a message at once, after all that were published before it. Throws `NOT_CONNECTED`, `CLOSED`, or the errors
   * of `Link.publish`.
   */
  write(message: Message, outcome: Outcome): void {
    if (this.hasEnded) throw new CodedError('CLOSED');
    if (!this.link) throw new CodedError('NOT_CONNECTED');
    this.flush();
    try {
      this.writeTo(this.link, message, sizeOf(message), outcome);
    } finally {
      this.confirmations?.ask();
    }
  }

  /** The server is available: held messages are written in order. */
  attach(link: Link): void {
    this.link = link;
    this.confirmations = new Confirmations(link);
    this.writeAll(this.holding.release());
  }

  /** The server is gone: messages that it has not confirmed end with `UNCONFIRMED`. Resolves when they have. */
  async detach(): Promise<void> {
    const { confirmations } = this;
    this.link = undefined;
    this.confirmations = undefined;
    const ended = confirmations?.break();
    for (const { publication, outcome } of this.takeWaiting()) this.publish(publication, outcome);
    await ended;
  }

  /** Writes the messages that `publish` publishes together, and now. */
  together(publish: () => void): void {
    // None of them is the first one of its turn.
    this.turn ??= setImmediate(() => this.onTurn());
    publish();
    this.flush();
  }

  /** Writes the messages of this turn now, so that something else can follow them. */
  flush(): void {
    if (this.waiting.length > 0 && !this.isWriting) this.writeAll(this.takeWaiting());
  }

  /** The server denied a message to this subject. */
  denied(subject: string): void {
    this.confirmations?.onDenied(subject);
  }

  /** Ends the held messages of an owner with `CLOSED`. */
  withdraw(owner: object): void {
    this.holding.withdraw(owner);
  }

  /** Treats the server as unavailable until the next `attach`. Resolves as `end` does. */
  async suspend(): Promise<void> {
    this.flush();
    this.link = undefined;
    await this.confirmations?.settled();
  }

  /**
   * Ends held and all later messages with `CLOSED`. Resolves when the server has confirmed what was written, or at
   * `detach`.
   */
  async end(): Promise<void> {
    this.flush();
    this.hasEnded = true;
    for (const { outcome } of this.holding.release()) outcome(new CodedError('CLOSED'));
    await this.confirmations?.settled();
  }

  private pass(message: Outgoing): void {
    // A message that is published by an outcome follows the messages that are being written.
    const isFirst = !this.turn && !this.isWriting;
    this.turn ??= setImmediate(() => this.onTurn());
    if (isFirst) {
      this.writeAll([message]);
      return;
    }
    if (message.publication.isBorrowed) own(message.publication);
    this.waiting.push(message);
    this.waitingBytes += message.size;
    if (this.waiting.length >= MAX_WAITING_MESSAGES || this.waitingBytes >= MAX_WAITING_BYTES) this.flush();
  }

  private onTurn(): void {
    this.turn = this.waiting.length > 0 ? setImmediate(() => this.onTurn()) : undefined;
    this.flush();
  }

  private takeWaiting(): Outgoing[] {
    const { waiting } = this;
    this.waiting = [];
    this.waitingBytes = 0;
    return waiting;
  }

  /** Writes messages and the PING after them to the socket together. */
  private writeAll(messages: Outgoing[]): void {
    this.isWriting = true;
    try {
      for (const message of messages) {
        const { publication, size, outcome } = message;
        if (!this.link) {
          // An outcome has ended the connection.
          this.publish(publication, outcome);
          continue;
        }
        try {
          this.writeTo(this.link, publication, size, outcome);
        } catch (error) {
          outcome(error);
        }
      }
    } finally {
      this.isWriting = false;
      this.confirmations?.ask();
    }
  }

  /** Throws as `Link.publish` does, and `OUTBOX_FULL`. */
  private writeTo(link: Link, message: Message, size: number, outcome: Outcome): void {
    this.confirmations?.checkRoom(size);
    link.publish(message, size);
    if (message.confirm) this.confirmations?.add(message.subject, size, outcome);
    else {
      this.confirmations?.addUnwatched(size);
      outcome();
    }
  }
}
