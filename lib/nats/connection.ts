import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import {
  connect,
  errors,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  type NodeConnectionOptions,
  type Status,
  type Subscription,
} from 'nats';
import { CodedError } from '../coded-error';
import { connectError, isRefusal } from './connect-error';
import { encodedLength } from './headers';
import { Outbox } from './outbox';
import type { Link, Outcome, Publication } from './publication';
import { type Gathering, type Request, requestMany, requestOne } from './request';
import { tlsRefusal } from './tls-refusal';

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
  /** The server refused the subject (`PERMISSION`); it is asked again at the next connection. */
  onError(error: CodedError): void;
}

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8000;
const DRAIN_MS = 1500;

/** Doubles from 0.25 s to 8 s, less up to half of it at random, so that many clients do not dial in step. */
function waitMs(attempt: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt) * (1 - Math.random() / 2);
}

/** The server ends a connection that sends more than it allows, so ask before. */
function checkSize(nc: NatsConnection, data: Uint8Array, headers: MsgHdrs | undefined): void {
  const size = data.length + encodedLength(headers);
  const limit = nc.info?.max_payload ?? Number.POSITIVE_INFINITY;
  if (size > limit) throw new CodedError('MAX_PAYLOAD', { size, limit });
}

/**
 * One connection to a NATS system that outlives its servers: it dials until it is closed, and restores its
 * subscriptions, which may be made at any time.
 */
export class Connection {
  private readonly outbox = new Outbox();
  private readonly wanted = new Map<Wanted, { received: number; live?: Subscription }>();
  private readonly closing = new AbortController();
  private nc: NatsConnection | undefined;
  /** Aborts when the established connection breaks; `undefined` while there is none. */
  private lost: AbortController | undefined;
  private current: ConnectionState = { name: 'connecting' };

  constructor(
    private readonly options: NodeConnectionOptions,
    private readonly onState: (state: ConnectionState) => void,
  ) {
    void this.dial();
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
    this.wanted.set(wanted, { received: 0 });
    if (this.lost && this.nc) this.start(this.nc, wanted);
  }

  /** Ends a subscription. */
  unsubscribe(wanted: Wanted): void {
    const live = this.wanted.get(wanted)?.live;
    this.wanted.delete(wanted);
    if (live && !this.nc?.isClosed()) live.unsubscribe();
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

  /** Hands on what is on its way, then ends the connection; within about two seconds even where the server is gone. */
  async close(): Promise<void> {
    if (this.closing.signal.aborted) return;
    this.closing.abort();
    const { nc } = this;
    const isUp = this.lost !== undefined;
    this.loseRequests();
    const drained = this.outbox.end().then(() => (isUp ? nc?.drain() : undefined));
    const timer = new AbortController();
    const late = delay(DRAIN_MS, undefined, { signal: timer.signal });
    await Promise.race([drained.catch(() => {}), late.catch(() => {})]);
    timer.abort();
    await nc?.close();
    this.breakOff();
    this.setState({ name: 'closed' });
  }

  private async dial(): Promise<void> {
    const { signal } = this.closing;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        const nc = await connect({ ...this.options });
        if (signal.aborted) return void nc.close();
        attempt = 0;
        await this.serve(nc);
      } catch (error) {
        const cause = await this.explain(error);
        if (!signal.aborted) this.setTrouble(cause);
      }
      await delay(waitMs(attempt), undefined, { signal }).catch(() => {});
    }
  }

  /** The client's time-out may stand for a server that wants a certificate of this client. */
  private async explain(error: unknown): Promise<unknown> {
    const { servers, tls } = this.options;
    if (!tls || !(error instanceof errors.TimeoutError)) return error;
    for (const server of [servers ?? []].flat()) {
      const refusal = await tlsRefusal(server, tls, this.closing.signal);
      if (refusal && isRefusal(connectError(refusal, server))) return refusal;
    }
    return error;
  }

  /** Follows an established connection, through its reconnects, until the client gives it up. */
  private async serve(nc: NatsConnection): Promise<void> {
    this.nc = nc;
    try {
      this.establish(nc);
      for await (const status of nc.status()) this.onStatus(nc, status);
    } finally {
      this.breakOff();
      await nc.close();
    }
    const error = await nc.closed();
    if (error) throw error;
  }

  private onStatus(nc: NatsConnection, status: Status): void {
    switch (status.type) {
      case 'disconnect':
        // The client also says so of each dial that the server refuses.
        if (this.lost) this.setState({ name: 'disconnected' });
        this.breakOff();
        break;
      case 'reconnecting':
        if (this.current.name === 'disconnected') this.setState({ name: 'connecting' });
        break;
      case 'reconnect':
        this.establish(nc);
        break;
      case 'error':
        this.onServerError(status.error);
        break;
    }
  }

  private establish(nc: NatsConnection): void {
    if (this.closing.signal.aborted) return;
    this.lost = new AbortController();
    setMaxListeners(0, this.lost.signal);
    for (const [wanted, { live }] of this.wanted) {
      if (!live || live.isClosed()) this.start(nc, wanted);
    }
    this.setState({ name: 'connected', server: nc.getServer() });
    this.outbox.connected(this.link(nc));
  }

  private breakOff(): void {
    this.loseRequests();
    this.outbox.disconnected();
  }

  private loseRequests(): void {
    this.lost?.abort();
    this.lost = undefined;
  }

  private start(nc: NatsConnection, wanted: Wanted): void {
    const { subject, queue, max } = wanted;
    const subscription = this.wanted.get(wanted);
    if (!subscription) return;
    subscription.live = nc.subscribe(subject, {
      ...(queue && { queue }),
      ...(max > 0 && { max: max - subscription.received }),
      callback: (error, msg) => {
        if (error) return wanted.onError(new CodedError('PERMISSION-subscribe', { subject }, { cause: error }));
        // While it dials again the client takes what stands behind the server's greeting, which came before TLS.
        if (!this.lost && !this.closing.signal.aborted) return;
        subscription.received++;
        wanted.onMessage(msg);
        if (max > 0 && subscription.received >= max) {
          this.wanted.delete(wanted);
          wanted.onEnd?.();
        }
      },
    });
  }

  private link(nc: NatsConnection): Link {
    return {
      publish: ({ subject, data, reply, headers }) => {
        checkSize(nc, data, headers);
        nc.publish(subject, data, { ...(reply && { reply }), ...(headers && { headers }) });
      },
      ping: () => nc.flush(),
    };
  }

  private established({ data, headers }: Request): { nc: NatsConnection; lost: AbortSignal } {
    const { nc, lost } = this;
    if (!nc || !lost) throw new CodedError('NOT_CONNECTED');
    checkSize(nc, data, headers);
    return { nc, lost: lost.signal };
  }

  private onServerError(error: Error): void {
    if (error instanceof errors.PermissionViolationError) {
      if (error.operation === 'publish') this.outbox.denied(error.subject);
    } else if (error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError) {
      this.setTrouble(error);
    }
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
