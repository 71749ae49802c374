import type { NatsConnection, Subscription } from 'nats';
import { CodedError, shown } from '../../coded-error';
import { drainSubscriptions } from '../client/drain';
import { Denial } from '../client/permission-violation';
import { ping } from '../client/ping';
import { publish } from '../client/publish';
import { subscribe } from '../client/subscribe';
import type { Link, LinkSubscription, Subscribed } from '../core/link';
import type { Message } from '../core/publication';
import { isReservedReply } from '../message/subject';

/** The server's error for one subscription too many. It does not name the subscription. */
const TOO_MANY = /maximum subscriptions exceeded/i;

/** The server's error before it ends a connection that sent too long a line. It does not name the limit. */
const LINE_TOO_LONG = /maximum control line exceeded/i;

const NONE: readonly string[] = [];

/** What a session reports. */
export interface SessionListener {
  /** The server denied a message to this subject. */
  onPublishDenied(subject: string): void;
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
  /** The same by their names, once a refusal needs that. */
  private byName: Map<string, Set<Asked>> | undefined;
  /** Requested after the last PING. */
  private unverified: Asked[] = [];
  /** How many have been requested, but not verified. */
  private inQuestion = 0;
  /** How often the server has said since the last PONG that there are too many subscriptions. */
  private tooMany = 0;
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
    const { subject, data, reply, others = NONE } = message;
    this.check(message, size);
    this.countLine(subject, reply);
    for (const other of others) this.countLine(other);
    for (const other of others) publish(this.nc, { subject: other, data });
    publish(this.nc, message, size);
  }

  ping(onPong: () => void): void {
    ping(this.nc, onPong);
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
    const options = { ...(queue && { queue }), ...(max && { max }) };
    const live = subscribe(this.nc, subject, options, spec);
    const asked = { spec, live };
    this.remember(asked);
    void live.closed.then(() => this.forget(asked));
    this.inQuestion++;
    if (this.unverified.push(asked) === 1) queueMicrotask(() => this.verify());
    return { unsubscribe: () => this.unsubscribe(asked), drain: () => this.drain(live) };
  }

  /** The server has sent an error. */
  onError(error: Error): void {
    if (error instanceof Denial) {
      if (error.operation === 'publish') this.listener.onPublishDenied(error.subject);
      else this.refuse(this.findRefused(error), error);
    } else if (TOO_MANY.test(error.message)) {
      if (this.tooMany < this.inQuestion) this.tooMany++;
    } else if (LINE_TOO_LONG.test(error.message)) this.listener.onLineTooLong(this.longestLine);
    else {
      this.listener.onServerError(
        error.message,
        () => new CodedError('SERVER', { reason: shown(error.message) }, { cause: error }),
      );
    }
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
  private verify(): void {
    const asked = this.unverified;
    this.unverified = [];
    this.ping(() => {
      this.inQuestion -= asked.length;
      const accepted = asked.length - this.tooMany;
      this.tooMany = 0;
      queueMicrotask(() => this.settle(asked, accepted));
    });
  }

  private settle(asked: Asked[], accepted: number): void {
    if (this.hasEnded) return;
    for (const [index, one] of asked.entries()) {
      if (one.live.isClosed()) continue;
      if (index < accepted) one.spec.onAccepted?.();
      else this.refuse(one, new CodedError('SERVER-subscriptions', { subject: one.spec.subject }));
    }
  }

  private refuse(asked: Asked | undefined, cause: Error): void {
    if (!asked) return;
    const { spec } = asked;
    this.unsubscribe(asked);
    const { subject } = spec;
    spec.onRefused(
      cause instanceof CodedError ? cause : new CodedError('PERMISSION-subscribe', { subject }, { cause }),
    );
  }

  /** By the id if the server names it, else the first one with that subject and queue group. */
  private findRefused(denial: Denial): Asked | undefined {
    if (denial.sid !== undefined) return this.subscriptions.get(denial.sid);
    if (!this.byName) {
      this.byName = new Map();
      for (const asked of this.subscriptions.values()) this.remember(asked);
    }
    const [first] = this.byName.get(nameOf(denial)) ?? [];
    return first;
  }

  private remember(asked: Asked): void {
    this.subscriptions.set(asked.live.getID(), asked);
    const name = nameOf(asked.spec);
    this.byName?.set(name, (this.byName.get(name) ?? new Set()).add(asked));
  }

  private forget(asked: Asked): void {
    this.subscriptions.delete(asked.live.getID());
    const name = nameOf(asked.spec);
    const same = this.byName?.get(name);
    same?.delete(asked);
    if (same?.size === 0) this.byName?.delete(name);
  }

  private unsubscribe(asked: Asked): void {
    this.forget(asked);
    if (!this.hasEnded && !asked.live.isClosed()) asked.live.unsubscribe();
  }

  /** Ends all subscriptions after delivering the messages that the server has already sent for them. */
  async drainAll(): Promise<void> {
    await Promise.all(new Set([...this.subscriptions.values()].map(({ live }) => this.drain(live))));
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

/** Subject and queue group, which contain no space. */
function nameOf({ subject, queue = '' }: Pick<LinkSubscription, 'subject' | 'queue'>): string {
  return `${subject} ${queue}`;
}
