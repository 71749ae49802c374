import type { CodedError } from '../../coded-error';
import type { Received } from '../client/received';
import type { Connection } from '../connection/connection';
import type { DesiredSubscription } from '../core/subscriptions';
import { checkSubscribeSubject } from '../message/subject';
import { type ShownMessage, showMessage } from './shown-message';
import { checkForm, type Form } from './shown-payload';

/** What a tail has to tell since it was last asked. */
export interface TailReport {
  messages: ShownMessage[];
  /** How many messages have arrived in total, shown or not. */
  received: number;
  /** How many of them are not shown. */
  skipped: number;
  /** How long it goes on, in milliseconds; 0: it has ended. */
  leftMs: number;
  /** Why nothing arrives, such as `PERMISSION`. */
  trouble?: CodedError;
}

/** A person reads no more than this. */
const MOST_A_SECOND = 20;
const SECOND_MS = 1000;

/** The most that wait to be taken. */
const MOST_WAITING = 100;

/** A tail that is forgotten ends by itself. */
export const TAIL_MS = 5 * 60_000;

/**
 * Shows some of the messages of a subject, which may have wildcards, and counts the others: the first ones of each
 * second. Ends after five minutes. Throws `BAD_SUBJECT` or `BAD_CHOICE`.
 */
export class Tail {
  private readonly subscription: DesiredSubscription;
  private readonly form: Form;
  private waiting: ShownMessage[] = [];
  private received = 0;
  private skipped = 0;
  private trouble: CodedError | undefined;
  private secondAt = Number.NEGATIVE_INFINITY;
  private inSecond = 0;
  private readonly endsAt: number;
  private readonly end: NodeJS.Timeout;

  constructor(
    private readonly connection: Pick<Connection, 'subscribe' | 'unsubscribe'>,
    { subject, form }: { subject: unknown; form: unknown },
    lastsMs = TAIL_MS,
  ) {
    this.form = checkForm(form);
    this.subscription = {
      subject: checkSubscribeSubject(subject),
      max: 0,
      onMessage: (msg) => this.onMessage(msg),
      onRefused: (error) => {
        this.trouble = error;
      },
      onAccepted: () => {
        this.trouble = undefined;
      },
    };
    this.endsAt = performance.now() + lastsMs;
    this.end = setTimeout(() => this.close(), lastsMs).unref();
    connection.subscribe(this.subscription);
  }

  /** What has come since the last call. */
  take(): TailReport {
    const { waiting: messages, received, skipped, trouble } = this;
    this.waiting = [];
    const leftMs = Math.max(0, Math.ceil(this.endsAt - performance.now()));
    return { messages, received, skipped, leftMs, ...(trouble && { trouble }) };
  }

  close(): void {
    clearTimeout(this.end);
    this.connection.unsubscribe(this.subscription);
  }

  private onMessage(msg: Received): void {
    this.received++;
    const now = performance.now();
    if (now - this.secondAt >= SECOND_MS) {
      this.secondAt = now;
      this.inSecond = 0;
    }
    if (this.inSecond >= MOST_A_SECOND || this.waiting.length >= MOST_WAITING) {
      this.skipped++;
      return;
    }
    this.inSecond++;
    const { subject, reply, headers, data } = msg;
    const time = new Date().toISOString();
    this.waiting.push(showMessage({ subject, time, reply, headers, data }, this.form));
  }
}
