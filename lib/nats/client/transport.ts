import { once } from 'node:events';
import { createConnection, isIP, type Socket } from 'node:net';
import { checkServerIdentity, type PeerCertificate, type TLSSocket } from 'node:tls';
import { ConnectionError, deferred, INFO, type NodeConnectionOptions, type ServerInfo } from 'nats';
import { NodeTransport } from 'nats/lib/node_transport';
import { MAX_LINE_BYTES } from './reader';

type Address = Parameters<NodeTransport['connect']>[0];

/** The client's way to a server, over a socket that can be ended at any time. */
export class Transport extends NodeTransport {
  /** How far a dial has come: a server that accepts a connection and sends no greeting may wait for TLS. */
  progress: 'none' | 'connected' | 'greeted' = 'none';
  private readonly ended = deferred<never>();

  /** `host` is the name or address that was dialled: the server's certificate has to name it. */
  constructor(private readonly host: string) {
    super();
    this.ended.catch(() => {});
  }

  override async connect(address: Address, options: NodeConnectionOptions): Promise<void> {
    await Promise.race([super.connect(address, options), this.ended]);
  }

  /** The client would wait on for a socket that it has destroyed itself. */
  override discard(): void {
    super.discard();
    this.ended.reject(new ConnectionError('the connection was closed'));
  }

  /** The client would forget a socket that waits for the server's greeting, and leave it open. */
  override async close(error?: Error): Promise<void> {
    if (this.connected) await super.close(error);
    else this.discard();
  }

  /** The client would first wait until the socket has taken all, which it never does where the server reads nothing. */
  override disconnect(): void {
    if (this.connected) void this.close();
  }

  /** The client would know the socket only when it is connected, and not end it before. */
  override async dial({ hostname, port }: Pick<Address, 'hostname' | 'port'>): Promise<Socket> {
    this.socket = createConnection(port, hostname).setNoDelay(true);
    await once(this.socket, 'connect');
    this.progress = 'connected';
    return this.socket;
  }

  /** Over a socket that can be ended. */
  override async tlsFirst(address: Address): Promise<TLSSocket> {
    this.socket = await this.dial(address);
    this.checkHost();
    return super.tlsFirst(address);
  }

  override startTLS(): Promise<TLSSocket> {
    // What arrived behind the greeting was not encrypted.
    this.yields = [this.greeting];
    this.checkHost();
    return super.startTLS();
  }

  /** The client would join and search all that has arrived with each piece, without a limit. */
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
          // In one piece, as the parser takes long for a line in several.
          this.yields = [received];
          this.greeting = received.subarray(0, received.indexOf('\n') + 1);
          const [, info] = INFO.exec(this.greeting.toString()) ?? [];
          if (info === undefined) throw new ConnectionError('the greeting is not that of a NATS server');
          this.progress = 'greeted';
          resolve(JSON.parse(info));
        } catch (error) {
          reject(error);
        }
      });
      socket.once('error', finish);
      socket.once('close', () => finish(new ConnectionError('the server closed the connection')));
    });
  }

  private greeting: Uint8Array = new Uint8Array(0);

  /** The client passes no name for a server that was dialled by its address, and Node then checks `localhost`. */
  private checkHost(): void {
    const tls = { ...this.options.tls } as Record<string, unknown>;
    const host = typeof tls.servername === 'string' && tls.servername ? tls.servername : this.host;
    this.tlsName = isIP(host) === 0 ? host : '';
    tls.checkServerIdentity ??= (_: string, certificate: PeerCertificate) => checkServerIdentity(host, certificate);
    this.options = { ...this.options, tls };
  }
}
