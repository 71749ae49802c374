import { CodedError } from '../coded-error';
import type { Outcome } from './publication';

interface Waiting {
  subject: string;
  outcome: Outcome;
}

/** Bounds of what has been written and not answered for: a server that is frozen takes nothing from the socket. */
export const MAX_UNANSWERED_MESSAGES = 131_072;
export const MAX_UNANSWERED_BYTES = 64 * 1024 * 1024;

/** So much that nobody waits for is worth a PING of its own. */
const MANY_MESSAGES = MAX_UNANSWERED_MESSAGES / 16;
const MANY_BYTES = MAX_UNANSWERED_BYTES / 16;

/** How much has been written. */
interface Load {
  messages: number;
  bytes: number;
}

/**
 * The messages of one established connection that wait for the server's word.
 *
 * One PING at a time serves all that were written before it. When the connection breaks first, the waiting
 * ones end in `UNCONFIRMED`: they may have arrived or not.
 */
export class Confirmations {
  private written: Waiting[] = [];
  private pinged: Waiting[] = [];
  private pinging = false;
  /** Behind the last PING, and before it until its answer; those included that nobody waits for. */
  private writtenLoad: Load = { messages: 0, bytes: 0 };
  private pingedLoad: Load = { messages: 0, bytes: 0 };
  private onSettled: (() => void) | undefined;

  constructor(private readonly ping: () => Promise<unknown>) {}

  /** Throws `OUTBOX_FULL` where no more may be written before the server answers. */
  checkRoom(size: number): void {
    const messages = this.writtenLoad.messages + this.pingedLoad.messages;
    const bytes = this.writtenLoad.bytes + this.pingedLoad.bytes;
    if (messages > 0 && (messages >= MAX_UNANSWERED_MESSAGES || bytes + size > MAX_UNANSWERED_BYTES)) {
      throw new CodedError('OUTBOX_FULL-unanswered', { messages, bytes });
    }
  }

  /** A message to this subject has been written; `outcome` is called once the server has taken or refused it. */
  add(subject: string, size: number, outcome: Outcome): void {
    this.written.push({ subject, outcome });
    this.load(size);
    this.pingSoon();
  }

  /** A message has been written that nobody waits for. */
  addUnwatched(size: number): void {
    const { messages, bytes } = this.load(size);
    if (messages >= MANY_MESSAGES || bytes >= MANY_BYTES) this.pingSoon();
  }

  private load(size: number): Load {
    this.writtenLoad.messages++;
    this.writtenLoad.bytes += size;
    return this.writtenLoad;
  }

  private pingSoon(): void {
    if (this.pinging) return;
    this.pinging = true;
    // Messages that arrive in the same turn of the event loop share the PING.
    setImmediate(() => this.next());
  }

  /** The server refused the subject; it still answers PONG behind the refusal. Returns whether a message to it waited. */
  denied(subject: string): boolean {
    const isDenied = (waiting: Waiting) => waiting.subject === subject;
    const refused = [...this.pinged, ...this.written].filter(isDenied);
    this.pinged = this.pinged.filter((waiting) => !isDenied(waiting));
    this.written = this.written.filter((waiting) => !isDenied(waiting));
    for (const { outcome } of refused) outcome(new CodedError('PERMISSION-publish', { subject }));
    return refused.length > 0;
  }

  /** Resolves when nothing waits any more. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.onSettled = resolve;
      if (!this.pinging) resolve();
    });
  }

  /** The connection is gone. */
  break(): void {
    const waiting = [...this.pinged, ...this.written];
    this.pinged = [];
    this.written = [];
    this.writtenLoad = { messages: 0, bytes: 0 };
    for (const { subject, outcome } of waiting) outcome(new CodedError('UNCONFIRMED', { subject }));
    this.onSettled?.();
  }

  private next(): void {
    this.pinging = this.writtenLoad.messages > 0;
    if (!this.pinging) {
      this.onSettled?.();
      return;
    }
    this.pinged = this.written;
    this.pingedLoad = this.writtenLoad;
    this.written = [];
    this.writtenLoad = { messages: 0, bytes: 0 };
    // The client reports a refusal that came before the PONG a few microtasks after it.
    this.ping().then(
      () => setImmediate(() => this.confirm()),
      () => {},
    );
  }

  private confirm(): void {
    const confirmed = this.pinged;
    this.pinged = [];
    this.pingedLoad = { messages: 0, bytes: 0 };
    for (const { outcome } of confirmed) outcome();
    this.next();
  }
}
