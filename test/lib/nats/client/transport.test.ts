import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { NatsConnectionImpl, NodeConnectionOptions } from 'nats';
import { dial } from '../../../../lib/nats/client/dial';
import type { Transport } from '../../../../lib/nats/client/transport';
import { startNatsServer } from '../../../../scripts/nats-server';
import { dialServer } from '../../../support/dial';
import { freeze, NO_FREEZE } from '../../../support/freeze';
import { Inbox } from '../../../support/inbox';

/** Sends this to each client, and nothing more. */
async function startSilentServer(t: TestContext, greeting: string) {
  const clients = new Inbox<Socket>();
  const server = createServer((client) => {
    client.on('error', () => {}).resume();
    client.write(greeting);
    clients.put(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { port: (server.address() as AddressInfo).port, clients };
}

/** Dials a server that will not answer in time. */
function dialInVain(port: number, options: Partial<NodeConnectionOptions> = {}): Promise<void> {
  const listener = { onError() {}, onInfo() {} };
  const dialled = dial(
    { host: '127.0.0.1', port },
    { timeout: 200, ...options },
    listener,
    new AbortController().signal,
  );
  return assert.rejects(dialled, { code: 'UNREACHABLE', message: /timeout/ });
}

const SILENCES: [string, string, Partial<NodeConnectionOptions>][] = [
  ['does not greet', '', {}],
  ['does not answer CONNECT', 'INFO {"proto":1,"version":"2.9.10"}\r\n', {}],
  ['does not shake hands', 'INFO {"proto":1,"version":"2.9.10","tls_required":true}\r\n', { tls: {} }],
  ['does not shake hands, which is to come first', '', { tls: { handshakeFirst: true } }],
];

for (const [what, greeting, options] of SILENCES) {
  test(`an aborted dial closes its socket if the server ${what}`, async (t) => {
    const { port, clients } = await startSilentServer(t, greeting);
    const failed = dialInVain(port, options);
    const client = await clients.take();
    const closed = once(client, 'close');
    await failed;
    await closed;
    assert.equal(clients.size, 0);
  });
}

test('an aborted dial closes its socket if the server does not even accept it', { skip: NO_FREEZE }, async (t) => {
  const listen = `
    const server = net.createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
      console.log(server.address().port);
    });
  `;
  const server = spawn(process.execPath, ['-e', listen], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => server.kill('SIGKILL'));
  const [port] = await once(server.stdout, 'data');
  await freeze({ process: server });
  // The connections that the system accepts for a server with this backlog.
  for (let count = 0; count < 2; count++) {
    const waiting = createConnection(Number(port), '127.0.0.1');
    t.after(() => waiting.destroy());
    await once(waiting, 'connect');
  }
  const sockets = () => process.getActiveResourcesInfo().filter((resource) => resource === 'TCPSocketWrap').length;
  const before = sockets();
  await dialInVain(Number(port));
  // A handle is closed at the end of a turn.
  for (let turn = 0; turn < 2; turn++) await new Promise(setImmediate);
  assert.equal(sockets(), before);
});

test('a write that fails while the connection closes does not end the process', async (t) => {
  const server = await startNatsServer();
  t.after(() => server.stop());
  const nc = await dialServer(t, server.port);
  const { socket } = (nc as unknown as NatsConnectionImpl).protocol.transport as Transport;
  // As when the server has just ended the connection.
  socket.end();
  nc.publish('late');
  // The client writes at the end of this step.
  await Promise.resolve();
  await nc.close();
  await new Promise((resolve) => socket.once('close', resolve));
});
