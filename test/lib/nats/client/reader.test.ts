import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { startNatsServer } from '../../../../scripts/nats-server';
import { dialServer } from '../../../support/dial';

const GREETING = 'INFO {"proto":1,"version":"2.9.10","max_payload":1048576}\r\n';

/** The port of a server that sends this answer to the first bytes of a client. */
async function startServer(t: TestContext, answer: string): Promise<number> {
  const server = createServer((client) => {
    client.on('error', () => {}).write(GREETING);
    client.once('data', () => client.write(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** The lines that would be printed during the test. */
function printed(t: TestContext): unknown[] {
  return t.mock.method(console, 'log', () => {}).mock.calls;
}

test('invalid protocol bytes end the connection with a reason, and nothing is printed', async (t) => {
  const port = await startServer(t, 'PONG\r\nNONSENSE\r\nPONG\r\n');
  const calls = printed(t);
  const nc = await dialServer(t, port);
  const error = await nc.closed();
  assert.match(String(error), /parse error.*NONSENSE/);
  assert.deepEqual(calls, []);
});

test('invalid protocol bytes end a dial at once', async (t) => {
  const port = await startServer(t, 'NONSENSE\r\n');
  const calls = printed(t);
  const startedAt = performance.now();
  await assert.rejects(dialServer(t, port, { timeout: 30_000 }));
  assert(performance.now() - startedAt < 10_000, 'it waited for the time-out');
  assert.deepEqual(calls, []);
});

test('a callback that throws ends the connection with its error and gets no further message', async (t) => {
  const server = await startNatsServer();
  t.after(() => server.stop());
  const calls = printed(t);
  const nc = await dialServer(t, server.port);
  const thrown = new Error('by a callback');
  const received: string[] = [];
  nc.subscribe('a', {
    callback: (_, msg) => {
      received.push(msg.string());
      throw thrown;
    },
  });
  for (const text of ['first', 'second']) nc.publish('a', text);
  assert.equal(await nc.closed(), thrown);
  assert.deepEqual(received, ['first']);
  assert.deepEqual(calls, []);
});
