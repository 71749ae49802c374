import { createInbox } from 'nats';
import type { CodedError } from '../../coded-error';
import type { Received } from '../client/received';
import type { Attachment, Link } from './link';
import { Numbered } from './numbered';

/** Receives the replies to what waits for them. */
export interface ReplyInboxUser<Waiting extends NonNullable<unknown>> {
  onReply(waiting: Waiting, msg: Received): void;
  /** The server has refused the inbox. Called for all that waits. */
  onInboxRefused(waiting: Waiting, error: CodedError): void;
}

/**
 * One subject below which a connection receives the replies to many messages, with one subscription on each established
 * connection. The subject stays the same, so a message that is held or repeated keeps its reply subject.
 */
export class ReplyInbox<Waiting extends NonNullable<unknown>> implements Attachment {
  private readonly prefix: string;
  private readonly prefixBytes: number;
  private readonly open = new Numbered<Waiting>();
  private link: Link | undefined;
  private isSubscribed = false;

  /** `inboxPrefix` are the first tokens of the subject; the client's default is `_INBOX`. */
  constructor(
    inboxPrefix: string | undefined,
    private readonly user: ReplyInboxUser<Waiting>,
  ) {
    this.prefix = `${createInbox(inboxPrefix)}.`;
    this.prefixBytes = Buffer.byteLength(this.prefix);
  }

  /** The subject of the subscription. */
  get subject(): string {
    return `${this.prefix}*`;
  }

  /** What waits for replies, the first one first. */
  get waiting(): Waiting[] {
    return this.open.all();
  }

  /** Whether anything that waits for replies passes a test. */
  some(test: (waiting: Waiting) => boolean): boolean {
    return this.open.some(test);
  }

  get size(): number {
    return this.open.size;
  }

  /** Returns the number of a new reply subject; `waiting` gets its replies until `remove`. */
  add(waiting: Waiting): number {
    const number = this.open.add(waiting);
    this.subscribe();
    return number;
  }

  /** Finds what was added under this number, unless it has been removed. */
  find(number: number): Waiting | undefined {
    return this.open.find(number);
  }

  /** Returns whether it was there. */
  remove(number: number): boolean {
    return this.open.remove(number);
  }

  /** The reply subject with a number. */
  replySubject(number: number): string {
    return this.prefix + number;
  }

  attach(link: Link): void {
    this.link = link;
    if (this.open.size > 0) this.subscribe();
  }

  detach(): void {
    this.link = undefined;
    this.isSubscribed = false;
  }

  private subscribe(): void {
    if (this.isSubscribed || !this.link) return;
    this.isSubscribed = true;
    this.link.subscribe({
      subject: this.subject,
      onMessage: (msg) => this.onMessage(msg),
      onRefused: (error) => {
        // The next reply subject subscribes again.
        this.isSubscribed = false;
        for (const waiting of this.waiting) this.user.onInboxRefused(waiting, error);
      },
    });
  }

  private onMessage(msg: Received): void {
    const waiting = this.open.find(msg.numberInSubject(this.prefixBytes));
    if (waiting !== undefined) this.user.onReply(waiting, msg);
  }
}
