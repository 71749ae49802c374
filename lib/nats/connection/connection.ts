import { setTimeout as delay } from 'node:timers/promises';
import type { NodeConnectionOptions, ServerInfo } from 'nats';
import { CodedError } from '../../coded-error';
import { within } from '../../within';
import { connectError, isRefusal } from '../client/connect-error';
import { addressOf, dial } from '../client/dial';
import type { ServerListener } from '../client/protocol';
import { sizeOf } from '../client/publish';
import type { Received } from '../client/received';
import { Attachments } from '../core/attachments';
import type { Attachment } from '../core/link';
import { Outbox } from '../core/outbox';
import type { Message, Outcome, Publication } from '../core/publication';
import { type Gathering, type Request, Requests } from '../core/requests';
import { type DesiredSubscription, Subscriptions } from '../core/subscriptions';
import { type Member, Members } from './members';
import { Reports } from './reports';
import { roundTripOf } from './round-trip';
import { Session } from './session';
import { type Traffic, TrafficCount } from './traffic';

/** The state of a connection; `error` is why it is refused, or why there is none yet. */
export interface ConnectionState {
  name: 'connecting' | 'connected' | 'disconnected' | 'refused' | 'closed';
  error?: CodedError;
  /** Host and port of the server, while connected. */
  server?: string;
}

/** A message that the connection publishes itself. Its subject has been checked. */
export type Announcement = Pick<Message, 'subject' | 'data' | 'headers'>;

/** The messages with which a connection announces its state. */
export interface Presence {
  /** After each connect. */
  online?: Announcement | undefined;
  /** Before a clean disconnect; a broken connection announces nothing. */
  offline?: Announcement | undefined;
}

/** How long a clean disconnect may take, and with it the end of a connection. */
const DRAIN_MS = 1500;
const CLOSE_MS = 2000;

/**
 * One connection to a NATS system that outlives its servers: it dials until it is closed.
 *
 * Each connection of the client is short-lived: it goes to one server, all attachments are attached to it, and when it
 * ends this class dials the next server, by its own list, clock and reasons. The client never reconnects by itself.
 */
export class Connection {
  private readonly members: Members;
  private readonly outbox = new Outbox();
  private readonly subscriptions = new Subscriptions();
  private readonly requests: Requests;
  private readonly attachments = new Attachments();
  private readonly reports: Reports;
  private readonly counted = new TrafficCount();
  /** Aborts when the connection is no longer wanted. */
  private wanted = new AbortController();
  private isEnded = false;
  /** Resolves when the connection has ended. */
  private ending = Promise.resolve();
  /** Resolves when the session that `disconnect` has ended is gone. */
  private leaving = Promise.resolve();
  private session: Session | undefined;
  /** The length of names in a line that has ended a connection. */
  private lineLimit: number | undefined;
  /** Whether the session is ending because its server is about to shut down. */
  private isLeaving = false;
  /** Resolves when the dialing has ended, and the session with it. */
  private running: Promise<void>;
  private current: ConnectionState = { name: 'connecting' };

  constructor(
    private readonly options: NodeConnectionOptions,
    private readonly onState: (state: ConnectionState) => void,
    private readonly presence: Presence = {},
    /** Receives errors that belong to no outcome, such as `PERMISSION`, `MAX_PAYLOAD` or `SERVER`. */
    private readonly onError: (error: unknown) => void = () => {},
  ) {
    this.members = new Members([options.servers ?? []].flat(), options.reconnectTimeWait ?? 2000);
    this.reports = new Reports(this.onError);
    this.requests = new Requests(this.outbox, options.inboxPrefix);
    this.use(this.subscriptions);
    this.use(this.requests);
    this.running = this.run(this.wanted.signal);
  }

  get state(): ConnectionState {
    return this.current;
  }

  get inboxPrefix(): string | undefined {
    return this.options.inboxPrefix;
  }

  /** What the server has said about itself, while connected. */
  get server(): Pick<ServerInfo, 'version' | 'max_payload' | 'server_id' | 'server_name'> | undefined {
    return this.session?.nc.info;
  }

  /** What it has carried so far, over all its servers. */
  get traffic(): Traffic {
    return this.counted.with(this.session?.nc);
  }

  /** The messages that are held for a server. */
  get held(): { messages: number; bytes: number } {
    return this.outbox.held;
  }

  /** The time between a PING and its PONG; `undefined` while disconnected, or if it takes longer than `longestMs`. */
  async roundTripMs(longestMs: number): Promise<number | undefined> {
    return this.session && roundTripOf(this.session, longestMs);
  }

  /** Attaches something to each established connection, until the returned function is called. */
  use(attachment: Attachment): () => void {
    return this.attachments.add(attachment);
  }

  /** Starts a subscription, now or with the next connection. Subscribing the same object twice changes nothing. */
  subscribe(subscription: DesiredSubscription): void {
    this.outbox.flush();
    this.subscriptions.add(subscription);
  }

  /** Ends a subscription at once. */
  unsubscribe(subscription: DesiredSubscription): void {
    this.outbox.flush();
    this.subscriptions.remove(subscription);
  }

  /** Ends subscriptions after delivering what the server has already sent for them, within 1.5 s. */
  async drain(subscriptions: DesiredSubscription[]): Promise<void> {
    this.outbox.flush();
    await within(DRAIN_MS, this.subscriptions.drain(subscriptions));
  }

  /** Throws if the server is known to reject a message like this; see `Link.publish`. */
  check(publication: Publication): void {
    this.session?.check(publication, sizeOf(publication));
  }

  /** Publishes a message, or holds it; see `Outbox`. */
  publish(publication: Publication, outcome: Outcome): void {
    this.outbox.publish(publication, outcome);
  }

  /** Writes the messages that `publish` publishes together, and now, instead of at the end of the turn. */
  together(publish: () => void): void {
    this.outbox.together(publish);
  }

  /** Resolves with the first reply, or rejects as `Requests.gather` does; `NOT_CONNECTED` at once while down. */
  async request<T = Received>(request: Request, read: (reply: Received) => T = asIs): Promise<T> {
    if (this.isEnded) throw new CodedError('CLOSED');
    const [reply] = await this.requests.gather(request, { count: 1, stallMs: 0 }, read);
    return reply as T;
  }

  /** Resolves with several replies, each passed through `read`; see `Requests.gather`. */
  async requestMany<T = Received>(
    request: Request,
    gathering: Gathering,
    read: (reply: Received) => T = asIs,
  ): Promise<T[]> {
    if (this.isEnded) throw new CodedError('CLOSED');
    // The inbox ends with the request, so the server does not even send late replies to this client.
    return this.requests.gather({ ...request, flatInbox: true }, gathering, read);
  }

  /** Ends the held messages and pending requests of an owner with `CLOSED`. */
  withdraw(owner: object): void {
    this.outbox.withdraw(owner);
    this.requests.withdraw(owner);
  }

  /** Connects again after `disconnect`. */
  connect(): void {
    if (this.isEnded || !this.wanted.signal.aborted) return;
    this.wanted = new AbortController();
    const { signal } = this.wanted;
    this.setState({ name: 'connecting' });
    this.running = this.leaving.then(() => this.run(signal));
  }

  /** Disconnects until `connect` is called. Confirms and delivers what it can, as `close` does. */
  async disconnect(): Promise<void> {
    if (!this.wanted.signal.aborted) {
      this.wanted.abort();
      const { running } = this;
      this.leaving = this.leaving.then(() => this.closeSession(() => this.outbox.suspend())).then(() => running);
    }
    await this.leaving;
    if (this.wanted.signal.aborted && !this.isEnded) this.setState({ name: 'disconnected' });
  }

  /**
   * Confirms and delivers what it can, then ends the connection: within about two seconds, even without a server. If
   * very many messages wait for a frozen server, the last ones may end only after that.
   */
  close(): Promise<void> {
    if (this.isEnded) return this.ending;
    this.isEnded = true;
    this.wanted.abort();
    const closed = this.closeSession(() => this.outbox.end(), new CodedError('CLOSED')).then(() => this.running);
    this.ending = within(CLOSE_MS, closed).then(() => {
      this.reports.end();
      this.attachments.endAll();
      this.setState({ name: 'closed' });
    });
    return this.ending;
  }

  /** Ends the session, if there is one, cleanly: confirms and delivers messages, and rejects the pending requests. */
  private async closeSession(settle: () => Promise<void>, reason?: CodedError): Promise<void> {
    const { session } = this;
    this.outbox.flush();
    if (session) this.announce(session, this.presence.offline);
    void this.requests.rejectAll(reason);
    await this.leave(session, settle());
  }

  /** Ends a session once its messages are settled and its subscriptions drained, or as soon as that takes too long. */
  private async leave(session: Session | undefined, settled: Promise<void>): Promise<void> {
    const drained = settled.then(() => session && this.attachments.settled()).then(() => session?.drainAll());
    await within(DRAIN_MS, drained);
    await session?.nc.close();
  }

  /** Dials until the connection is no longer wanted. */
  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const member = this.members.next();
      await delay(Math.max(0, member.dueAt - performance.now()), undefined, { signal }).catch(() => {});
      if (!signal.aborted) await this.visit(member, signal);
    }
  }

  /** Connects to a member, and stays until the connection ends. */
  private async visit(member: Member, signal: AbortSignal): Promise<void> {
    member.dialledAt = performance.now();
    let session: Session | undefined;
    try {
      const listener: ServerListener = {
        onError: (error) => session?.onError(error),
        onInfo: (info) => session && this.onInfo(info, member, session),
      };
      const nc = await dial(member, this.options, listener, signal);
      session = new Session(
        nc,
        {
          onPublishDenied: (subject) => this.outbox.denied(subject),
          onServerError: (about, error) => this.reports.add(about, error),
          onLineTooLong: (length) => {
            this.lineLimit = length;
          },
        },
        this.lineLimit,
      );
      await this.serve(session, member, signal);
    } catch (error) {
      // A dial that was aborted says nothing about its server.
      if (signal.aborted) return;
      this.members.failed(member, connectError(error, addressOf(member)));
      const { trouble } = this.members;
      if (trouble) this.setState({ name: isRefusal(trouble) ? 'refused' : 'connecting', error: trouble });
      else this.setState({ name: 'connecting' });
    }
  }

  /** Attaches everything to a session until it ends. Throws if the server ended it with a refusal. */
  private async serve(session: Session, member: Member, signal: AbortSignal): Promise<void> {
    const { nc } = session;
    // Aborted just after the dial, when there was no session to close yet.
    if (signal.aborted) return nc.close();
    this.members.connected(member);
    this.session = session;
    let error: Error | undefined;
    try {
      this.attach(session, member);
      error = (await nc.closed()) ?? undefined;
    } catch (thrown) {
      await nc.close();
      throw thrown;
    } finally {
      await this.detach(session, member);
    }
    if (signal.aborted) return;
    this.setState({ name: 'disconnected' });
    if (error && isRefusal(connectError(error, addressOf(member)))) throw error;
    this.setState({ name: 'connecting' });
  }

  private attach(session: Session, member: Member): void {
    this.attachments.attachAll(session);
    this.announce(session, this.presence.online);
    this.setState({ name: 'connected', server: addressOf(member) });
    this.outbox.attach(session);
    const { info } = session.nc;
    if (info) this.onInfo(info, member, session);
  }

  /** Resolves when all that waited for the session has ended. */
  private async detach(session: Session, member: Member): Promise<void> {
    session.end();
    this.session = undefined;
    this.counted.add(session.nc);
    if (this.isLeaving) this.members.left(member);
    else this.members.lost(member);
    this.isLeaving = false;
    this.reports.forget();
    await Promise.all([this.attachments.detachAll(), this.outbox.detach()]);
  }

  /** The server announces the members of its cluster, or its own shutdown. */
  private onInfo({ connect_urls, ldm }: ServerInfo, member: Member, session: Session): void {
    if (Array.isArray(connect_urls) && !this.options.ignoreClusterUpdates) this.members.update(connect_urls);
    if (!ldm || session !== this.session || !this.members.hasOthersThan(member)) return;
    // The server will cut its connections. Leaving before that, cleanly, loses nothing.
    if (this.isLeaving) return;
    this.isLeaving = true;
    void this.leave(session, this.outbox.suspend());
  }

  private announce(session: Session, announcement: Announcement | undefined): void {
    if (!announcement) return;
    try {
      session.publish(announcement, sizeOf(announcement));
    } catch (error) {
      this.onError(error);
    }
  }

  private setState(state: ConnectionState): void {
    const { name, error } = this.current;
    if (state.name === name && state.error?.message === error?.message) return;
    this.current = state;
    this.onState(state);
  }
}

/** The message as it was received. */
const asIs = <T>(reply: Received) => reply as T;
