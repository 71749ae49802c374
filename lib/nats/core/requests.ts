import { createInbox } from 'nats';
import { CodedError } from '../../coded-error';
import { inTimeSlices } from '../../time-slices';
import type { Received } from '../client/received';
import { MAX_BACKLOG_BYTES, MAX_BACKLOG_MESSAGES } from './backlog';
import type { Attachment, Link, Subscribed } from './link';
import type { Outbox } from './outbox';

/** A request to send. The subject has been checked. */
export interface Request {
  subject: string;
  data: Uint8Array;
  headers?: Uint8Array | undefined;
  /** The total time to wait for replies, in milliseconds. */
  timeoutMs: number;
  /** The requesting node, which may withdraw it. */
  owner?: object;
  /** Whether the reply subject has two tokens, with a subscription of its own. */
  flatInbox?: boolean;
}

/** When to stop gathering replies, if the request's `timeoutMs` has not passed before. */
export interface Gathering {
  /** Stop after this many replies; 0: no limit. */
  count: number;
  /** Stop if no reply follows the last one for this time, in milliseconds; 0: no limit. */
  stallMs: number;
}

/** A request that waits for replies. */
interface Pending {
  request: Request;
  onReply(msg: Received): void;
  reject(error: CodedError): void;
}

/** The requests of a connection. On each established connection, one subscription receives all their replies. */
export class Requests implements Attachment {
  private readonly pending = new Set<Pending>();
  private link: Link | undefined;
  /** The shared inbox, once a request needs it: its subject without the last token. `byToken` has the requests. */
  private inbox: { prefix: string; subscribed: Subscribed } | undefined;
  private readonly byToken = new Map<string, Pending>();
  private lastToken = 0;

  constructor(
    private readonly outbox: Pick<Outbox, 'write'>,
    private readonly inboxPrefix?: string,
  ) {}

  /**
   * Resolves with at least one reply, passed through `read`, in order of arrival. Rejects with `NOT_CONNECTED`,
   * `TIMEOUT`, `NO_RESPONDERS`, `PERMISSION`, `CONNECTION_LOST`, `CLOSED`, `TOO_MANY_REPLIES`, or with an error of
   * `read` or the outbox; replies that have already arrived are then dropped. The results of `read` are kept until the
   * last reply: they should not refer to the message, which would retain the whole chunk that the socket has read.
   */
  gather<T>(request: Request, { count, stallMs }: Gathering, read: (reply: Received) => T): Promise<T[]> {
    return new Promise((resolve, reject) => {
      const { subject, data, headers, timeoutMs } = request;
      const replies: T[] = [];
      let bytes = 0;
      let stall: NodeJS.Timeout | undefined;
      let doubt: unknown;

      const stop = () => {
        clearTimeout(total);
        clearTimeout(stall);
        this.pending.delete(pending);
        close?.();
      };
      const fail = (error: unknown) => {
        stop();
        reject(error);
      };
      const finish = () => {
        stop();
        if (replies.length > 0) resolve(replies);
        else reject(doubt ?? new CodedError('TIMEOUT', { subject, timeoutMs }));
      };
      const onReply = (msg: Received) => {
        if (isNoResponders(msg)) {
          if (replies.length === 0) doubt = new CodedError('NO_RESPONDERS', { subject });
          return finish();
        }
        bytes += msg.size;
        if (replies.length >= MAX_BACKLOG_MESSAGES || bytes > MAX_BACKLOG_BYTES) return fail(tooManyReplies(subject));
        try {
          replies.push(read(msg));
        } catch (error) {
          return fail(error);
        }
        if (count > 0 && replies.length >= count) return finish();
        if (stallMs > 0) {
          clearTimeout(stall);
          stall = setTimeout(finish, stallMs);
        }
      };
      const onWritten = (error?: unknown) => {
        if (!(error instanceof CodedError)) return;
        if (error.code === 'PERMISSION') fail(new CodedError('PERMISSION-request', { subject }, { cause: error }));
        // A reply will show that the server has accepted this message to the subject.
        else if (error.text === 'UNCONFIRMED-refused') doubt = error;
      };

      const pending: Pending = { request, onReply, reject: fail };
      const total = setTimeout(finish, timeoutMs);
      let close: (() => void) | undefined;
      this.pending.add(pending);
      try {
        const inbox = this.openInbox(pending);
        close = inbox.close;
        this.outbox.write({ subject, data, headers, reply: inbox.reply, confirm: true }, onWritten);
      } catch (error) {
        fail(error);
      }
    });
  }

  /** Rejects the requests of an owner with `CLOSED`. Their inbox ends if no other request needs it. */
  withdraw(owner: object): void {
    for (const { request, reject } of [...this.pending]) if (request.owner === owner) reject(new CodedError('CLOSED'));
    if (this.byToken.size > 0) return;
    this.inbox?.subscribed.unsubscribe();
    this.inbox = undefined;
  }

  /** Rejects all requests, by default with `CONNECTION_LOST`. */
  rejectAll(error?: CodedError): Promise<void> {
    return inTimeSlices([...this.pending], ({ request, reject }) => {
      reject(error ?? new CodedError('CONNECTION_LOST', { subject: request.subject }));
    });
  }

  attach(link: Link): void {
    this.link = link;
  }

  async detach(): Promise<void> {
    this.link = undefined;
    this.inbox = undefined;
    await this.rejectAll();
  }

  private openInbox(pending: Pending): { reply: string; close(): void } {
    if (!this.link) throw new CodedError('NOT_CONNECTED');
    if (pending.request.flatInbox) {
      const reply = createInbox(this.inboxPrefix);
      const { unsubscribe } = this.link.subscribe({
        subject: reply,
        onMessage: pending.onReply,
        onRefused: (error) => pending.reject(inboxError(pending, reply, error)),
      });
      return { reply, close: unsubscribe };
    }
    this.inbox ??= this.subscribeShared(this.link);
    const token = String(++this.lastToken);
    this.byToken.set(token, pending);
    return { reply: this.inbox.prefix + token, close: () => this.byToken.delete(token) };
  }

  private subscribeShared(link: Link) {
    const prefix = `${createInbox(this.inboxPrefix)}.`;
    const subject = `${prefix}*`;
    const subscribed = link.subscribe({
      subject,
      onMessage: (msg) => this.byToken.get(msg.subject.slice(prefix.length))?.onReply(msg),
      onRefused: (error) => {
        // The next request subscribes again.
        this.inbox = undefined;
        for (const pending of [...this.byToken.values()]) pending.reject(inboxError(pending, subject, error));
      },
    });
    return { prefix, subscribed };
  }
}

/** The server's own answer if there is no subscriber: https://docs.nats.io/nats-concepts/core-nats/reqreply */
function isNoResponders(msg: Received): boolean {
  return msg.isEmpty && msg.headers?.code === 503;
}

function inboxError({ request }: Pending, inbox: string, cause: CodedError): CodedError {
  if (cause.code !== 'PERMISSION') return cause;
  return new CodedError('PERMISSION-inbox', { subject: request.subject, inbox }, { cause });
}

function tooManyReplies(subject: string): CodedError {
  return new CodedError('TOO_MANY_REPLIES', { subject, messages: MAX_BACKLOG_MESSAGES, bytes: MAX_BACKLOG_BYTES });
}
