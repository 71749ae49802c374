import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { NodeTransport } from 'nats/lib/node_transport';

type Address = Parameters<NodeTransport['dial']>[0];

/** The client's way to a server, over a socket that can be ended at any time. */
export class Transport extends NodeTransport {
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
  override async dial({ hostname, port }: Address): Promise<Socket> {
    this.socket = createConnection(port, hostname).setNoDelay(true);
    await once(this.socket, 'connect');
    return this.socket;
  }

  /** Over a socket that can be ended. */
  override async tlsFirst(address: Address): Promise<TLSSocket> {
    this.socket = await this.dial(address);
    return super.tlsFirst(address);
  }
}
