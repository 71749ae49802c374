import { setMaxListeners } from 'node:events';
import { setTimeout as delay, setImmediate as immediate } from 'node:timers/promises';
import {
  errors,
  type Msg,
  type NatsConnection,
  type NodeConnectionOptions,
  type PublishOptions,
  type Status,
  type Subscription,
} from 'nats';
import { CodedError, shown } from '../../coded-error';
import { connectError, isRefusal } from '../client/connect-error';
import { dial } from '../client/dial';
import { Denial } from '../client/permission-violation';
import { ping } from '../client/ping';
import { tlsRefusal } from '../client/tls-refusal';
import { Outbox } from '../core/outbox';
import { type Link, type Outcome, type Publication, sizeOf } from '../core/publication';
import { type Gathering, type Request, requestMany, requestOne } from '../core/request';
import { isReservedReply } from '../message/subject';

/** How a connection stands; `error` says why it is refused or cannot be made. */
export interface ConnectionState {
  name: 'connecting' | 'connected' | 'disconnected' | 'refused' | 'closed';
  error?: CodedError;
  /** Host and port of the server, while connected. */
  server?: string;
}

/** What a node wants to receive. Subject and queue group have been checked. */
export interface Wanted {
  subject: string;
  queue?: string;
  /** Ends after so many messages; 0: no limit. */
  max: number;
  onMessage(msg: Msg): void;
  /** `max` messages have come. */
  onEnd?(): void;
  /** The server refuses the subject (`PERMISSION`); it is asked again from time to time. */
  onDenied(error: CodedError): void;
  /** The server takes the subject after it had refused it. */
  onAllowed?(): void;
}

/** How a subscription stands. */
interface Progress {
  received: number;
  live?: Subscription;
  /** How often the server has refused it, and when it will be asked again. */
  denials: number;
  retry?: NodeJS.Timeout;
}

/** A message that the connection sends by itself. Its subject has been checked. */
export type Announcement = Pick<Publication, 'subject' | 'data' | 'headers'>;

/** What a connection says of itself. */
export interface Presence {
  /** After each connect. */
  online?: Announcement | undefined;
  /** Before a clean end; a connection that breaks says nothing. */
  offline?: Announcement | undefined;
}

/** So many complaints of a server are told of. */
const MAX_COMPLAINTS = 100;

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8000;
const DRAIN_MS = 1500;

/** Doubles from 0.25 s to 8 s, less up to half of it at random, so that many clients do not dial in step. */
function waitMs(attempt: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt) * (1 - Math.random() / 2);
}

/** The server ends a connection that sends what it does not take, so ask before. */
function check(nc: NatsConnection, { headers, reply }: Pick<Publication, 'headers' | 'reply'>, size: number): void {
  const limit = nc.info?.max_payload ?? Number.POSITIVE_INFINITY;
  if (size > limit) throw new CodedError('MAX_PAYLOAD', { size, limit });
  if (headers && nc.info?.headers === false) throw new CodedError('BAD_HEADERS-server');
  if (reply && isReservedReply(reply)) throw new CodedError('BAD_REPLY-reserved', { value: shown(reply) });
}

/**
 * One connection to a NATS system that outlives its servers: it dials until it is closed, and restores its
 * subscriptions, which may be made at any time.
 */
export class Connection {
  private readonly outbox = new Outbox();
  private readonly wanted = new Map<Wanted, Progress>();
  /** What the server has complained of and nobody waited for: the subjects of messages, or the server's words. */
  private readonly complaints = new Set<string>();
  /** Aborts when the connection is no longer wanted. */
  private session = new AbortController();
  private isEnded = false;
  /** Resolves when the connection that a message has ended is gone. */
  private leaving = Promise.resolve();
  private isWatched = false;
  private nc: NatsConnection | undefined;
  /** Aborts when the established connection breaks; `undefined` while there is none. */
  private lost: AbortController | undefined;
  private current: ConnectionState = { name: 'connecting' };

  constructor(
    private readonly options: NodeConnectionOptions,
    private readonly onState: (state: ConnectionState) => void,
    private readonly presence: Presence = {},
    /** Told of what failed where nobody waits for its outcome, such as `PERMISSION`, `MAX_PAYLOAD` or `SERVER`. */
    private readonly onError: (error: unknown) => void = () => {},
  ) {
    void this.dial(this.session.signal);
  }

  get state(): ConnectionState {
    return this.current;
  }

  get inboxPrefix(): string | undefined {
    return this.options.inboxPrefix;
  }

  /** Starts a subscription, now or as soon as there is a connection. Wanting the same object twice changes nothing. */
  subscribe(wanted: Wanted): void {
    if (this.wanted.has(wanted)) return;
    this.outbox.flush();
    this.wanted.set(wanted, { received: 0, denials: 0 });
    if (this.lost && this.nc) this.start(this.nc, wanted);
  }

  /** Ends a subscription. */
  unsubscribe(wanted: Wanted): void {
    this.outbox.flush();
    const { live, retry } = this.wanted.get(wanted) ?? {};
    this.wanted.delete(wanted);
    clearTimeout(retry);
    if (live && !this.nc?.isClosed()) live.unsubscribe();
  }

  /** Ends a subscription once what the server has sent for it is handed on; within a time where the server is gone. */
  async drain(wanted: Wanted): Promise<void> {
    this.outbox.flush();
    const live = this.wanted.get(wanted)?.live;
    const { nc, lost } = this;
    // The last one to leave ends the connection, which then has something to hand on as well.
    const isUp = lost !== undefined || this.isEnded;
    if (!nc || !isUp || !live || live.isClosed()) return this.unsubscribe(wanted);
    clearTimeout(this.wanted.get(wanted)?.retry);
    this.wanted.delete(wanted);
    const over = new AbortController();
    const late = delay(DRAIN_MS, undefined, { signal: over.signal });
    lost?.signal.addEventListener('abort', () => this.isEnded || over.abort(), { signal: over.signal });
    await Promise.race([live.drain(), nc.closed(), late]).catch(() => {});
    over.abort();
    if (!live.isClosed() && !nc.isClosed()) live.unsubscribe();
  }

  /** Throws what the server would not take of a message, as far as that is known; see `Link.publish`. */
  check(publication: Publication): void {
    if (this.nc) check(this.nc, publication, sizeOf(publication));
  }

  /** Takes a message for the server; see `Outbox`. */
  publish(publication: Publication, outcome: Outcome): void {
    this.outbox.publish(publication, outcome);
  }

  /** Resolves with the first reply, or rejects as `requestOne` does; `NOT_CONNECTED` at once while down. */
  async request(request: Request, flatInbox: boolean): Promise<Msg> {
    const { nc, lost } = this.established(request);
    return requestOne(nc, request, flatInbox, lost);
  }

  /** Resolves with several replies, or rejects as `requestMany` does; `NOT_CONNECTED` at once while down. */
  async requestMany(request: Request, gathering: Omit<Gathering, 'inboxPrefix'>): Promise<Msg[]> {
    const { nc, lost } = this.established(request);
    return requestMany(nc, request, { ...gathering, inboxPrefix: this.options.inboxPrefix }, lost);
  }

  /** Connects again after `disconnect`. */
  connect(): void {
    if (this.isEnded || !this.session.signal.aborted) return;
    this.session = new AbortController();
    const { signal } = this.session;
    this.setState({ name: 'connecting' });
    // What is on its way on the old connection would be forgotten for a new one.
    void this.leaving.then(() => this.dial(signal));
  }

  /** Leaves the server until `connect`: for the nodes it is away. Hands on what is on its way, as `close` does. */
  async disconnect(): Promise<void> {
    if (!this.session.signal.aborted) {
      this.session.abort();
      this.leaving = this.leaving.then(() => this.hangUp(() => this.outbox.suspend()));
    }
    await this.leaving;
    if (this.session.signal.aborted && !this.isEnded) this.setState({ name: 'disconnected' });
  }

  /** Hands on what is on its way, then ends the connection; within about two seconds even where the server is gone. */
  async close(): Promise<void> {
    if (this.isEnded) return;
    this.isEnded = true;
    this.session.abort();
    await this.hangUp(() => this.outbox.end());
    this.setState({ name: 'closed' });
  }

  private async hangUp(settle: () => Promise<void>): Promise<void> {
    const { nc } = this;
    const isUp = this.lost !== undefined;
    this.outbox.flush();
    if (nc && isUp) this.announce(nc, this.presence.offline);
    this.loseRequests(this.isEnded ? new CodedError('CLOSED') : undefined);
    const drained = settle().then(() => (isUp ? nc?.drain() : undefined));
    const timer = new AbortController();
    const late = delay(DRAIN_MS, undefined, { signal: timer.signal });
    await Promise.race([drained.catch(() => {}), late.catch(() => {})]);
    timer.abort();
    await nc?.close();
    if (this.nc === nc) this.breakOff();
  }

  private async dial(signal: AbortSignal): Promise<void> {
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        const nc = await dial(this.options);
        if (signal.aborted) return void nc.close();
        attempt = 0;
        await this.serve(nc, signal);
      } catch (error) {
        const cause = await this.explain(error, signal);
        if (!signal.aborted) this.setTrouble(cause);
      }
      await delay(waitMs(attempt), undefined, { signal }).catch(() => {});
    }
  }

  /** The client's time-out may stand for a server that wants a certificate of this client. */
  private async explain(error: unknown, signal: AbortSignal): Promise<unknown> {
    return error instanceof errors.TimeoutError ? ((await this.findRefusal(signal)) ?? error) : error;
  }

  /** What a server has against TLS with this client, or this client with the server's certificate. */
  private async findRefusal(signal: AbortSignal): Promise<Error | undefined> {
    const { servers, tls } = this.options;
    for (const server of tls ? [servers ?? []].flat() : []) {
      const refusal = await tlsRefusal(server, tls ?? {}, signal);
      if (refusal && isRefusal(connectError(refusal, server))) return refusal;
    }
    return undefined;
  }

  /** While it dials again the client does not say why it cannot connect. */
  private async watchReconnect(signal: AbortSignal): Promise<void> {
    if (this.isWatched || !this.options.tls) return;
    this.isWatched = true;
    for (let attempt = 0; !signal.aborted && !this.lost; attempt++) {
      const refusal = await this.findRefusal(signal);
      if (refusal && !signal.aborted && !this.lost) this.setTrouble(refusal);
      await delay(waitMs(attempt), undefined, { signal }).catch(() => {});
    }
    this.isWatched = false;
  }

  /** Follows an established connection, through its reconnects, until the client gives it up. */
  private async serve(nc: NatsConnection, signal: AbortSignal): Promise<void> {
    this.nc = nc;
    try {
      this.establish(nc);
      for await (const status of nc.status()) {
        if (!signal.aborted) this.onStatus(nc, status, signal);
      }
    } finally {
      if (!signal.aborted) this.breakOff();
      await nc.close();
    }
    const error = await nc.closed();
    if (error) throw error;
  }

  private onStatus(nc: NatsConnection, status: Status, signal: AbortSignal): void {
    switch (status.type) {
      case 'disconnect':
        // The client also says so of each dial that the server refuses.
        if (this.lost) this.setState({ name: 'disconnected' });
        this.breakOff();
        break;
      case 'reconnecting':
        if (this.current.name === 'disconnected') this.setState({ name: 'connecting' });
        void this.watchReconnect(signal);
        break;
      case 'reconnect':
        // It says so for each dial that was refused as well.
        if (!this.lost) this.establish(nc);
        break;
      case 'error':
        this.onServerError(status.error);
        break;
    }
  }

  private establish(nc: NatsConnection): void {
    if (this.session.signal.aborted) return;
    this.lost = new AbortController();
    this.complaints.clear();
    setMaxListeners(0, this.lost.signal);
    for (const [wanted, { live }] of this.wanted) {
      if (!live || live.isClosed()) this.start(nc, wanted);
    }
    this.announce(nc, this.presence.online);
    this.setState({ name: 'connected', server: nc.getServer() });
    this.outbox.connected(this.link(nc));
  }

  private announce(nc: NatsConnection, announcement: Announcement | undefined): void {
    if (!announcement) return;
    const { subject, data, headers } = announcement;
    try {
      check(nc, announcement, sizeOf(announcement));
      nc.publish(subject, data, { ...(headers && { headers }) });
    } catch (error) {
      this.onError(error);
    }
  }

  private breakOff(): void {
    this.loseRequests();
    for (const { retry } of this.wanted.values()) clearTimeout(retry);
    this.outbox.disconnected();
  }

  private loseRequests(reason?: CodedError): void {
    this.lost?.abort(reason);
    this.lost = undefined;
  }

  private start(nc: NatsConnection, wanted: Wanted): void {
    const { subject, queue, max } = wanted;
    const progress = this.wanted.get(wanted);
    if (!progress) return;
    const live = nc.subscribe(subject, {
      ...(queue && { queue }),
      ...(max > 0 && { max: max - progress.received }),
      callback: (error, msg) => {
        if (error) return this.onDenied(nc, wanted, progress, error);
        // While it dials again the client takes what stands behind the server's greeting, which came before TLS.
        if (!this.lost && !this.session.signal.aborted) return;
        progress.received++;
        wanted.onMessage(msg);
        if (max > 0 && progress.received >= max) {
          this.wanted.delete(wanted);
          wanted.onEnd?.();
        }
      },
    });
    progress.live = live;
    if (progress.denials > 0) void this.askAgain(nc, wanted, progress, live);
  }

  /** The client forgets a subscription that the server refuses; its rights may come while the connection lasts. */
  private onDenied(nc: NatsConnection, wanted: Wanted, progress: Progress, cause: Error): void {
    const { subject } = wanted;
    if (!this.wanted.has(wanted)) return;
    if (progress.denials === 0) wanted.onDenied(new CodedError('PERMISSION-subscribe', { subject }, { cause }));
    progress.retry = setTimeout(
      () => {
        if (this.nc === nc && this.lost) this.start(nc, wanted);
      },
      waitMs(progress.denials + 2),
    );
    progress.denials++;
  }

  /** The server says nothing of a subscription that it takes; a refusal comes before the answer to a PING. */
  private async askAgain(nc: NatsConnection, wanted: Wanted, progress: Progress, live: Subscription): Promise<void> {
    await nc.flush().catch(() => {});
    await immediate();
    if (live.isClosed() || progress.live !== live || !this.lost) return;
    progress.denials = 0;
    wanted.onAllowed?.();
  }

  private link(nc: NatsConnection): Link {
    return {
      publish: (publication, size) => {
        const { subject, data, reply, headers } = publication;
        check(nc, publication, size);
        nc.publish(subject, data, reply || headers ? ({ reply, headers } as PublishOptions) : undefined);
      },
      ping: () => ping(nc),
      onRefused: (subject) => this.complain(subject, new CodedError('PERMISSION-publish', { subject })),
    };
  }

  private established(request: Request): { nc: NatsConnection; lost: AbortSignal } {
    const { nc, lost } = this;
    if (this.isEnded) throw new CodedError('CLOSED');
    if (!nc || !lost) throw new CodedError('NOT_CONNECTED');
    const size = sizeOf(request);
    check(nc, request, size);
    this.outbox.flush();
    this.outbox.count(size);
    return { nc, lost: lost.signal };
  }

  private onServerError(error: Error): void {
    if (error instanceof Denial) {
      if (error.operation === 'publish') this.outbox.denied(error.subject, error.number);
    } else if (error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError) {
      this.setTrouble(error);
    } else {
      // Such as a limit of subscriptions: the server goes on, without the one that was too many.
      this.complain(error.message, new CodedError('SERVER', { reason: shown(error.message) }, { cause: error }));
    }
  }

  /** Once for each, as a flow may go on with what the server complains of. */
  private complain(about: string, error: CodedError): void {
    if (this.complaints.has(about) || this.complaints.size >= MAX_COMPLAINTS) return;
    this.complaints.add(about);
    this.onError(error);
  }

  private setTrouble(error: unknown): void {
    const trouble = connectError(error, String(this.options.servers));
    this.setState({ name: isRefusal(trouble) ? 'refused' : 'connecting', error: trouble });
  }

  private setState(state: ConnectionState): void {
    const { name, error } = this.current;
    if (state.name === name && state.error?.message === error?.message) return;
    this.current = state;
    this.onState(state);
  }
}
