import { CodedError } from '../../coded-error';
import { guarded } from '../../guarded';
import { inTimeSlices } from '../../time-slices';
import { sizeOf } from '../client/publish';
import type { Received } from '../client/received';
import type { Connection } from '../connection/connection';
import { MAX_UNANSWERED_BYTES, MAX_UNANSWERED_MESSAGES } from '../core/confirmations';
import type { Attachment, Link } from '../core/link';
import type { Publication } from '../core/publication';
import { ReplyInbox, type ReplyInboxUser } from '../core/reply-inbox';

/** A server that has not answered for this time gets the message again unless the message says otherwise. */
const REPEAT_AFTER_MS = 5000;

/** How often the exchanges are looked through. */
const LOOK_MS = 500;

/**
 * How many messages may be on their way. A stream of a current server has room for 10,000 that wait to be stored, of
 * all its publishers: https://docs.nats.io/release-notes/whats_new/whats_new_211
 */
const WINDOW = 4096;

/** A message that the server answers, and its state: one object, because there may be many on their way. */
export abstract class Exchange {
  /** Its data must not change, as it may be sent again. Its reply subject is set when it is sent. */
  abstract readonly publication: Publication;
  /** For how long after the first time it may be repeated, in milliseconds; 0: it is sent only once. */
  abstract readonly repeatForMs: number;
  /** How long the server may take to answer before it is repeated, in milliseconds. */
  readonly repeatAfterMs: number = REPEAT_AFTER_MS;

  /** The number of its reply subject; 0: it has not been sent yet. */
  number = 0;
  /** Whether it may have reached the server. */
  isWritten = false;
  /** When it may first have been written, and when it was for the last time; times of the monotonic clock. */
  sentAt: number | undefined;
  writtenAt = 0;
  /** Until the server is asked again. */
  retry: NodeJS.Timeout | undefined;

  /**
   * Returns `undefined` if that ends it, or a delay in milliseconds: the server did not accept it, and is to be asked
   * again. What it throws or rejects with ends it too.
   */
  abstract onAnswer(msg: Received): number | undefined | Promise<number | undefined>;
  /** It is sent again, though an earlier attempt may have arrived. */
  onRepeat(): void {}
  /** It has ended: `UNCONFIRMED` where it may have arrived, or with an error of the outbox or of `onAnswer`. */
  abstract onFailed(error: unknown): void;
}

/**
 * Messages that the server answers. One that it does not answer is repeated, also on the next connection, so each of
 * them must have the same effect whether it arrives once or twice.
 */
export class Exchanges implements Attachment, ReplyInboxUser<Exchange> {
  /** The exchanges that wait for room; the first `next` of them have been sent. */
  private waiting: Exchange[] = [];
  private next = 0;
  private waitingBytes = 0;
  private link: Link | undefined;
  private look: NodeJS.Timeout | undefined;
  /** Set while `startWaiting` is at work, and while `attach` holds it back. */
  private isStarting = false;
  private hasEnded = false;
  private onSettled: (() => void)[] = [];
  /** For those that have been sent and not been answered. */
  private readonly inbox: ReplyInbox<Exchange>;

  constructor(private readonly connection: Pick<Connection, 'publish' | 'use' | 'inboxPrefix'>) {
    this.inbox = new ReplyInbox(connection.inboxPrefix, this);
    connection.use(this.inbox);
    connection.use(this);
  }

  /** Whether there is a connection. */
  get isAttached(): boolean {
    return this.link !== undefined;
  }

  /** Sends a message, now or when there is room. Exchanges that are held while disconnected keep their order. */
  send(exchange: Exchange): void {
    if (this.hasEnded) exchange.onFailed(new CodedError('CLOSED'));
    else if (this.inbox.size < WINDOW && this.waitingCount === 0) this.start(exchange);
    else this.wait(exchange);
  }

  /** Ends an exchange, with an error if there is one, without an answer. Does nothing if it has ended. */
  withdraw(exchange: Exchange, error: unknown): void {
    if (exchange.number > 0) {
      this.fail(exchange, error);
      return;
    }
    const at = this.waiting.indexOf(exchange, this.next);
    if (at < 0) return;
    this.waiting.splice(at, 1);
    this.waitingBytes -= sizeOf(exchange.publication);
    exchange.onFailed(error);
  }

  /** The server is available: what it has not answered is repeated, in order. */
  attach(link: Link): void {
    this.link = link;
    // The outbox is attached next. Until then it would refuse the messages of waiting exchanges.
    this.isStarting = true;
    queueMicrotask(() => this.resume());
    for (const exchange of this.inbox.waiting) {
      if (exchange.isWritten) this.repeatIfAllowed(exchange);
      else exchange.sentAt ??= performance.now();
    }
  }

  detach(): void {
    this.link = undefined;
  }

  /** Resolves when nothing that has been written waits for an answer. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.onSettled.push(resolve);
      this.checkSettled();
    });
  }

  /** The connection has been closed. */
  end(): void {
    this.hasEnded = true;
    // Every exchange ends below.
    this.settle();
    const waiting = this.waiting.slice(this.next);
    this.waiting = [];
    this.next = 0;
    for (const exchange of this.inbox.waiting) this.fail(exchange, unconfirmed(exchange));
    for (const exchange of waiting) exchange.onFailed(new CodedError('CLOSED'));
    clearTimeout(this.look);
  }

  private get waitingCount(): number {
    return this.waiting.length - this.next;
  }

  private wait(exchange: Exchange): void {
    const size = sizeOf(exchange.publication);
    const { waitingCount: messages, waitingBytes: bytes } = this;
    if (messages >= MAX_UNANSWERED_MESSAGES || bytes + size > MAX_UNANSWERED_BYTES) {
      exchange.onFailed(new CodedError('OUTBOX_FULL-unanswered', { messages, bytes }));
      return;
    }
    this.waitingBytes += size;
    this.waiting.push(exchange);
  }

  private start(exchange: Exchange): void {
    if (this.link) exchange.sentAt = performance.now();
    const number = this.inbox.add(exchange);
    exchange.number = number;
    exchange.publication.reply = this.inbox.replySubject(number);
    this.look ??= setTimeout(() => this.lookThrough(), LOOK_MS);
    // By its number: what has been answered need not be kept until the PONG.
    this.connection.publish(exchange.publication, (error) => this.onWritten(number, error));
  }

  private onWritten(number: number, error: unknown): void {
    const exchange = this.inbox.find(number);
    if (!exchange) return;
    exchange.isWritten = error === undefined || isUnconfirmed(error);
    exchange.writtenAt = performance.now();
    if (!exchange.isWritten) this.fail(exchange, error);
  }

  onReply(exchange: Exchange, msg: Received): void {
    try {
      const answer = exchange.onAnswer(msg);
      if (answer === undefined) this.finish(exchange);
      else if (typeof answer === 'number') this.askAgain(exchange, answer);
      else void this.onAnswer(exchange, answer);
    } catch (error) {
      this.fail(exchange, error);
    }
  }

  onInboxRefused(exchange: Exchange, cause: CodedError): void {
    const values = { subject: exchange.publication.subject, inbox: this.inbox.subject };
    this.fail(exchange, new CodedError('PERMISSION-inbox', values, { cause }));
  }

  private async onAnswer(exchange: Exchange, answer: Promise<number | undefined>): Promise<void> {
    try {
      const delayMs = await answer;
      if (delayMs === undefined) this.finish(exchange);
      else this.askAgain(exchange, delayMs);
    } catch (error) {
      this.fail(exchange, error);
    }
  }

  /** The server could not accept it yet. */
  private askAgain(exchange: Exchange, delayMs: number): void {
    clearTimeout(exchange.retry);
    const repeat = () => {
      exchange.retry = undefined;
      exchange.sentAt = performance.now();
      this.repeat(exchange);
    };
    if (delayMs > 0) exchange.retry = setTimeout(repeat, delayMs);
    else repeat();
  }

  private fail(exchange: Exchange, error: unknown): void {
    if (this.finish(exchange)) exchange.onFailed(error);
  }

  /** Returns whether it was still open. */
  private finish(exchange: Exchange): boolean {
    if (!this.inbox.remove(exchange.number)) return false;
    clearTimeout(exchange.retry);
    this.startWaiting();
    this.checkSettled();
    return true;
  }

  /**
   * Starts waiting exchanges while there is room. While disconnected each of them may end at once and make room for the
   * next one, so they are started in a loop: nested calls would overflow the stack.
   */
  private startWaiting(): void {
    if (this.isStarting || !this.canStart) return;
    this.isStarting = true;
    const start = (exchange: Exchange) => guarded(() => this.start(exchange));
    void inTimeSlices(this.startable(), start).then(() => this.resume());
  }

  private resume(): void {
    this.isStarting = false;
    this.startWaiting();
    this.checkSettled();
  }

  private get canStart(): boolean {
    return this.inbox.size < WINDOW && this.waitingCount > 0;
  }

  private *startable(): Iterable<Exchange> {
    while (this.canStart) yield this.takeWaiting();
  }

  private takeWaiting(): Exchange {
    const exchange = this.waiting[this.next++] as Exchange;
    this.waitingBytes -= sizeOf(exchange.publication);
    if (2 * this.next >= this.waiting.length) {
      this.waiting = this.waiting.slice(this.next);
      this.next = 0;
    }
    return exchange;
  }

  /** Repeats what the server has not answered, and ends what it has not answered for too long. */
  private lookThrough(): void {
    this.look = this.inbox.size > 0 ? setTimeout(() => this.lookThrough(), LOOK_MS) : undefined;
    const now = performance.now();
    for (const exchange of this.inbox.waiting) {
      const { isWritten, writtenAt, repeatAfterMs, retry } = exchange;
      if (isWritten && now - writtenAt > repeatAfterMs && !retry) this.repeatIfAllowed(exchange);
    }
  }

  private repeatIfAllowed(exchange: Exchange): void {
    const { sentAt = exchange.writtenAt, repeatForMs } = exchange;
    if (performance.now() - sentAt < repeatForMs) {
      exchange.onRepeat();
      this.repeat(exchange);
    } else this.fail(exchange, unconfirmed(exchange));
  }

  private repeat(exchange: Exchange): void {
    if (!this.link || !this.inbox.find(exchange.number)) return;
    const { publication } = exchange;
    exchange.writtenAt = performance.now();
    try {
      this.link.publish(publication, sizeOf(publication));
    } catch (error) {
      this.fail(exchange, error);
    }
  }

  private settle(): void {
    for (const resolve of this.onSettled.splice(0)) resolve();
  }

  private checkSettled(): void {
    if (this.onSettled.length === 0 || this.waitingCount > 0) return;
    if (this.inbox.some((exchange) => exchange.isWritten)) return;
    this.settle();
  }
}

function isUnconfirmed(error: unknown): boolean {
  return error instanceof CodedError && error.code === 'UNCONFIRMED';
}

function unconfirmed({ publication: { subject } }: Exchange): CodedError {
  return new CodedError('UNCONFIRMED-unanswered', { subject });
}
