import { CodedError } from '../../coded-error';
import type { Link } from './link';
import type { Outcome } from './publication';

interface Waiting {
  subject: string;
  outcome: Outcome;
}

/** Limits of what is written but not confirmed: a frozen server reads nothing from the socket. */
export const MAX_UNANSWERED_MESSAGES = 131_072;
export const MAX_UNANSWERED_BYTES = 64 * 1024 * 1024;

/** Above this threshold, messages without confirmation get a PING of their own. */
const MANY_MESSAGES = MAX_UNANSWERED_MESSAGES / 16;
const MANY_BYTES = MAX_UNANSWERED_BYTES / 16;

/** The server has denied permission for a message. */
interface Denied {
  subject: string;
  number: number;
}

/** The amount of written messages. */
interface Load {
  messages: number;
  bytes: number;
}

/**
 * The messages of one established connection that wait for the server's confirmation.
 *
 * One PING at a time confirms all messages that were written before it. If the connection breaks first, they end with
 * `UNCONFIRMED`: they may or may not have arrived.
 */
export class Confirmations {
  private written: Waiting[] = [];
  private pinged: Waiting[] = [];
  private pinging = false;
  /** Written after the last PING, and before it until its PONG; includes messages without confirmation. */
  private writtenLoad: Load = { messages: 0, bytes: 0 };
  private pingedLoad: Load = { messages: 0, bytes: 0 };
  private denials: Denied[] = [];
  private onSettled: (() => void) | undefined;

  constructor(private readonly link: Pick<Link, 'ping' | 'onPublishDenied'>) {}

  /** Throws `OUTBOX_FULL` if no more may be written before the server answers. */
  checkRoom(size: number): void {
    const messages = this.writtenLoad.messages + this.pingedLoad.messages;
    const bytes = this.writtenLoad.bytes + this.pingedLoad.bytes;
    if (messages > 0 && (messages >= MAX_UNANSWERED_MESSAGES || bytes + size > MAX_UNANSWERED_BYTES)) {
      throw new CodedError('OUTBOX_FULL-unanswered', { messages, bytes });
    }
  }

  /** A message to this subject has been written; `outcome` is called when the server has accepted or denied it. */
  add(subject: string, size: number, outcome: Outcome): void {
    this.written.push({ subject, outcome });
    this.addUnwatched(size);
  }

  /** A message without confirmation has been written. */
  addUnwatched(size: number): void {
    this.writtenLoad.messages++;
    this.writtenLoad.bytes += size;
  }

  /**
   * Sends a PING for what has been written, now or as soon as the last PING is answered. Messages without confirmation
   * are flushed only above a threshold.
   */
  ask(): void {
    if (!this.pinging) this.next();
  }

  /** The server denied a message to this subject; the PONG follows all the same. */
  denied(subject: string, number: number): void {
    if (this.pinging) this.denials.push({ subject, number });
    else this.link.onPublishDenied(subject);
  }

  /** Resolves when no message is waiting any more. */
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
    const denied = this.deniedUpTo(Number.POSITIVE_INFINITY, waiting);
    for (const { subject, outcome } of waiting) {
      outcome(denied.get(subject) ?? new CodedError('UNCONFIRMED', { subject }));
    }
    this.onSettled?.();
  }

  private next(): void {
    const { messages, bytes } = this.writtenLoad;
    const isAboveThreshold = messages >= MANY_MESSAGES || bytes >= MANY_BYTES;
    this.pinging = isAboveThreshold || this.written.length > 0 || this.denials.length > 0;
    if (!this.pinging) {
      this.onSettled?.();
      return;
    }
    this.pinged = this.written;
    this.pingedLoad = this.writtenLoad;
    this.written = [];
    this.writtenLoad = { messages: 0, bytes: 0 };
    // The client reports an error that preceded the PONG a few microtasks after it.
    this.link.ping().then(
      (lastDenial) => setImmediate(() => this.confirm(lastDenial)),
      () => {},
    );
  }

  private confirm(lastDenial: number): void {
    const confirmed = this.pinged;
    this.pinged = [];
    this.pingedLoad = { messages: 0, bytes: 0 };
    const denied = this.deniedUpTo(lastDenial, confirmed);
    for (const { subject, outcome } of confirmed) outcome(denied.get(subject));
    this.next();
  }

  /** The errors of messages that the server has or may have denied, by subject. */
  private deniedUpTo(lastDenial: number, messages: Waiting[]): Map<string, CodedError> {
    const ends = new Map<string, CodedError>();
    if (this.denials.length === 0) return ends;
    const denied = count(this.denials.filter(({ number }) => number <= lastDenial));
    this.denials = this.denials.filter(({ number }) => number > lastDenial);
    const sent = count(messages);
    for (const [subject, times] of denied) {
      if (!sent.has(subject)) this.link.onPublishDenied(subject);
      // The permissions have changed in between, and the server does not say which message it denied.
      else if (times < (sent.get(subject) ?? 0)) ends.set(subject, new CodedError('UNCONFIRMED-refused', { subject }));
      else ends.set(subject, new CodedError('PERMISSION-publish', { subject }));
    }
    return ends;
  }
}

/** The number of entries for each subject. */
function count(list: { subject: string }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { subject } of list) counts.set(subject, (counts.get(subject) ?? 0) + 1);
  return counts;
}
