import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startNodeRed } from '../../scripts/node-red';
import { signInByName } from '../support/admin-auth';
import { startJetStream } from '../support/jetstream-server';
import { nodeDefaults } from '../support/node-defaults';
import { startPeer } from '../support/peer';
import { startSilentServer } from '../support/silent-server';

/** Asks for a stream as the dialog does. */
async function post(url: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}nats-stream/look`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

/** A `nats-config` as it is in the editor. */
const configFor = (servers: string, more: object = {}) => ({
  ...nodeDefaults('nats-config'),
  id: 'server',
  servers,
  ...more,
});

const adminAuth = signInByName({ admin: '*', reader: 'read', looker: ['flows.read', 'nats-config.write'] });

test('only users who may deploy can look at a stream', async (t) => {
  const server = await startJetStream(t);
  const nodeRed = await startNodeRed([], { settings: { adminAuth } });
  t.after(nodeRed.stop);
  const body = { id: 'new', stream: 'ORDERS', config: configFor(server.url) };
  const statusFor = async (user?: string) =>
    (await post(nodeRed.url, body, user ? { authorization: `Bearer ${user}` } : {})).status;
  assert.equal(await statusFor(), 401);
  for (const user of ['reader', 'looker', 'stranger']) assert.equal(await statusFor(user), 401, user);
  assert.equal(await statusFor('admin'), 200);
});

test('a look reports what the stream has and changes nothing', async (t) => {
  const server = await startJetStream(t, 'authorization { token: lovelace }');
  const { nc, subscribe } = await startPeer(t, server.url, { token: 'lovelace' });
  const ask = async (subject: string, body?: object) =>
    (await nc.request(`$JS.API.${subject}`, body && JSON.stringify(body))).json<{
      error?: unknown;
      streams?: unknown;
    }>();
  process.env.NATSHAT_STREAM = 'ORDERS';
  const nodeRed = await startNodeRed([]);
  t.after(nodeRed.stop);
  const config = configFor(server.url, { auth: 'token', credentials: { token: 'lovelace' } });
  const look = async (body: object) => {
    const { text } = await post(nodeRed.url, { id: 'new', name: '', z: '', domain: '', config, ...body });
    assert.doesNotMatch(text, /lovelace/);
    return JSON.parse(text) as Record<string, unknown>;
  };

  const missing = await look({ stream: 'ORDERS' });
  assert.equal(missing.code, 'NO_STREAM');
  assert.match(String(missing.error), /^ORDERS: there is no such stream/);
  assert.equal((await ask('STREAM.NAMES')).streams, null, 'it was not made');

  await ask('STREAM.CREATE.ORDERS', { name: 'ORDERS', subjects: ['orders.>', 'bills'] });
  const empty = {
    stream: 'ORDERS',
    subjects: ['orders.>', 'bills'],
    messages: 0,
    bytes: 0,
    consumerCount: 0,
    consumers: [],
  };
  assert.deepEqual(await look({ stream: 'ORDERS' }), empty);

  await ask('CONSUMER.DURABLE.CREATE.ORDERS.work', {
    stream_name: 'ORDERS',
    config: { durable_name: 'work', ack_policy: 'explicit' },
  });
  for (const payload of ['a', 'b', 'c']) await nc.request('orders.new', payload);
  const pulled = await subscribe('pulled');
  nc.publish('$JS.API.CONSUMER.MSG.NEXT.ORDERS.work', '1', { reply: 'pulled' });
  await pulled.take();
  for (const stream of ['ORDERS', '${NATSHAT_STREAM}']) {
    const { oldest, bytes, ...report } = await look({ stream });
    const consumers = [{ name: 'work', pending: 2, unacknowledged: 1 }];
    assert.deepEqual(report, { stream: 'ORDERS', subjects: empty.subjects, messages: 3, consumerCount: 1, consumers });
    assert((bytes as number) > 3);
    assert(Math.abs(Date.now() - Date.parse(oldest as string)) < 60_000, String(oldest));
  }

  for (let i = 0; i < 25; i++) {
    const config = { durable_name: `more-${i}`, ack_policy: 'explicit' };
    await ask(`CONSUMER.DURABLE.CREATE.ORDERS.more-${i}`, { stream_name: 'ORDERS', config });
  }
  const many = await look({ stream: 'ORDERS' });
  assert.deepEqual([many.consumerCount, (many.consumers as unknown[]).length], [26, 20]);
});

test('what keeps a look from an answer is said in a sentence', async (t) => {
  const rights =
    'users: [{ user: ada, password: x, permissions: { publish: "$JS.API.STREAM.INFO.OTHER" } }, { user: bea, password: x }]';
  const server = await startJetStream(t, `authorization { ${rights} }`);
  const plain = await startJetStream(t, 'accounts { A { users: [ { user: a, password: a } ] } }\nno_auth_user: a');
  const nodeRed = await startNodeRed([]);
  t.after(nodeRed.stop);
  const as = (user: string, password = 'x') => configFor(server.url, { auth: 'user', credentials: { user, password } });
  const refused: [body: object, code: string][] = [
    [{ stream: 'ORDERS' }, 'NO_SERVER'],
    [{ stream: 'ORDERS', config: as('bea', 'y') }, 'AUTH'],
    [{ stream: 'ORDERS', config: configFor('nats://127.0.0.1:1') }, 'UNREACHABLE'],
    [{ stream: 'ORDERS', config: configFor('ws://127.0.0.1') }, 'BAD_SERVER'],
    [{ stream: 'ORDERS', config: as('ada') }, 'PERMISSION'],
    [{ stream: 'ORDERS', config: as('bea') }, 'NO_STREAM'],
    [{ stream: 'ORDERS', config: configFor(plain.url) }, 'NO_JETSTREAM'],
    [{ stream: 'ORDERS', domain: 'elsewhere', config: as('bea') }, 'NO_JETSTREAM'],
    [{ stream: 'a.b', config: as('bea') }, 'BAD_STREAM'],
    [{ stream: '', config: as('bea') }, 'BAD_STREAM'],
    [{ config: as('bea') }, 'BAD_STREAM'],
    [{ stream: 'ORDERS', domain: 'a\r\nPUB x 0', config: as('bea') }, 'BAD_STREAM'],
    [{ stream: '${NATSHAT_UNSET}', config: as('bea') }, 'BAD_ENV'],
  ];
  for (const [body, code] of refused) {
    const answer = JSON.parse((await post(nodeRed.url, { id: 'new', ...body })).text) as {
      code: string;
      error: string;
    };
    assert.equal(answer.code, code, JSON.stringify(body));
    assert.match(answer.error, /^[^{}_]+ [^{}]+$/, 'a sentence');
  }
});

test('stored secrets are used where the editor has none, and those of no other node', async (t) => {
  const server = await startJetStream(t, 'authorization { token: lovelace }');
  const { nc } = await startPeer(t, server.url, { token: 'lovelace' });
  await nc.request('$JS.API.STREAM.CREATE.ORDERS', JSON.stringify({ name: 'ORDERS', subjects: ['orders.>'] }));
  const nodeRed = await startNodeRed([]);
  t.after(nodeRed.stop);
  const config = configFor(server.url, { auth: 'token', type: 'nats-config' });
  const deployed = await fetch(`${nodeRed.url}flows`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([{ ...config, credentials: { token: 'lovelace' } }]),
  });
  assert(deployed.ok);
  const look = async (id: string) => {
    const typed = { ...config, id, credentials: { token: '__PWRD__' } };
    return JSON.parse((await post(nodeRed.url, { id: 'new', stream: 'ORDERS', config: typed })).text) as object;
  };
  assert('messages' in (await look('server')));
  assert.equal(((await look('other')) as { code?: string }).code, 'BAD_CREDENTIALS');
});

test('two looks can run at a time, a third one is BUSY, and one that ends makes room', async (t) => {
  const silent = await startSilentServer(t);
  const nodeRed = await startNodeRed([]);
  t.after(nodeRed.stop);
  const config = configFor(`127.0.0.1:${silent.port}`);
  const look = async () =>
    JSON.parse((await post(nodeRed.url, { id: 'new', stream: 'ORDERS', config })).text) as {
      code: string;
      error: string;
    };
  const running = [look(), look()];
  const reached = [await silent.connections.take(), await silent.connections.take()];
  const third = await look();
  assert.equal(third.code, 'BUSY');
  assert.match(third.error, /^2 streams are already being looked at/);
  reached[0]?.destroy();
  await Promise.race(running);
  const next = look();
  reached.push(await silent.connections.take());
  for (const socket of reached) socket.destroy();
  for (const answer of await Promise.all([...running, next])) assert.equal(answer.code, 'UNREACHABLE');
});
