import type { Msg } from 'nats';
import { CodedError } from '../../coded-error';
import type { Connection } from '../connection/connection';
import { MAX_UNANSWERED_BYTES, MAX_UNANSWERED_MESSAGES } from '../core/confirmations';
import type { Attachment, Link } from '../core/link';
import { type Publication, sizeOf } from '../core/publication';
import { ReplyInbox, type ReplyListener } from '../core/reply-inbox';

/** A message that the server answers. */
export interface Exchange {
  /** Its data must not change, as it may be sent again. */
  publication: Omit<Publication, 'reply' | 'confirm'>;
  /** Messages without confirmation that are always sent before it, which its answer answers as well: the server handles them in order. */
  preceding?: readonly Publication[];
  /** For how long after the first time it may be repeated, in milliseconds; 0: it is sent only once. */
  repeatForMs: number;
  /**
   * Returns `undefined` if that ends it, or a delay in milliseconds: the server did not accept it, and is to be asked
   * again. What it throws or rejects with ends it too.
   */
  onAnswer(msg: Msg): number | undefined | Promise<number | undefined>;
  /** It is sent again, though an earlier attempt may have arrived. */
  onRepeat?(): void;
  /** It has ended: `UNCONFIRMED` where it may have arrived, or with an error of the outbox or of `onAnswer`. */
  onFailed(error: unknown): void;
}

/** A server that has not answered for this time gets the message again, in milliseconds. */
const REPEAT_AFTER_MS = 5000;

/** How often the exchanges are looked through. */
const LOOK_MS = 500;

/**
 * How many messages may be on their way. A stream of a current server has room for 10,000 that wait to be stored, of
 * all its publishers: https://docs.nats.io/release-notes/whats_new/whats_new_211
 */
const WINDOW = 4096;

/**
 * Messages that the server answers. One that it does not answer is repeated, also on the next connection, so each of
 * them must have the same effect whether it arrives once or twice.
 */
export class Exchanges implements Attachment {
  private readonly open = new Set<Open>();
  /** Those that wait until others have been answered; the first `next` of them no longer do. */
  private waiting: Exchange[] = [];
  private next = 0;
  private waitingBytes = 0;
  private link: Link | undefined;
  private look: NodeJS.Timeout | undefined;
  private hasEnded = false;
  private onSettled: (() => void)[] = [];
  private readonly inbox: ReplyInbox;

  constructor(private readonly connection: Pick<Connection, 'publish' | 'use' | 'inboxPrefix'>) {
    this.inbox = new ReplyInbox(connection.inboxPrefix);
    connection.use(this.inbox);
    connection.use(this);
  }

  /** Whether there is a connection. */
  get isAttached(): boolean {
    return this.link !== undefined;
  }

  /** Sends a message, now or when there is room. Those that are held while disconnected keep their order. */
  send(exchange: Exchange): void {
    if (this.hasEnded) exchange.onFailed(new CodedError('CLOSED'));
    else if (this.open.size < WINDOW && this.waitingCount === 0) this.start(exchange);
    else this.wait(exchange);
  }

  /** Ends an exchange, with an error if there is one, without an answer. Does nothing if it has ended. */
  withdraw(exchange: Exchange, error: unknown): void {
    const at = this.waiting.indexOf(exchange, this.next);
    for (const open of this.open) if (open.exchange === exchange) this.fail(open, error);
    if (at < 0) return;
    this.waiting.splice(at, 1);
    this.waitingBytes -= sizeOf(exchange.publication);
    exchange.onFailed(error);
  }

  /** The server is available: what it has not answered is repeated, in order. */
  attach(link: Link): void {
    this.link = link;
    for (const open of [...this.open]) {
      if (open.isWritten) this.repeatIfAllowed(open);
      else open.sentAt ??= performance.now();
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
    const waiting = this.waiting.slice(this.next);
    this.waiting = [];
    this.next = 0;
    for (const open of [...this.open]) this.fail(open, unconfirmed(open.exchange));
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
    const open = new Open(exchange, this);
    if (this.link) open.sentAt = performance.now();
    this.open.add(open);
    open.reply = this.inbox.open(open);
    this.look ??= setTimeout(() => this.lookThrough(), LOOK_MS);
    for (const publication of exchange.preceding ?? []) this.connection.publish(publication, ignore);
    this.connection.publish({ ...exchange.publication, reply: open.reply, confirm: true }, (error) =>
      open.onWritten(error),
    );
  }

  /** Sends an open message again. */
  repeat(open: Open): void {
    if (!this.link || !this.open.has(open)) return;
    const { publication, preceding = [] } = open.exchange;
    open.writtenAt = performance.now();
    try {
      for (const message of preceding) this.link.publish(message, sizeOf(message));
      this.link.publish({ ...publication, reply: open.reply }, sizeOf(publication));
    } catch (error) {
      this.fail(open, error);
    }
  }

  fail(open: Open, error: unknown): void {
    if (this.finish(open)) open.exchange.onFailed(error);
  }

  /** Returns whether it was still open. */
  finish(open: Open): boolean {
    if (!this.open.delete(open)) return false;
    this.inbox.close(open.reply);
    clearTimeout(open.retry);
    while (this.open.size < WINDOW && this.waitingCount > 0) this.start(this.takeWaiting());
    this.checkSettled();
    return true;
  }

  /** The subject of the inbox, for the text of an error. */
  get inboxSubject(): string {
    return this.inbox.subject;
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

  /** Ends what has waited too long, and repeats what the server has not answered. */
  private lookThrough(): void {
    this.look = this.open.size > 0 ? setTimeout(() => this.lookThrough(), LOOK_MS) : undefined;
    const before = performance.now() - REPEAT_AFTER_MS;
    for (const open of [...this.open]) {
      if (open.isWritten && open.writtenAt < before && !open.retry) this.repeatIfAllowed(open);
    }
  }

  private repeatIfAllowed(open: Open): void {
    if (open.mayRepeat()) {
      open.exchange.onRepeat?.();
      this.repeat(open);
    } else this.fail(open, unconfirmed(open.exchange));
  }

  private checkSettled(): void {
    if (this.onSettled.length === 0 || this.waitingCount > 0) return;
    if ([...this.open].some((open) => open.isWritten)) return;
    for (const resolve of this.onSettled.splice(0)) resolve();
  }
}

/** A message that has been sent and not been answered. */
class Open implements ReplyListener {
  reply = '';
  /** Whether it may have reached the server. */
  isWritten = false;
  /** When it may first have been written, and when it was for the last time; times of the monotonic clock. */
  sentAt: number | undefined;
  writtenAt = 0;
  retry: NodeJS.Timeout | undefined;

  constructor(
    readonly exchange: Exchange,
    private readonly exchanges: Exchanges,
  ) {}

  onWritten(error: unknown): void {
    this.isWritten = error === undefined || isUnconfirmed(error);
    this.writtenAt = performance.now();
    if (!this.isWritten) this.exchanges.fail(this, error);
  }

  onReply(msg: Msg): void {
    try {
      const answer = this.exchange.onAnswer(msg);
      if (answer instanceof Promise) answer.then((delayMs) => this.onAnswered(delayMs), this.onFailed);
      else this.onAnswered(answer);
    } catch (error) {
      this.onFailed(error);
    }
  }

  private onAnswered(delayMs: number | undefined): void {
    if (delayMs === undefined) this.exchanges.finish(this);
    else {
      clearTimeout(this.retry);
      this.retry = delayMs > 0 ? setTimeout(() => this.askAgain(), delayMs) : undefined;
      if (delayMs === 0) this.askAgain();
    }
  }

  private askAgain(): void {
    this.retry = undefined;
    this.sentAt = performance.now();
    this.exchanges.repeat(this);
  }

  private readonly onFailed = (error: unknown) => this.exchanges.fail(this, error);

  onInboxRefused(cause: CodedError): void {
    const { subject } = this.exchange.publication;
    const values = { subject, inbox: this.exchanges.inboxSubject };
    this.exchanges.fail(this, new CodedError('PERMISSION-inbox', values, { cause }));
  }

  mayRepeat(): boolean {
    return performance.now() - (this.sentAt ?? this.writtenAt) < this.exchange.repeatForMs;
  }
}

function ignore(): void {}

function isUnconfirmed(error: unknown): boolean {
  return error instanceof CodedError && error.code === 'UNCONFIRMED';
}

function unconfirmed({ publication: { subject } }: Exchange): CodedError {
  return new CodedError('UNCONFIRMED-unanswered', { subject });
}
