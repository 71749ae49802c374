import { createInbox, type Msg } from 'nats';
import type { CodedError } from '../../coded-error';
import { subjectOf } from '../client/received';
import type { Attachment, Link } from './link';

/** What waits for replies in an inbox. */
export interface ReplyListener {
  onReply(msg: Msg): void;
  /** The server has refused the inbox. */
  onInboxRefused(error: CodedError): void;
}

/**
 * One subject below which a connection receives the replies to many messages, with one subscription on each established
 * connection. The subject stays the same, so a message that is held or repeated keeps its reply subject.
 */
export class ReplyInbox implements Attachment {
  private readonly prefix: string;
  private readonly listeners = new Map<string, ReplyListener>();
  private link: Link | undefined;
  private isSubscribed = false;
  private lastToken = 0;

  /** `inboxPrefix` are the first tokens of the subject; the client's default is `_INBOX`. */
  constructor(inboxPrefix?: string) {
    this.prefix = `${createInbox(inboxPrefix)}.`;
  }

  /** The subject of the subscription. */
  get subject(): string {
    return `${this.prefix}*`;
  }

  /** Returns a new reply subject; its replies go to the listener until `close`. */
  open(listener: ReplyListener): string {
    const token = String(++this.lastToken);
    this.listeners.set(token, listener);
    this.subscribe();
    return this.prefix + token;
  }

  close(reply: string): void {
    this.listeners.delete(reply.slice(this.prefix.length));
  }

  attach(link: Link): void {
    this.link = link;
    if (this.listeners.size > 0) this.subscribe();
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
      onMessage: (msg) => this.listeners.get(subjectOf(msg).slice(this.prefix.length))?.onReply(msg),
      onRefused: (error) => {
        // The next reply subject subscribes again.
        this.isSubscribed = false;
        for (const listener of [...this.listeners.values()]) listener.onInboxRefused(error);
      },
    });
  }
}
