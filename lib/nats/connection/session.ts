import type { Msg, NatsConnection, PublishOptions, Subscription } from 'nats';
import { CodedError, shown } from '../../coded-error';
import { drainSubscriptions } from '../client/drain';
import { Denial } from '../client/permission-violation';
import { ping } from '../client/ping';
import type { Link, LinkSubscription, Subscribed } from '../core/link';
import type { Message } from '../core/publication';
import { isReservedReply } from '../message/subject';

/** The server's error for one subscription too many. It does not name the subscription. */
const TOO_MANY = /maximum subscriptions exceeded/i;

/** The server's error before it ends a connection that sent too long a line. It does not name the limit. */
const LINE_TOO_LONG = /maximum control line exceeded/i;

/** What a session reports. */
export interface SessionListener {
  /** The server denied a message to this subject, with the error of this number. */
  onPublishDenied(subject: string, number: number): void;
  /** An error of the server that belongs to no outcome; see `Reports.add`. */
  onServerError(about: string, error: () => CodedError): void;
  /** The server rejects lines with names (subject, reply subject, queue group) of this length. */
  onLineTooLong(length: number): void;
}

/** A subscription that the server has been asked for. */
interface Asked {
  spec: LinkSubscription;
  live: Subscription;
}

/** One established connection, until it ends. The rest of the pack uses the client only through it. */
export class Session implements Link {
  /** By their ids on the server, in the order in which they were requested. */
  private readonly subscriptions = new Map<number, Asked>();
  /** Requested after the last PING. */
  private unverified: Asked[] = [];
  /** How many have been requested, but not verified. */
  private inQuestion = 0;
  /** The numbers of the errors that say there are too many subscriptions. */
  private tooMany: number[] = [];
  private toDrain: Subscription[] = [];
  private draining: Promise<void> | undefined;
  /** The length of the names in the longest line so far. */
  private longestLine = 0;
  /** Called when the session ends. */
  private readonly enders = new Set<() => void>();
  private hasEnded = false;

  constructor(
    readonly nc: NatsConnection,
    private readonly listener: SessionListener,
    /** The length of names in a line that this server is known to reject. */
    private readonly lineLimit = Number.POSITIVE_INFINITY,
  ) {}

  /** Throws if the server would drop a message of this size, or end the connection because of it. */
  check({ headers, reply }: Pick<Message, 'headers' | 'reply'>, size: number): void {
    const { info } = this.nc;
    const limit = info?.max_payload ?? Number.POSITIVE_INFINITY;
    if (size > limit) throw new CodedError('MAX_PAYLOAD', { size, limit });
    if (headers && info?.headers === false) throw new CodedError('BAD_HEADERS-server');
    if (reply && isReservedReply(reply)) throw new CodedError('BAD_REPLY-reserved', { value: shown(reply) });
  }

  publish(message: Omit<Message, 'confirm'>, size: number): void {
    const { subject, data, reply, headers } = message;
    this.check(message, size);
    this.countLine(subject, reply);
    this.nc.publish(subject, data, reply || headers ? ({ reply, headers } as PublishOptions) : undefined);
  }

  ping(): Promise<number> {
    return ping(this.nc);
  }

  onPublishDenied(subject: string): void {
    this.listener.onServerError(subject, () => new CodedError('PERMISSION-publish', { subject }));
  }

  subscribe(spec: LinkSubscription): Subscribed {
    const { subject, queue, max } = spec;
    try {
      this.countLine(subject, queue);
    } catch (error) {
      queueMicrotask(() => spec.onRefused(error as CodedError));
      return { unsubscribe: () => {}, drain: () => Promise.resolve() };
    }
    const live = this.nc.subscribe(subject, {
      ...(queue && { queue }),
      ...(max && { max }),
      callback: (_, msg: Msg) => spec.onMessage(msg),
    });
    const asked = { spec, live };
    const id = live.getID();
    this.subscriptions.set(id, asked);
    void live.closed.then(() => this.subscriptions.delete(id));
    this.inQuestion++;
    if (this.unverified.push(asked) === 1) queueMicrotask(() => void this.verify());
    return { unsubscribe: () => this.unsubscribe(live), drain: () => this.drain(live) };
  }

  /** The server has sent an error; `number` is its position among all errors of the connection. */
  onError(error: Error, number: number): void {
    if (error instanceof Denial) {
      if (error.operation === 'publish') this.listener.onPublishDenied(error.subject, number);
      else this.refuse(this.findRefused(error), error);
    } else if (TOO_MANY.test(error.message)) {
      if (this.tooMany.length < this.inQuestion) this.tooMany.push(number);
    } else if (LINE_TOO_LONG.test(error.message)) this.listener.onLineTooLong(this.longestLine);
    else
      this.listener.onServerError(
        error.message,
        () => new CodedError('SERVER', { reason: shown(error.message) }, { cause: error }),
      );
  }

  /** The connection has ended. */
  end(): void {
    this.hasEnded = true;
    for (const end of [...this.enders]) end();
  }

  /** Throws `BAD_SUBJECT` for a line that would end the connection for all nodes. */
  private countLine(subject: string, other = ''): void {
    const length = subject.length + other.length;
    if (length >= this.lineLimit) throw new CodedError('BAD_SUBJECT-line', { subject: shown(subject), length });
    if (length > this.longestLine) this.longestLine = length;
  }

  /**
   * The server does not confirm a subscription; it sends a refusal before the PONG to a later PING. If there are too
   * many subscriptions, it has refused the last ones.
   */
  private async verify(): Promise<void> {
    const asked = this.unverified;
    this.unverified = [];
    const lastError = await this.ping().catch(() => undefined);
    if (lastError === undefined || this.hasEnded) return;
    this.inQuestion -= asked.length;
    const refused = this.tooMany.filter((number) => number <= lastError).length;
    this.tooMany = this.tooMany.filter((number) => number > lastError);
    for (const [index, one] of asked.entries()) {
      if (one.live.isClosed()) continue;
      if (index < asked.length - refused) one.spec.onAccepted?.();
      else this.refuse(one, new CodedError('SERVER-subscriptions', { subject: one.spec.subject }));
    }
  }

  private refuse(asked: Asked | undefined, cause: Error): void {
    if (!asked) return;
    const { spec, live } = asked;
    this.unsubscribe(live);
    const { subject } = spec;
    spec.onRefused(
      cause instanceof CodedError ? cause : new CodedError('PERMISSION-subscribe', { subject }, { cause }),
    );
  }

  /** By the id if the server names it, else the first one with that subject and queue group. */
  private findRefused({ subject, queue, sid }: Denial): Asked | undefined {
    if (sid !== undefined) return this.subscriptions.get(sid);
    for (const asked of this.subscriptions.values()) {
      if (asked.spec.subject === subject && asked.spec.queue === queue) return asked;
    }
    return undefined;
  }

  private unsubscribe(live: Subscription): void {
    this.subscriptions.delete(live.getID());
    if (!this.hasEnded && !live.isClosed()) live.unsubscribe();
  }

  /** Ends all subscriptions after delivering the messages that the server has already sent for them. */
  async drainAll(): Promise<void> {
    await Promise.all([...this.subscriptions.values()].map(({ live }) => this.drain(live)));
  }

  /** Subscriptions that are drained in the same turn share a PING. */
  private drain(live: Subscription): Promise<void> {
    if (this.hasEnded || live.isClosed()) return Promise.resolve();
    this.toDrain.push(live);
    this.draining ??= Promise.resolve().then(() => this.drainTogether());
    return this.draining;
  }

  private async drainTogether(): Promise<void> {
    const { toDrain } = this;
    this.toDrain = [];
    this.draining = undefined;
    if (!this.hasEnded) await this.untilEnd(drainSubscriptions(this.nc, toDrain));
  }

  /** Resolves when a promise settles or the connection has ended. */
  private untilEnd(promise: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        this.enders.delete(end);
        resolve();
      };
      this.enders.add(end);
      promise.then(end, end);
    });
  }
}
