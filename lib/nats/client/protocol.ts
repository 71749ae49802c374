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
import { checkFlat } from './info';
import { Outbound } from './outbound';
import { Denial, readDenial } from './permission-violation';
import type { WrittenMessage } from './publish';
import { Reader, type Receiver } from './reader';
import { Received } from './received';
import { Transport } from './transport';

/** Receives what a server sends besides messages. */
export interface ServerListener {
  /** An error, while it is read: a `Denial` or one of the client's errors. */
  onError(error: Error): void;
  /** The server has updated its description: its cluster has changed, or it is about to shut down. */
  onInfo(info: ServerInfo): void;
}

const NOTHING = new Uint8Array(0);
const PONG = new TextEncoder().encode('PONG\r\n');

/** More of an error is not read: it has room for the longest subject. */
const MAX_ERROR_BYTES = 64 * 1024;

/**
 * The client's side of one connection, with our own transport, message class, limits and error parser. It shares
 * nothing: other packs keep the client's own classes and functions.
 */
export class Protocol extends ProtocolHandler implements Receiver {
  override outbound = new Outbound(() => (this.transport as Transport).isFlushed);
  private owesPong = false;

  constructor(
    options: ConnectionOptions,
    publisher: Publisher,
    private readonly host: string,
    private readonly listener: ServerListener,
  ) {
    super(options, publisher);
    // The client's types hide this method.
    Object.assign(this, { prepare: this.prepareDial });
  }

  /** Connects to one address. Call `abandon` when it rejects. */
  async dialAddress(hostname: string): Promise<void> {
    const server = this.servers.selectServer();
    if (!server) throw new ConnectionError('there is no server to dial');
    this.server = server;
    await this.dial(Object.assign(server, { hostname, tlsName: '' }));
  }

  /** Whether the server has accepted the connection but sent no greeting. */
  get isConnectedInVain(): boolean {
    return (this.transport as Transport | undefined)?.progress === 'connected';
  }

  /** Ends a dial or the connection at once and leaves nothing open. */
  abandon(reason: Error): void {
    this.connectError?.(reason);
    this.transport?.discard();
    // If the PONG has just arrived, the client has started them after its `close`.
    this.heartbeats.cancel();
    void this.close(reason);
  }

  /** The client would use the transport that the last `connect` in this process has set. */
  private prepareDial(): Deferred<void> {
    this.resetOutbound();
    const transport = new Transport(this.host);
    Object.assign(this, { info: undefined, transport });
    // Deferred: if a PONG precedes the error, the dial continues first.
    this.parser = new Reader(
      this,
      (error) => setImmediate(() => this.onReadError(error)),
      () => this.onBytes(),
    );
    void transport.closed().then(() => this.onTransportClosed(transport.closeError ?? this.lastError));
    const pong = deferred<void>();
    // It may be rejected before the dial awaits it.
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

  /** Anything that the server sends shows that it is alive: its PONG may be far behind what a slow flow has to read. */
  private onBytes(): void {
    const { heartbeats } = this;
    if (heartbeats.pendings.length > 0) heartbeats.pendings = [];
  }

  private onReadError(error: Error): void {
    this.connectError?.(error);
    void this.transport.close(error);
  }

  /** Like the client's `publish`, but without copies in between, and with headers as they are written. */
  send({ subject, data, reply, headers }: WrittenMessage, size: number): void {
    const names = reply ? `${subject} ${reply}` : subject;
    const line = headers ? `HPUB ${names} ${headers.length} ${size}` : `PUB ${names} ${size}`;
    // Makes the client write what is there, now if it is much, else at the end of this turn.
    this.sendCommand(NOTHING);
    this.outbound.addMessage(line, headers, data, size);
    this.outMsgs++;
    this.outBytes += size;
  }

  onMessage(sid: number, msg: Received): void {
    this.inMsgs++;
    this.inBytes += msg.contentSize;
    const subscription = this.subscriptions.get(sid);
    if (!subscription) return;
    subscription.received++;
    subscription.callback(null, msg as unknown as Msg);
    if (subscription.max !== undefined && subscription.received >= subscription.max) subscription.unsubscribe();
  }

  /** A message that the client's parser has read: it came in pieces, or with unusual white space. */
  override processMsg({ sid, subject, reply = NOTHING, hdr }: MsgArg, data: Uint8Array): void {
    const head = Buffer.concat([subject, reply]);
    const { length } = data;
    const bytes = Buffer.from(data.buffer, data.byteOffset, length);
    const dataAt = Math.max(hdr, 0);
    this.onMessage(sid, new Received(head, 0, subject.length, subject.length, head.length, bytes, 0, dataAt, length));
  }

  /** The client would fail a dial only on authorization errors, and let all others run into its time-out. */
  override processError(quoted: Uint8Array): void {
    const text = TD.decode(quoted.subarray(0, MAX_ERROR_BYTES)).replace(/^'(.*)'$/s, '$1');
    const error = withoutStack(() => readDenial(text) ?? ProtocolHandler.toError(text));
    this.connectError?.(error);
    if (!(error instanceof Denial)) this.handleError(error);
    this.listener.onError(error);
  }

  override processInfo(bytes: Uint8Array): void {
    checkFlat(bytes);
    super.processInfo(bytes);
    if (this.info) this.listener.onInfo(this.info);
  }

  /**
   * Answers all PINGs that arrive before a PONG is written with that one: a flood causes no flood, and a server that
   * reads nothing does not fill the memory.
   */
  override processPing(): void {
    if (this.owesPong) return;
    this.owesPong = true;
    queueMicrotask(() => {
      const onWritten = () => {
        this.owesPong = false;
      };
      (this.transport as Transport)._send(PONG).then(onWritten, onWritten);
    });
  }
}

/** The stack of a server's error shows nothing, and in a flood it would take more time than everything else. */
function withoutStack(create: () => Error): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return create();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
