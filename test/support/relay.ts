import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import type { TestContext } from 'node:test';
import { Inbox } from './inbox';

/** Forwards connections to a port, and records when each was opened. */
interface Relay {
  port: number;
  /** Times in milliseconds. */
  arrivals: Inbox<number>;
}

/** Forwards until the test ends; while the server is down, connections are closed at once. */
export async function startRelay(t: TestContext, to: number): Promise<Relay> {
  const arrivals = new Inbox<number>();
  const relay = createServer((client) => {
    arrivals.put(performance.now());
    const server = createConnection(to, '127.0.0.1');
    client.on('error', () => {}).on('close', () => server.destroy());
    server.on('error', () => {}).on('close', () => client.destroy());
    client.pipe(server).pipe(client);
    t.after(() => client.destroy());
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  t.after(() => relay.close());
  return { port: (relay.address() as AddressInfo).port, arrivals };
}
