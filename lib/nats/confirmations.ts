import { CodedError } from '../coded-error';
import type { Outcome } from './publication';

interface Waiting {
  subject: string;
  outcome: Outcome;
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
  private onSettled: (() => void) | undefined;

  constructor(private readonly ping: () => Promise<unknown>) {}

  /** A message to this subject has been written; `outcome` is called once the server has taken or refused it. */
  add(subject: string, outcome: Outcome): void {
    this.written.push({ subject, outcome });
  }

  /** Asks the server for its word on what has been written, now or as soon as it has answered the last PING. */
  ask(): void {
    if (!this.pinging) this.next();
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
    for (const { subject, outcome } of waiting) outcome(new CodedError('UNCONFIRMED', { subject }));
    this.onSettled?.();
  }

  private next(): void {
    this.pinging = this.written.length > 0;
    if (!this.pinging) {
      this.onSettled?.();
      return;
    }
    this.pinged = this.written;
    this.written = [];
    // The client reports a refusal that came before the PONG a few microtasks after it.
    this.ping().then(
      () => setImmediate(() => this.confirm()),
      () => {},
    );
  }

  private confirm(): void {
    const confirmed = this.pinged;
    this.pinged = [];
    for (const { outcome } of confirmed) outcome();
    this.next();
  }
}
