import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { headers as createHeaders } from 'nats';
import type { NodeMessage } from 'node-red';
import { startNatsServer } from '../../../scripts/nats-server';
import { SERVER, startFlow, type TestNode } from '../../support/flow';
import { startJetStream } from '../../support/jetstream-server';
import { startPeer } from '../../support/peer';

const OUT: TestNode = { id: 'out', type: 'helper' };
const KV: TestNode = { id: 'kv', type: 'nats-kv', bucket: 'pis', action: 'msg', wires: [['out']] };

type Told = { revision: number; operation?: string; key?: string; bucket?: string; time?: string; ack?: string };
type KvMessage = NodeMessage & { nats: Told };

/** A server without buckets, another client of it, and a flow with a `nats-kv`. */
async function start(t: TestContext, fields: Partial<TestNode> = {}, others: TestNode[] = [], config = '') {
  const server = await startJetStream(t, config);
  const peer = await startPeer(t, server.url, { reconnect: false });
  const flow = await startFlow(t, [
    { id: SERVER, type: 'nats-config', servers: server.url, reconnectWaitMs: 50 },
    OUT,
    { ...KV, ...fields },
    ...others,
  ]);
  await flow.connected();
  /** The message that an action sends on. */
  const act = async (action: string, msg: object = {}) => {
    flow.send('kv', { ...msg, action });
    return (await flow.next('out')) as KvMessage;
  };
  /** The code of the error that an action ends with. */
  const fail = async (action: unknown, msg: object = {}) => {
    flow.send('kv', { ...msg, action });
    return (await flow.caught()).error.code;
  };
  return { server, peer, flow, act, fail };
}

test('a value that is put can be got, with where it comes from', async (t) => {
  const { act } = await start(t);
  const put = await act('put', { key: 'room.1', payload: { colour: 'red' }, other: 'stays' });
  assert.deepEqual(put.nats, { bucket: 'pis', key: 'room.1', revision: 1, operation: 'put' });
  assert.deepEqual([put.payload, put.topic], [{ colour: 'red' }, 'room.1']);
  assert.equal((put as { other?: string }).other, 'stays');
  const got = await act('get', { key: 'room.1', payload: 'question' });
  const { time, ...nats } = got.nats;
  assert.deepEqual(nats, { bucket: 'pis', key: 'room.1', revision: 1, operation: 'put' });
  assert.deepEqual([got.payload, got.topic, 'headers' in got], [{ colour: 'red' }, 'room.1', false]);
  assert.match(time ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test('a get of nothing is no error', async (t) => {
  const { act } = await start(t);
  await act('put', { topic: 'a', payload: '1' });
  for (const key of ['b', 'c.d']) {
    const got = await act('get', { key, payload: 'question', nats: { revision: 7, time: 'then' } });
    assert.deepEqual([got.payload, got.nats], [undefined, { bucket: 'pis', key, revision: 0 }]);
  }
  await act('delete', { topic: 'a' });
  assert.deepEqual((await act('get', { topic: 'a' })).nats, { bucket: 'pis', key: 'a', revision: 0 });
});

test('the key is that of the node, of msg.key or of msg.topic', async (t) => {
  const own = { ...KV, id: 'own', key: 'mine', action: 'put' };
  const { act, flow, fail } = await start(t, {}, [own]);
  flow.send('own', { key: 'a', topic: 'b', payload: '1' });
  assert.equal((await flow.next('out')).topic, 'mine');
  assert.equal((await act('put', { key: 'a', topic: 'b', payload: '2' })).topic, 'a');
  assert.equal((await act('put', { key: '', topic: 'b', payload: '3' })).topic, 'b');
  assert.deepEqual((await act('keys')).payload, ['mine', 'a', 'b']);
  for (const key of ['a b', 'a..b', '>', 'a\r\nPUB x 0', 7, { a: 1 }]) {
    assert.equal(await fail('put', { key }), 'BAD_KEY', JSON.stringify(key));
    assert.equal(await fail('get', { topic: key }), 'BAD_KEY', JSON.stringify(key));
  }
  assert.equal(await fail('get'), 'BAD_KEY');
});

test('a value is created once, and updated only with the revision that it has', async (t) => {
  const { act, fail, flow } = await start(t);
  assert.equal((await act('create', { key: 'a', payload: '1' })).nats.revision, 1);
  assert.equal(await fail('create', { key: 'a', payload: '2' }), 'EXISTS');
  const got = await act('get', { key: 'a' });
  assert.equal((await act('update', { ...got, payload: '2' })).nats.revision, 2);
  flow.send('kv', { ...got, payload: '3', action: 'update' });
  const { error } = await flow.caught();
  assert.equal(error.code, 'CONFLICT');
  const none = await act('get', { key: 'b' });
  assert.equal((await act('update', { ...none, payload: 'first' })).nats.revision, 3);
  for (const nats of [undefined, null, {}, { revision: '2' }, { revision: -1 }, { revision: 1.5 }, 'text', []]) {
    assert.equal(await fail('update', { key: 'a', payload: '3', nats }), 'BAD_REVISION', JSON.stringify(nats));
  }
});

test('what is stored is what was sent, also if the flow changes its Buffer before the server has answered', async (t) => {
  const { act, flow } = await start(t);
  await act('put', { key: 'a', payload: '1' });
  for (const [action, nats] of [
    ['put', {}],
    ['create', {}],
    ['update', { revision: 0 }],
  ] as const) {
    await act('delete', { key: 'a' });
    const payload = Buffer.from(action);
    flow.send('kv', { key: 'a', action, payload, nats });
    payload.fill('?');
    await flow.next('out');
    assert.equal((await act('get', { key: 'a' })).payload, action);
  }
});

test('keys, history and deletions', async (t) => {
  const { act } = await start(t, { history: '3' });
  for (const payload of ['1', '2']) await act('put', { key: 'room.1', payload });
  await act('put', { key: 'room.2', payload: '3' });
  assert.deepEqual((await act('delete', { key: 'room.1' })).nats, {
    bucket: 'pis',
    key: 'room.1',
    revision: 4,
    operation: 'delete',
  });
  const history = (await act('history', { key: 'room.1' })).payload as (Told & { payload?: unknown })[];
  assert.deepEqual(
    history.map(({ time, ...rest }) => rest),
    [
      { key: 'room.1', payload: '1', revision: 1, operation: 'put' },
      { key: 'room.1', payload: '2', revision: 2, operation: 'put' },
      { key: 'room.1', payload: undefined, revision: 4, operation: 'delete' },
    ],
  );
  assert(history.every(({ time }) => !Number.isNaN(Date.parse(time ?? ''))));
  assert.deepEqual((await act('keys')).payload, ['room.2']);
  await act('put', { key: 'hall.1', payload: '5' });
  assert.deepEqual((await act('keys', { key: 'room.*' })).payload, ['room.2']);
  assert.deepEqual((await act('keys', { topic: 'nothing' })).payload, ['room.2', 'hall.1']);
  const purged = await act('purge', { key: 'room.1' });
  assert.equal(purged.nats.operation, 'purge');
  assert.equal(((await act('history', { key: 'room.1' })).payload as unknown[]).length, 1);
});

test('nothing but a new value makes a bucket, and only if that is not turned off', async (t) => {
  const careful = { ...KV, id: 'careful', create: false };
  const { fail, flow, peer } = await start(t, {}, [careful]);
  for (const action of ['get', 'keys', 'history', 'delete', 'purge']) {
    assert.equal(await fail(action, { key: 'a' }), 'NO_BUCKET', action);
  }
  for (const action of ['put', 'create', 'update']) {
    flow.send('careful', { action, key: 'a', payload: '1', nats: { revision: 1 } });
    assert.equal((await flow.caught()).error.code, 'NO_BUCKET', action);
  }
  assert.equal((await peer.nc.request('$JS.API.STREAM.NAMES')).json<{ total: number }>().total, 0);
});

test('a bucket is made as the node says, and another form of it is named', async (t) => {
  const form = { history: '5', lifetimeS: '60', storage: 'memory' };
  const other = { ...KV, id: 'other', action: 'put', key: 'a', history: 7 };
  const { act, flow, peer } = await start(t, form, [other]);
  await act('put', { key: 'a', payload: '1' });
  const { config } = (await peer.nc.request('$JS.API.STREAM.INFO.KV_pis')).json<{ config: Record<string, unknown> }>();
  assert.deepEqual([config.max_msgs_per_subject, config.max_age, config.storage], [5, 60e9, 'memory']);
  flow.send('other', { payload: '2' });
  await flow.next('out');
  const { fill, shape, text } = await flow.status('other', ({ fill }) => fill === 'yellow');
  assert.deepEqual([fill, shape], ['yellow', 'dot']);
  assert.match(text, /STREAM_DIFFERS-bucket/);
});

test('an unknown action is an error, and a chosen one ignores that of the message', async (t) => {
  const getting = { ...KV, id: 'getting', action: 'get', key: 'a' };
  const { act, fail, flow } = await start(t, {}, [getting]);
  for (const action of ['destroy', '', undefined, 7, 'toString', 'GET']) {
    assert.equal(await fail(action, { key: 'a' }), 'BAD_ACTION', String(action));
  }
  await act('put', { key: 'a', payload: '1' });
  flow.send('getting', { action: 'delete' });
  assert.equal((await flow.next('out')).payload, '1');
});

test('wrong settings are one clear error at start and for each message', async (t) => {
  const cases: [fields: Partial<TestNode>, code: string][] = [
    [{ bucket: '' }, 'BAD_BUCKET'],
    [{ bucket: 'a.b' }, 'BAD_BUCKET'],
    [{ bucket: 'a\r\nPUB x 0' }, 'BAD_BUCKET'],
    [{ domain: 'a b' }, 'BAD_STREAM'],
    [{ action: 'destroy' }, 'BAD_CHOICE'],
    [{ action: 'get', key: 'room.*' }, 'BAD_KEY'],
    [{ history: 65 }, 'BAD_NUMBER'],
    [{ history: 0 }, 'BAD_NUMBER'],
    [{ lifetimeS: -1 }, 'BAD_NUMBER'],
    [{ storage: 'tape' }, 'BAD_CHOICE'],
    [{ replicas: 6 }, 'BAD_NUMBER'],
    [{ create: 'yes' }, 'BAD_SWITCH'],
    [{ timeoutMs: 0 }, 'BAD_NUMBER'],
    [{ output: 'xml' }, 'BAD_CHOICE'],
    [{ bucket: '${NATSHAT_UNSET}' }, 'BAD_ENV'],
  ];
  const nodes = cases.map(([fields], index) => ({ ...KV, ...fields, id: `kv${index}` }));
  const flow = await startFlow(t, [{ id: SERVER, type: 'nats-config', servers: 'nats://127.0.0.1:1' }, OUT, ...nodes]);
  for (const [index, [, code]] of cases.entries()) {
    flow.send(`kv${index}`, { action: 'get', key: 'a' });
    assert.equal((await flow.caught()).error.code, code, String(index));
    await flow.status(`kv${index}`, ({ fill, shape }) => fill === 'red' && shape === 'ring');
  }
});

test('values wait for the server and are stored once, while reading fails at once', async (t) => {
  const { server, act, fail, flow } = await start(t, { history: 64 });
  await act('put', { key: 'a', payload: 'first' });
  await server.kill();
  await flow.status('kv', ({ fill }) => fill !== 'green');
  for (const payload of ['1', '2', '3']) flow.send('kv', { action: 'put', key: 'a', payload });
  for (const action of ['get', 'keys', 'history']) assert.equal(await fail(action, { key: 'a' }), 'NOT_CONNECTED');
  await server.restart();
  for (const revision of [2, 3, 4]) assert.equal(((await flow.next('out')) as KvMessage).nats.revision, revision);
  const history = (await act('history', { key: 'a' })).payload as { payload: string }[];
  assert.deepEqual(
    history.map(({ payload }) => payload),
    ['first', '1', '2', '3'],
  );
});

test('values have the form that is chosen, and headers of whoever stored them', async (t) => {
  const outputs = ['string', 'buffer', 'json'].map((output) => ({
    ...KV,
    id: output,
    action: 'get',
    key: 'a',
    output,
  }));
  const { act, flow, peer } = await start(t, {}, outputs);
  const headers = createHeaders();
  headers.set('unit', 'C');
  await act('put', { key: 'a', payload: 'old' });
  await peer.nc.request('$KV.pis.a', '[1]', { headers, timeout: 5000 });
  const got = await act('get', { key: 'a', headers: { old: '1' } });
  assert.deepEqual([got.payload, (got as { headers?: object }).headers], [[1], { unit: 'C' }]);
  for (const [id, payload] of [
    ['string', '[1]'],
    ['buffer', Buffer.from('[1]')],
    ['json', [1]],
  ] as const) {
    flow.send(id, {});
    assert.deepEqual((await flow.next('out')).payload, payload);
  }
  const plain = (await act('put', { key: 'a', payload: 'no JSON' })) as KvMessage & { headers?: object };
  assert.equal('headers' in plain, false);
  flow.send('json', {});
  assert.equal((await flow.caught()).error.code, 'BAD_JSON');
});

test('a payload that cannot be stored is an error', async (t) => {
  const { fail, act } = await start(t);
  await act('put', { key: 'a', payload: '1' });
  assert.equal(await fail('put', { key: 'a', payload: 7n }), 'BAD_PAYLOAD');
  assert.equal(await fail('put', { key: 'a', payload: Buffer.alloc(2 ** 20 + 1) }), 'MAX_PAYLOAD');
  assert.equal((await act('get', { key: 'a' })).payload, '1');
});

test('a consumed message that a value is put for can still be acknowledged', async (t) => {
  const { act } = await start(t);
  const nats = {
    stream: 'JOBS',
    consumer: 'worker',
    sequence: 7,
    time: 'then',
    delivered: 1,
    pending: 0,
    ack: '$JS.ACK.x',
  };
  const put = await act('put', { key: 'a', payload: '1', nats });
  assert.deepEqual(put.nats, {
    stream: 'JOBS',
    consumer: 'worker',
    sequence: 7,
    delivered: 1,
    pending: 0,
    ack: '$JS.ACK.x',
    bucket: 'pis',
    key: 'a',
    revision: 1,
    operation: 'put',
  });
});

test('a missing right is named and shown until it is granted', async (t) => {
  const users = `users: [
    { user: admin, password: p },
    { user: narrow, password: p, permissions: {
      publish: ["$JS.API.DIRECT.GET.KV_pis.$KV.pis.own", "$KV.pis.own", "test.ready"], subscribe: [">"] } }]`;
  const server = await startJetStream(t, `authorization { ${users} }\nno_auth_user: admin`);
  const config = { id: SERVER, type: 'nats-config', servers: server.url, auth: 'user' };
  const flow = await startFlow(t, [config, OUT, KV], { [SERVER]: { user: 'narrow', password: 'p' } });
  const { nc } = await startPeer(t, server.url);
  const stream = {
    name: 'KV_pis',
    subjects: ['$KV.pis.>'],
    storage: 'memory',
    retention: 'limits',
    allow_direct: true,
  };
  await nc.request('$JS.API.STREAM.CREATE.KV_pis', JSON.stringify(stream));
  await flow.connected();
  flow.send('kv', { action: 'put', key: 'own', payload: '1' });
  await flow.next('out');
  flow.send('kv', { action: 'put', key: 'other', payload: '1' });
  assert.equal((await flow.caught()).error.code, 'PERMISSION');
  await flow.status('kv', ({ fill, shape }) => fill === 'red' && shape === 'ring');
  flow.send('kv', { action: 'get', key: 'own' });
  assert.equal((await flow.next('out')).payload, '1');
  await flow.status('kv', ({ fill }) => fill === 'green');
});

test('a server without JetStream is named as the reason', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const watch = { id: 'watch', type: 'nats-kv-watch', bucket: 'pis' };
  const flow = await startFlow(t, [{ id: SERVER, type: 'nats-config', servers: server.url }, OUT, KV, watch]);
  await flow.connected();
  for (const action of ['get', 'put', 'create', 'delete', 'keys', 'history']) {
    flow.send('kv', { action, key: 'a', payload: '1' });
    assert.equal((await flow.caught()).error.code, 'NO_JETSTREAM', action);
  }
  const { text } = await flow.status('watch', ({ fill }) => fill === 'red');
  assert.match(text, /NO_JETSTREAM/);
});
