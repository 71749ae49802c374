import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { getResolveFn, type NodeConnectionOptions, setTransportFactory } from 'nats';
import type { Received } from '../../../../lib/nats/client/received';
import { subscribe } from '../../../../lib/nats/client/subscribe';
import { startNatsServer } from '../../../../scripts/nats-server';
import { dialServer } from '../../../support/dial';
import { GREETING } from '../../../support/hostile-server';
import { Inbox } from '../../../support/inbox';
import { startSilentServer } from '../../../support/silent-server';
import { openWire } from '../../../support/wire';

/** A server and a connection to it, for the duration of the test. */
async function start(t: TestContext) {
  const server = await startNatsServer();
  t.after(() => server.stop());
  const nc = await dialServer(t, server.port);
  return { server, nc };
}

test('another pack may set its own transport and name lookup, and keeps both', async (t) => {
  const theirs = {
    factory: () => {
      throw new Error('the transport of another pack');
    },
    dnsResolveFn: () => Promise.reject(new Error('the lookup of another pack')),
  };
  setTransportFactory(theirs);
  await start(t);
  assert.equal(getResolveFn(), theirs.dnsResolveFn);
});

test('a subscription ends at its limit, and received messages are counted', async (t) => {
  const { nc } = await start(t);
  const received: string[] = [];
  const onMessage = ({ text }: Received) => void received.push(text);
  const subscription = subscribe(nc, 'a', { max: 2 }, { onMessage });
  for (const text of ['one', 'two', 'three']) nc.publish('a', text);
  await nc.flush();
  assert.deepEqual(received, ['one', 'two']);
  assert(subscription.isClosed());
  assert.deepEqual([subscription.getReceived(), nc.stats().inMsgs, nc.stats().inBytes], [2, 2, 6]);
});

for (const noMux of [false, true]) {
  const inbox = noMux ? 'an inbox of its own' : 'the shared inbox';

  test(`a reply in ${inbox} may have any headers`, async (t) => {
    const { server, nc } = await start(t);
    const wire = await openWire(t, server.port);
    wire.send('CONNECT {"verbose":false,"headers":true}\r\nSUB ask 1\r\nPING\r\n');
    await wire.expect(/PONG\r\n/);
    for (const headers of ['\r\na b: c', '\r\ngröße: c', ' abc']) {
      const reply = nc.request('ask', '', { timeout: 5000, noMux });
      const [, inbox] = await wire.expect(/MSG ask 1 (\S+) 0\r\n\r\n/);
      const head = Buffer.from(`NATS/1.0${headers}\r\n\r\n`);
      wire.send(`HPUB ${inbox} ${head.length} ${head.length}\r\n${head.toString('latin1')}\r\n`);
      assert.equal((await reply).data.length, 0);
    }
  });
}

/** A client, and its socket on a server that does nothing by itself. */
async function startWithFake(t: TestContext, options: NodeConnectionOptions = {}) {
  const { port, connections } = await startSilentServer(t);
  const errors = new Inbox<Error>();
  const dialled = dialServer(t, port, options, { onError: (error) => errors.put(error) });
  const socket = await connections.take();
  socket.setNoDelay(true).write(GREETING);
  await once(socket, 'data');
  socket.write('PONG\r\n');
  return { nc: await dialled, socket, errors };
}

test('a server that reads nothing gets one PONG for many PINGs', async (t) => {
  const { nc, socket, errors } = await startWithFake(t);
  socket.pause();
  // More than the system accepts.
  nc.publish('a', new Uint8Array(1024 * 1024));
  for (let count = 0; count < 40; count++) nc.publish('a', new Uint8Array(1024 * 1024));
  for (let count = 0; count < 20; count++) {
    socket.write("PING\r\n-ERR 'x'\r\n");
    await errors.take();
  }
  nc.publish('end');
  let text = '';
  for await (const bytes of socket.resume()) {
    text = (text + bytes.toString('latin1')).replaceAll('\0', '');
    if (text.includes('PUB end')) break;
  }
  assert.equal(text.split('PONG').length - 1, 1);
});

test('an error of the server has a text but no stack, which would take most of the time in a flood', async (t) => {
  const { socket, errors } = await startWithFake(t);
  for (const text of ['Unknown Protocol Operation', 'Permissions Violation for Publish to "a"']) {
    socket.write(`-ERR '${text}'\r\n`);
    const { message, stack } = await errors.take();
    assert.equal(message, text);
    assert.doesNotMatch(String(stack), /\n +at /);
  }
  assert.match(String(new Error('of this program').stack), /\n +at /);
});

test('a server that sends something is alive, though its PONG is late; one that sends nothing is given up', async (t) => {
  const { nc, socket } = await startWithFake(t, { pingInterval: 200, maxPingOut: 1 });
  for (let pings = 0; pings < 5; ) {
    const [data] = (await once(socket, 'data')) as [Buffer];
    pings += data.toString().split('PING').length - 1;
    socket.write('+OK\r\n');
  }
  assert(!nc.isClosed());
  await nc.closed();
});
