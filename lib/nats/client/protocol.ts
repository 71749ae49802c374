import {
  ConnectionError,
  type ConnectionOptions,
  type Deferred,
  deferred,
  type Msg,
  type MsgArg,
  ProtocolHandler,
  type Publisher,
  type ServerInfo,
  TD,
} from 'nats';
import { readDenial } from './permission-violation';
import { Reader } from './reader';
import { ReceivedMsg } from './received';
import { Transport } from './transport';

/** What a server sends beside messages. */
export interface ServerListener {
  /** An error: a `Denial` or one of the client's errors; `number` counts the errors of the connection, from 1 on. */
  onError(error: Error, number: number): void;
  /** The server describes itself anew: its cluster has changed, or it is about to end. */
  onInfo(info: ServerInfo): void;
}

const PONG = new TextEncoder().encode('PONG\r\n');

/**
 * The client's side of one connection, with our own transport, messages, bounds and reading of errors. Nothing in it is
 * shared: the client's own classes and functions stay as they are for other packs.
 */
export class Protocol extends ProtocolHandler {
  /** How many errors the server has sent. */
  errorsRead = 0;
  private owesPong = false;

  constructor(
    options: ConnectionOptions,
    publisher: Publisher,
    private readonly host: string,
    private readonly listener: ServerListener,
  ) {
    super(options, publisher);
    // A method that the client's types hide.
    Object.assign(this, { prepare: this.prepareDial });
  }

  /** Connects to one address; see `abandon` where it rejects. */
  async dialAddress(hostname: string): Promise<void> {
    const server = this.servers.selectServer();
    if (!server) throw new ConnectionError('there is no server to dial');
    this.server = server;
    await this.dial(Object.assign(server, { hostname, tlsName: '' }));
  }

  /** Whether a server has accepted the connection and sent no greeting. */
  get isConnectedInVain(): boolean {
    return (this.transport as Transport | undefined)?.progress === 'connected';
  }

  /** Ends a dial or the connection at once, and leaves nothing open. */
  abandon(reason: Error): void {
    this.connectError?.(reason);
    this.transport?.discard();
    void this.close(reason);
  }

  /** The client would take the transport that the last one to connect in this process has set. */
  private prepareDial(): Deferred<void> {
    this.resetOutbound();
    const transport = new Transport(this.host);
    Object.assign(this, { info: undefined, transport });
    // Later, as a dial goes on first where its PONG came in front of the error.
    this.parser = new Reader(this, (error) => setImmediate(() => this.onReadError(error)));
    void transport.closed().then(() => this.onTransportClosed(transport.closeError ?? this.lastError));
    const pong = deferred<void>();
    // It may be rejected before the dial waits for it.
    pong.catch(() => {});
    this.pongs.unshift(pong);
    this.connectError = pong.reject;
    return pong;
  }

  private onTransportClosed(error: Error | undefined): void {
    this.connected = false;
    this.connectError?.(error ?? new ConnectionError('the server closed the connection'));
    if (!this.isClosed()) void this.close(error);
  }

  private onReadError(error: Error): void {
    this.connectError?.(error);
    void this.transport.close(error);
  }

  /** As the client does, but with our kind of message. */
  override processMsg(head: MsgArg, data: Uint8Array): void {
    this.inMsgs++;
    this.inBytes += data.length;
    const subscription = this.subscriptions.get(head.sid);
    if (!subscription) return;
    subscription.received++;
    subscription.callback(null, new ReceivedMsg(head, data, this) as Msg);
    if (subscription.max !== undefined && subscription.received >= subscription.max) subscription.unsubscribe();
  }

  /** The client would end a dial only for errors of authorization, and let others wait for its time-out. */
  override processError(quoted: Uint8Array): void {
    const text = TD.decode(quoted).replace(/^'(.*)'$/s, '$1');
    const denial = readDenial(text);
    const error = denial ?? ProtocolHandler.toError(text);
    this.errorsRead++;
    this.connectError?.(error);
    if (!denial) this.handleError(error);
    this.listener.onError(error, this.errorsRead);
  }

  override processInfo(bytes: Uint8Array): void {
    super.processInfo(bytes);
    if (this.info) this.listener.onInfo(this.info);
  }

  /** One answer for all PINGs that arrive together: a server has one on its way, and a flood gets no flood back. */
  override processPing(): void {
    if (this.owesPong) return;
    this.owesPong = true;
    queueMicrotask(() => {
      this.owesPong = false;
      this.transport.send(PONG);
    });
  }
}
