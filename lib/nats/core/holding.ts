import { CodedError } from '../../coded-error';
import type { Outcome, Publication } from './publication';

/** What can be held: a message with its size in bytes, and its outcome. */
export interface Holdable {
  publication: Pick<Publication, 'maxAgeMs' | 'owner'>;
  size: number;
  outcome: Outcome;
}

/** The limits of messages held while disconnected; the oldest are kept. */
export const MAX_HELD_MESSAGES = 1000;
export const MAX_HELD_BYTES = 8 * 1024 * 1024;

/** The messages that are held for a server, in order, each for as long as it may wait. */
export class Holding<Message extends Holdable> {
  /** The messages with the timers of their age. */
  private readonly held = new Map<Message, NodeJS.Timeout | undefined>();
  private bytes = 0;

  get size(): { messages: number; bytes: number } {
    return { messages: this.held.size, bytes: this.bytes };
  }

  /** Holds a message, or ends it with `OUTBOX_FULL`. One that gets too old ends with `EXPIRED`. */
  add(message: Message): void {
    const { publication, size, outcome } = message;
    if (this.held.size >= MAX_HELD_MESSAGES || this.bytes + size > MAX_HELD_BYTES) {
      outcome(new CodedError('OUTBOX_FULL', { messages: this.held.size, bytes: this.bytes }));
      return;
    }
    const { maxAgeMs } = publication;
    const expire = () => this.end(message, new CodedError('EXPIRED', { maxAgeMs }));
    this.held.set(message, maxAgeMs > 0 ? setTimeout(expire, maxAgeMs) : undefined);
    this.bytes += size;
  }

  /** Removes and returns all messages, the oldest first. */
  release(): Message[] {
    const messages = [...this.held.keys()];
    for (const message of messages) this.remove(message);
    return messages;
  }

  /** Ends the messages of an owner with `CLOSED`. */
  withdraw(owner: object): void {
    for (const message of [...this.held.keys()]) {
      if (message.publication.owner === owner) this.end(message, new CodedError('CLOSED'));
    }
  }

  private end(message: Message, error: CodedError): void {
    if (this.remove(message)) message.outcome(error);
  }

  /** Returns whether the message was still held: the outcome of another one may have ended it. */
  private remove(message: Message): boolean {
    clearTimeout(this.held.get(message));
    const wasHeld = this.held.delete(message);
    if (wasHeld) this.bytes -= message.size;
    return wasHeld;
  }
}
