import { CodedError } from '../../coded-error';
import { inTimeSlices } from '../../time-slices';
import { DeniedSubjects } from './denied-subjects';
import type { Link } from './link';
import type { Outcome } from './publication';

/** A written message that its sender waits for. A class for the same reason as `Outgoing` in publication.ts. */
class Waiting {
  constructor(
    readonly subject: string,
    readonly size: number,
    readonly outcome: Outcome,
  ) {}
}

/** Limits of what is written but not confirmed: a frozen server reads nothing from the socket. */
export const MAX_UNANSWERED_MESSAGES = 131_072;
export const MAX_UNANSWERED_BYTES = 64 * 1024 * 1024;

/** Above this threshold, messages without confirmation get a PING of their own. */
const MANY_MESSAGES = MAX_UNANSWERED_MESSAGES / 16;
const MANY_BYTES = MAX_UNANSWERED_BYTES / 16;

/** The amount of written messages. */
interface Load {
  messages: number;
  bytes: number;
}

/**
 * The messages of one established connection that wait for the server's confirmation.
 *
 * One PING at a time confirms all messages that were written before it. If the connection breaks first, they end with
 * `UNCONFIRMED`: they may or may not have arrived. Many messages end in slices of time, in order.
 */
export class Confirmations {
  private written: Waiting[] = [];
  private pinged: Waiting[] = [];
  /** Whether a PING waits for its PONG, or the messages that it confirms are ending. */
  private pinging = false;
  /** Settles when the messages that the last PONG confirms have ended. */
  private confirming: Promise<void> | undefined;
  /** Written after the last PING, and before it until they end; includes messages without confirmation. */
  private writtenLoad: Load = { messages: 0, bytes: 0 };
  private pingedLoad: Load = { messages: 0, bytes: 0 };
  private denied = new DeniedSubjects();
  private settlers: (() => void)[] = [];

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
    this.written.push(new Waiting(subject, size, outcome));
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
  onDenied(subject: string): void {
    if (this.pinging) this.denied.add(subject);
    else this.link.onPublishDenied(subject);
  }

  /** Resolves when no message is waiting any more. */
  async settled(): Promise<void> {
    if (this.pinging) await new Promise<void>((resolve) => this.settlers.push(resolve));
  }

  /** The connection is gone. Resolves when all messages have ended. */
  async break(): Promise<void> {
    const waiting = [...this.pinged, ...this.written];
    this.pinged = [];
    this.written = [];
    this.writtenLoad = { messages: 0, bytes: 0 };
    const errorOf = this.takeErrors(waiting);
    if (this.confirming) await this.confirming;
    await inTimeSlices(waiting, ({ subject, outcome }) => {
      outcome(errorOf(subject) ?? new CodedError('UNCONFIRMED', { subject }));
    });
    this.settle();
  }

  private next(): void {
    const { messages, bytes } = this.writtenLoad;
    const isAboveThreshold = messages >= MANY_MESSAGES || bytes >= MANY_BYTES;
    this.pinging = isAboveThreshold || this.written.length > 0 || !this.denied.isEmpty;
    if (!this.pinging) {
      this.settle();
      return;
    }
    this.pinged = this.written;
    this.pingedLoad = this.writtenLoad;
    this.written = [];
    this.writtenLoad = { messages: 0, bytes: 0 };
    this.link.ping(() => {
      this.confirming = this.confirm();
    });
  }

  /** The PONG is being read: what the server denies from now on was written after the PING. */
  private async confirm(): Promise<void> {
    const { pinged } = this;
    this.pinged = [];
    const errorOf = this.takeErrors(pinged);
    await new Promise(setImmediate);
    await inTimeSlices(pinged, ({ subject, size, outcome }) => {
      this.pingedLoad.messages--;
      this.pingedLoad.bytes -= size;
      outcome(errorOf(subject));
    });
    this.pingedLoad = { messages: 0, bytes: 0 };
    this.confirming = undefined;
    this.next();
  }

  /** The errors of messages that the server has or may have denied, by subject. */
  private takeErrors(messages: Waiting[]): (subject: string) => CodedError | undefined {
    const { denied } = this;
    if (denied.isEmpty) return () => undefined;
    this.denied = new DeniedSubjects();
    return denied.errors(messages, (subject) => this.link.onPublishDenied(subject));
  }

  private settle(): void {
    const { settlers } = this;
    this.settlers = [];
    for (const settle of settlers) settle();
  }
}
