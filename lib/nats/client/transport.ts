import { once } from 'node:events';
import { createConnection, isIP, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { checkServerIdentity, type PeerCertificate, type TLSSocket } from 'node:tls';
import { ConnectionError, deferred, type NodeConnectionOptions, type ServerInfo } from 'nats';
import { NodeTransport } from 'nats/lib/node_transport';
import { parseGreeting } from './info';
import { MAX_LINE_BYTES } from './reader';

type Address = Parameters<NodeTransport['connect']>[0];

/** How long reading may take in one turn of the event loop, apart from the last 64 KiB. */
const SLICE_MS = 50;

/** The client's transport, over a socket that can be closed at any time. */
export class Transport extends NodeTransport {
  /** How far a dial has come: a server that accepts a connection but sends no greeting may expect TLS. */
  progress: 'none' | 'connected' | 'greeted' = 'none';
  private readonly ended = deferred<never>();
  /** How long reading has taken in this turn of the event loop. */
  private spentMs = 0;
  private turn: NodeJS.Immediate | undefined;

  /** `host` is the dialled name or address, which the server's certificate has to name. */
  constructor(private readonly host: string) {
    super();
    this.ended.catch(() => {});
  }

  /** Whether the kernel has taken everything that was written, so that the memory of it can be reused. */
  get isFlushed(): boolean {
    return this.socket?.writableLength === 0;
  }

  override async connect(address: Address, options: NodeConnectionOptions): Promise<void> {
    await Promise.race([super.connect(address, options), this.ended]);
  }

  /** The client would keep waiting for a socket that it has destroyed itself. */
  override discard(): void {
    const { socket } = this;
    super.discard();
    ignoreErrors(socket);
    this.ended.reject(new ConnectionError('the connection was closed'));
  }

  /** The client would forget a socket that waits for the server's greeting and leave it open. */
  override async close(error?: Error): Promise<void> {
    if (!this.connected) return this.discard();
    const { socket } = this;
    const closed = super.close(error);
    ignoreErrors(socket);
    await closed;
  }

  /** The client would first wait until the socket has accepted everything, which a frozen server prevents for ever. */
  override disconnect(): void {
    if (this.connected) void this.close();
  }

  /** The client would know the socket only once it is connected, and could not close it earlier. */
  override async dial({ hostname, port }: Pick<Address, 'hostname' | 'port'>): Promise<Socket> {
    this.socket = createConnection(port, hostname).setNoDelay(true);
    await once(this.socket, 'connect');
    this.progress = 'connected';
    return this.socket;
  }

  /** Over a socket that can be closed. */
  override async tlsFirst(address: Address): Promise<TLSSocket> {
    this.socket = await this.dial(address);
    this.checkHost();
    return super.tlsFirst(address);
  }

  override startTLS(): Promise<TLSSocket> {
    // Bytes that followed the greeting were not encrypted.
    this.yields = [this.greeting];
    this.checkHost();
    return super.startTLS();
  }

  /** The client would read up to 2 MiB in a turn of the event loop, whatever is in them and however long it takes. */
  override async *iterate(): AsyncIterableIterator<Uint8Array> {
    for await (const bytes of super.iterate()) {
      const startedAt = performance.now();
      yield bytes;
      this.spentMs += performance.now() - startedAt;
      this.turn ??= setImmediate(() => {
        this.turn = undefined;
        this.spentMs = 0;
      });
      if (this.spentMs < SLICE_MS) continue;
      // It is missing once the transport is closed, which a message's callback may have done.
      this.socket?.pause();
      await nextTurn();
      this.socket?.resume();
    }
  }

  /** With each piece the client would join and search everything received so far, without a limit. */
  override peekInfo(): Promise<ServerInfo> {
    const { socket } = this;
    const pieces: Buffer[] = [];
    return new Promise((resolve, reject) => {
      let length = 0;
      const finish = (error: Error) => {
        socket.removeAllListeners();
        reject(error);
      };
      socket.on('data', (piece) => {
        pieces.push(piece);
        length += piece.length;
        if (!piece.includes('\n')) {
          if (length > MAX_LINE_BYTES) finish(new ConnectionError('the greeting is too long for a NATS server'));
          return;
        }
        socket.removeAllListeners();
        try {
          const received = Buffer.concat(pieces);
          // In one piece: the parser is slow on a line in several pieces.
          this.yields = [received];
          this.greeting = received.subarray(0, received.indexOf('\n') + 1);
          const info = parseGreeting(this.greeting);
          this.progress = 'greeted';
          resolve(info);
        } catch (error) {
          reject(error);
        }
      });
      socket.once('error', finish);
      socket.once('close', () => finish(new ConnectionError('the server closed the connection')));
    });
  }

  private greeting: Uint8Array = new Uint8Array(0);

  /** For a server dialled by its address the client passes no name, and Node.js then checks for `localhost`. */
  private checkHost(): void {
    const tls = { ...this.options.tls } as Record<string, unknown>;
    const host = typeof tls.servername === 'string' && tls.servername ? tls.servername : this.host;
    this.tlsName = isIP(host) === 0 ? host : '';
    tls.checkServerIdentity ??= (_: string, certificate: PeerCertificate) => checkServerIdentity(host, certificate);
    this.options = { ...this.options, tls };
  }
}

/** The client removes all listeners, and the error of a last write, which comes a moment later, would end the process. */
function ignoreErrors(socket: Socket | undefined): void {
  socket?.on('error', () => {});
}
