import type { TestContext } from 'node:test';
import type { NatsConnection, NodeConnectionOptions } from 'nats';
import { dial } from '../../lib/nats/client/dial';
import type { ServerListener } from '../../lib/nats/client/protocol';
import type { Received } from '../../lib/nats/client/received';
import { subscribe } from '../../lib/nats/client/subscribe';
import { Inbox } from './inbox';

/** Dials a server of this machine as the pack does; the connection ends with the test. */
export async function dialServer(
  t: TestContext,
  port: number,
  options: NodeConnectionOptions = {},
  listener: Partial<ServerListener> = {},
  host = '127.0.0.1',
): Promise<NatsConnection> {
  const quiet: ServerListener = { onError() {}, onInfo() {} };
  const { signal } = new AbortController();
  const nc = await dial({ host, port }, options, { ...quiet, ...listener }, signal);
  t.after(() => nc.close());
  return nc;
}

/** The messages of a subject, as a connection of the pack reads them. Resolves when the server has the subscription. */
export async function receive(nc: NatsConnection, subject: string): Promise<Inbox<Received>> {
  const inbox = new Inbox<Received>();
  subscribe(nc, subject, {}, { onMessage: (msg) => inbox.put(msg) });
  await nc.flush();
  return inbox;
}
