import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A connection through the proxy. */
export interface ProxiedConnection {
  /** The bytes that the client has sent so far. */
  sent(): Buffer;
  /** The bytes that the server has sent so far. */
  received(): Buffer;
}

/** A proxy that records its connections. */
export interface TcpProxy {
  port: number;
  /** `nats://127.0.0.1:PORT` */
  url: string;
  /** In the order of their opening. */
  connections: ProxiedConnection[];
}

/** Forwards to a server on the loopback address until the test ends. */
export async function startProxy(t: TestContext, target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const connections: ProxiedConnection[] = [];
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // When one side is reset, the other one is closed below.
    socket.on('error', () => {});
  };
  const proxy = createServer((client) => {
    const server = createConnection(target, '127.0.0.1');
    connections.push({ sent: record(client), received: record(server) });
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      keep(socket);
      socket.setNoDelay(true);
      socket.on('close', () => other.destroy());
      socket.pipe(other);
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  t.after(() => {
    proxy.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = proxy.address() as AddressInfo;
  return { port, url: `nats://127.0.0.1:${port}`, connections };
}

function record(socket: Socket): () => Buffer {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  return () => Buffer.concat(chunks);
}
