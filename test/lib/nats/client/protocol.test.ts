import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { getResolveFn, type NatsConnection, setTransportFactory } from 'nats';
import { dial } from '../../../../lib/nats/client/dial';
import { Denial } from '../../../../lib/nats/client/permission-violation';
import { startNatsServer } from '../../../../scripts/nats-server';
import { openWire } from '../../../support/wire';

/** A server and a connection to it, until the test ends. */
async function start(t: TestContext, config?: string) {
  const server = await startNatsServer(config === undefined ? {} : { config });
  t.after(() => server.stop());
  const nc = await dial({ servers: `localhost:${server.port}`, reconnectTimeWait: 10 });
  t.after(() => nc.close());
  return { server, nc };
}

async function reconnected(nc: NatsConnection): Promise<void> {
  const statuses = nc.status()[Symbol.asyncIterator]();
  for (let type = ''; type !== 'reconnect'; ) type = (await statuses.next()).value.type;
}

test('another pack may set any transport and any lookup of names, and keeps both', async (t) => {
  const theirs = {
    factory: () => {
      throw new Error('the transport of another pack');
    },
    dnsResolveFn: () => Promise.reject(new Error('the lookup of another pack')),
  };
  setTransportFactory(theirs);
  const { nc } = await start(t);
  assert.equal(getResolveFn(), theirs.dnsResolveFn);
  const again = reconnected(nc);
  await nc.reconnect();
  await again;
  assert.equal(getResolveFn(), theirs.dnsResolveFn);
});

test('a subscription ends at its limit, and what has been received is counted', async (t) => {
  const { nc } = await start(t);
  const received: string[] = [];
  const subscription = nc.subscribe('a', { max: 2, callback: (_, msg) => void received.push(msg.string()) });
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

  test(`a request through ${inbox} to a denied subject of any characters is rejected at once`, async (t) => {
    const permissions = 'permissions: { publish: ok }';
    const { nc } = await start(
      t,
      `authorization { users: [{ user: u, password: p, ${permissions} }] }\nno_auth_user: u`,
    );
    for (const subject of ['plain', 'a"b', 'a\\b', 'zero\u200bwidth']) {
      await assert.rejects(nc.request(subject, '', { timeout: 5000, noMux }), ({ cause }: Error) => {
        assert(cause instanceof Denial);
        assert.equal(cause.subject, subject);
        return true;
      });
    }
  });
}

test('a shared inbox that was denied is asked for again by the next request', async (t) => {
  const permissions = 'permissions: { subscribe: ok }';
  const { nc } = await start(t, `authorization { users: [{ user: u, password: p, ${permissions} }] }\nno_auth_user: u`);
  for (let count = 0; count < 2; count++) {
    await assert.rejects(nc.request('ok', '', { timeout: 5000 }), ({ cause }: Error) => cause instanceof Denial);
  }
});
