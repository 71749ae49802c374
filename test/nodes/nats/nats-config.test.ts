import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startNatsServer } from '../../../scripts/nats-server';
import { makeCertificate } from '../../support/certificates';
import { assertWorks, ECHO, OUT, PUBLISH, SUBSCRIBE } from '../../support/echo';
import { SERVER, startFlow } from '../../support/flow';
import { startPeer } from '../../support/peer';
import { startScene } from '../../support/scene';

test('the first server that answers is used', async (t) => {
  const gone = await startNatsServer();
  await gone.stop();
  const server = await startNatsServer();
  t.after(() => server.stop());
  const servers = `${gone.url}, 127.0.0.1:${gone.port}\n127.0.0.1:${server.port}`;
  await assertWorks(await startFlow(t, [{ id: SERVER, type: 'nats-config', servers }, ...ECHO]));
});

test('parts of the address and of the credentials come from the environment', async (t) => {
  const server = await startNatsServer({ config: 'authorization { token: t0p }' });
  t.after(() => server.stop());
  Object.assign(process.env, { NATSHAT_HOST: '127.0.0.1', NATSHAT_PORT: String(server.port), NATSHAT_TOKEN: 't0p' });
  const servers = 'nats://${NATSHAT_HOST}:${NATSHAT_PORT}';
  const config = { id: SERVER, type: 'nats-config', servers, auth: 'token' };
  await assertWorks(await startFlow(t, [config, ...ECHO], { [SERVER]: { token: '${NATSHAT_TOKEN}' } }));
});

test('variables of a flow may be numbers, switches and JSON', async (t) => {
  const users = 'users: [{ user: "true", password: "1234" }]';
  const server = await startNatsServer({ config: `authorization { ${users} }\nno_auth_user: "true"` });
  t.after(() => server.stop());
  const peer = await startPeer(t, server.url);
  const presence = await peer.subscribe('7');
  const env = [
    { name: 'NATSHAT_NUMBER', value: '1234', type: 'num' },
    { name: 'NATSHAT_SUBJECT', value: '7', type: 'num' },
    { name: 'NATSHAT_SWITCH', value: 'true', type: 'bool' },
    { name: 'NATSHAT_JSON', value: '{"Room": "7"}', type: 'json' },
  ];
  const config = {
    id: SERVER,
    type: 'nats-config',
    servers: server.url,
    auth: 'user',
    clientName: '${NATSHAT_JSON}',
    inboxPrefix: '${NATSHAT_NUMBER}',
    onlineSubject: '${NATSHAT_SUBJECT}',
    onlinePayload: '${NATSHAT_SWITCH}',
    onlineHeaders: '${NATSHAT_JSON}',
  };
  const publish = { ...PUBLISH, headers: '${NATSHAT_JSON}', headersType: 'json' };
  const flow = await startFlow(t, [{ id: 'globals', type: 'global-config', env }, config, SUBSCRIBE, publish, OUT], {
    [SERVER]: { user: '${NATSHAT_SWITCH}', password: '${NATSHAT_NUMBER}' },
  });
  const on = await presence.take();
  assert.deepEqual([on.string(), on.headers?.get('Room')], ['true', '7']);
  await flow.connected();
  flow.send('publish', {});
  assert.deepEqual((await flow.next('out')).headers, { Room: '7' });
});

test('a user signs in with a password', async (t) => {
  const server = await startNatsServer({ config: 'authorization { user: ada, password: lovelace }' });
  t.after(() => server.stop());
  const config = { id: SERVER, type: 'nats-config', servers: server.url, auth: 'user' };
  await assertWorks(await startFlow(t, [config, ...ECHO], { [SERVER]: { user: 'ada', password: 'lovelace' } }));
});

test('a wrong password turns the node red with the reason, which never contains the password', async (t) => {
  const server = await startNatsServer({ config: 'authorization { user: ada, password: lovelace }' });
  t.after(() => server.stop());
  const config = { id: SERVER, type: 'nats-config', servers: server.url, auth: 'user' };
  const flow = await startFlow(t, [config, { ...PUBLISH, whenDown: 'fail' }], {
    [SERVER]: { user: 'ada', password: 'byron' },
  });
  const status = await flow.status('publish', ({ fill, shape }) => fill === 'red' && shape === 'dot');
  assert.match(status.text, /^AUTH|errors\.AUTH/);
  assert.doesNotMatch(status.text, /byron/);
  flow.send('publish', {});
  assert.equal((await flow.caught()).error.code, 'NOT_CONNECTED');
});

test('TLS works with the core tls-config node and is never downgraded', async (t) => {
  const { cert, key } = makeCertificate();
  const tls = { id: 'tls', type: 'tls-config', name: '', cert: '', key: '', ca: cert, verifyservercert: true };
  const secure = await startNatsServer({ config: `tls { cert_file: "${cert}", key_file: "${key}" }` });
  t.after(() => secure.stop());
  const plain = await startNatsServer();
  t.after(() => plain.stop());

  await t.test('with the certificate of the server', async (t) => {
    const config = { id: SERVER, type: 'nats-config', servers: secure.url, tls: 'tls' };
    await assertWorks(await startFlow(t, [tls, config, ...ECHO]));
  });
  const refused: [string, object][] = [
    ['with a server of an unknown authority', { servers: `tls://127.0.0.1:${secure.port}` }],
    ['with a server without TLS', { servers: plain.url, tls: 'tls' }],
    ['with a tls:// address of a server without TLS', { servers: `tls://127.0.0.1:${plain.port}` }],
  ];
  for (const [name, properties] of refused) {
    await t.test(name, async (t) => {
      const flow = await startFlow(t, [tls, { id: SERVER, type: 'nats-config', ...properties }, PUBLISH]);
      const status = await flow.status('publish', ({ fill, shape }) => fill === 'red' && shape === 'dot');
      assert.match(status.text, /^TLS|errors\.TLS/);
    });
  }
  await t.test('with a TLS configuration whose files are missing', async (t) => {
    const config = { id: SERVER, type: 'nats-config', servers: plain.url, tls: 'tls' };
    const flow = await startFlow(t, [{ ...tls, ca: '/nowhere/ca.pem' }, config, PUBLISH]);
    flow.send('publish', {});
    assert.equal((await flow.caught()).error.code, 'BAD_TLS');
  });
});

test('invalid settings fail each message with a code', async (t) => {
  const cases: [object, Record<string, string>, string][] = [
    [{ servers: 'ws://localhost' }, {}, 'BAD_SERVER'],
    [{ servers: 'nats://ada:lovelace@localhost' }, {}, 'BAD_SERVER'],
    [{ servers: 'nats://${NATSHAT_UNSET}:4222' }, {}, 'BAD_ENV'],
    [{ onlineSubject: '${NATSHAT_UNSET}' }, {}, 'BAD_ENV'],
    [{ onlineSubject: 'on', onlinePayload: '${NATSHAT_UNSET}' }, {}, 'BAD_ENV'],
    [{ offlineSubject: 'off', offlineHeaders: '${NATSHAT_UNSET}' }, {}, 'BAD_ENV'],
    [{ pingIntervalMs: '${NATSHAT_UNSET}' }, {}, 'BAD_ENV'],
    [{ auth: 'user' }, {}, 'BAD_CREDENTIALS'],
    [{ auth: 'token' }, { token: '' }, 'BAD_CREDENTIALS'],
    [{ inboxPrefix: 'a b' }, {}, 'BAD_INBOX'],
    [{ pingIntervalMs: 'soon' }, {}, 'BAD_NUMBER'],
    [{ pingIntervalMs: 0 }, {}, 'BAD_NUMBER'],
    [{ connectTimeoutMs: 0 }, {}, 'BAD_NUMBER'],
    [{ maxPingOut: 0 }, {}, 'BAD_NUMBER'],
    [{ maxPingOut: 2.5 }, {}, 'BAD_NUMBER'],
    [{ tls: 'gone' }, {}, 'BAD_TLS'],
  ];
  for (const [properties, credentials, code] of cases) {
    await t.test(`${code} for ${JSON.stringify(properties)}`, async (t) => {
      const config = { id: SERVER, type: 'nats-config', ...properties };
      const flow = await startFlow(t, [config, PUBLISH], { [SERVER]: credentials });
      flow.send('publish', {});
      const { error } = await flow.caught();
      assert.equal(error.code, code);
      assert.doesNotMatch(error.message, /lovelace/);
    });
  }
});

test('flows may start before the server, and outlive it', async (t) => {
  const { port, stop } = await startNatsServer();
  await stop();
  const config = { id: SERVER, type: 'nats-config', servers: `127.0.0.1:${port}`, reconnectWaitMs: 50 };
  const flow = await startFlow(t, [config, ...ECHO]);
  const first = await startNatsServer({ port });
  t.after(() => first.stop());
  await assertWorks(flow);

  const red = flow.status('subscribe', ({ fill }) => fill === 'red');
  await first.stop();
  await red;
  const second = await startNatsServer({ port });
  t.after(() => second.stop());
  await flow.status('subscribe', ({ fill }) => fill === 'green');
  await assertWorks(flow);
});

test('a deploy neither doubles a subscription nor leaves a connection behind', async (t) => {
  const { flow, server } = await startScene(t, [SUBSCRIBE, OUT]);
  const config = { id: SERVER, type: 'nats-config', servers: server.url };
  await flow.deploy([config, ...ECHO]);
  await assertWorks(flow);
  await flow.deploy([config, PUBLISH, OUT]);
  await flow.connected();
  const peer = await startPeer(t, server.url);
  peer.nc.publish('news', 'unheard');
  await flow.deploy([config, ...ECHO]);
  await assertWorks(flow);
  assert.equal(flow.waiting('out'), 0);
});

test('a connection announces that it has connected, and that it disconnects', async (t) => {
  const server = await startNatsServer();
  t.after(() => server.stop());
  const { nc, subscribe } = await startPeer(t, server.url);
  const presence = await subscribe('presence.>');
  const config = {
    id: SERVER,
    type: 'nats-config',
    servers: server.url,
    onlineSubject: 'presence.on',
    onlinePayload: 'here',
    onlineHeaders: '{"Room": "7"}',
    offlineSubject: 'presence.off',
    offlinePayload: 'gone',
  };
  const flow = await startFlow(t, [config, ...ECHO]);
  const on = await presence.take();
  assert.deepEqual([on.subject, on.string(), on.headers?.get('Room')], ['presence.on', 'here', '7']);
  await assertWorks(flow);
  await flow.deploy([]);
  const off = await presence.take();
  assert.deepEqual([off.subject, off.string()], ['presence.off', 'gone']);
  await nc.flush();
  assert.equal(presence.size, 0);
});

test('an invalid presence message turns the node red', async (t) => {
  const config = { id: SERVER, type: 'nats-config', servers: 'nats://127.0.0.1:1', onlineSubject: 'a b' };
  const flow = await startFlow(t, [config, PUBLISH]);
  flow.send('publish', {});
  assert.equal((await flow.caught()).error.code, 'BAD_SUBJECT');
});

test('messages disconnect and connect all nodes of a server', async (t) => {
  const { flow, peer } = await startScene(t, [
    SUBSCRIBE,
    PUBLISH,
    { id: 'ask', type: 'nats-request', subject: 'anybody' },
    OUT,
  ]);
  const received = await peer.subscribe('news');
  flow.send('ask', { action: 'disconnect' });
  await flow.completed();
  for (const id of ['subscribe', 'publish', 'ask']) await flow.status(id, ({ fill }) => fill === 'red');
  flow.send('publish', { payload: 'held' });
  flow.send('ask', {});
  assert.equal((await flow.caught()).error.code, 'NOT_CONNECTED');
  peer.nc.publish('news', 'missed');
  await peer.nc.flush();
  assert.equal((await received.take()).string(), 'missed');

  flow.send('publish', { action: 'connect' });
  assert.equal((await received.take()).string(), 'held');
  assert.equal((await flow.next('out')).payload, 'held');
  for (const id of ['subscribe', 'publish', 'ask']) await flow.status(id, ({ fill }) => fill === 'green');
  assert.equal(flow.waiting('out'), 0);
});
