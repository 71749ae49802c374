import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { Inbox } from './inbox';

/** A port where nobody says anything. */
export interface SilentServer {
  port: number;
  /** Each connection, in order. */
  connections: Inbox<Socket>;
}

/** Listens until the test ends. */
export async function startSilentServer(t: TestContext): Promise<SilentServer> {
  const connections = new Inbox<Socket>();
  const all: Socket[] = [];
  const server = createServer((socket) => {
    all.push(socket.on('error', () => {}));
    connections.put(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of all) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, connections };
}
