import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { NodeMessage } from 'node-red';
import { poll } from '../../../scripts/monitoring';
import { SERVER, startFlow, type TestNode } from '../../support/flow';
import { startJetStream } from '../../support/jetstream-server';
import { type Peer, startPeer } from '../../support/peer';

const OUT: TestNode = { id: 'out', type: 'helper' };
const WATCH: TestNode = { id: 'watch', type: 'nats-kv-watch', bucket: 'pis', wires: [['out']] };
const PUT: TestNode = { id: 'put', type: 'nats-kv', bucket: 'pis', action: 'put', history: 10 };
const DELETE: TestNode = { id: 'delete', type: 'nats-kv', bucket: 'pis', action: 'delete' };

type Change = NodeMessage & { nats: Record<string, unknown> };

/** A server with a bucket unless `values` is missing, and a flow with a `nats-kv-watch`. */
async function start(t: TestContext, fields: Partial<TestNode> = {}, values?: Record<string, string>) {
  const server = await startJetStream(t);
  let peer: Peer = await startPeer(t, server.url, { reconnect: false });
  const nodes = [{ id: SERVER, type: 'nats-config', servers: server.url, reconnectWaitMs: 50 }, OUT, PUT, DELETE];
  const flow = await startFlow(t, nodes);
  await flow.connected();
  const put = async (key: string, payload: string) => {
    flow.send('put', { key, payload });
    await flow.completed();
  };
  for (const [key, value] of Object.entries(values ?? {})) await put(key, value);
  const watch = { ...WATCH, ...fields };
  await flow.deploy([...nodes, watch]);
  /** How many consumers the server has. */
  const consumers = async () => {
    if (peer.nc.isClosed()) peer = await startPeer(t, server.url, { reconnect: false });
    return (await peer.nc.request('$JS.API.CONSUMER.NAMES.KV_pis')).json<{ total: number }>().total;
  };
  return {
    server,
    flow,
    nodes,
    watch,
    put,
    consumers,
    remove: async (key: string) => {
      flow.send('delete', { key });
      await flow.completed();
    },
    next: async () => (await flow.next('out')) as Change,
    status: (text: RegExp) => flow.status('watch', (status) => text.test(status.text)),
  };
}

test('a change is sent with its key and where it comes from', async (t) => {
  const { put, remove, next, status } = await start(t, {}, { a: 'old' });
  await status(/status\.watching/);
  await put('room.1', '{"on":true}');
  const { payload, topic, nats, _msgid } = await next();
  const { time, ...rest } = nats;
  assert.deepEqual([payload, topic], [{ on: true }, 'room.1']);
  assert.deepEqual(rest, { bucket: 'pis', key: 'room.1', revision: 2, operation: 'put', initial: false });
  assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert(_msgid);
  await remove('room.1');
  const deleted = await next();
  assert.deepEqual([deleted.payload, deleted.topic, deleted.nats.operation], [undefined, 'room.1', 'delete']);
});

test('the values that are there are flagged, and the status says once that they are through', async (t) => {
  const { put, next, status } = await start(t, { start: 'values' }, { a: '1', b: '2' });
  await status(/status\.values/);
  await put('a', '3');
  const changes = [await next(), await next(), await next()];
  assert.deepEqual(
    changes.map(({ topic, payload, nats }) => [topic, payload, nats.initial]),
    [
      ['a', '1', true],
      ['b', '2', true],
      ['a', '3', false],
    ],
  );
});

test('deletions can be left out, and keys chosen', async (t) => {
  const { put, remove, next, status } = await start(t, { keys: 'room.*', deletions: false }, { a: '1' });
  await status(/status\.watching/);
  await put('room.1', '1');
  await remove('room.1');
  await put('hall.1', '2');
  await put('room.2', '3');
  assert.deepEqual([(await next()).topic, (await next()).topic], ['room.1', 'room.2']);
});

test('a watch waits for a missing bucket and says so', async (t) => {
  const { put, next, flow, status } = await start(t);
  const { fill, shape } = await flow.status('watch', ({ text }) => /NO_BUCKET/.test(text));
  assert.deepEqual([fill, shape], ['yellow', 'ring']);
  await put('a', '1');
  assert.deepEqual([(await next()).payload], ['1']);
  await status(/status\.watching/);
});

test('a watch neither misses nor repeats anything over restarts, and leaves no consumer', async (t) => {
  const { server, flow, put, next, consumers, nodes } = await start(t, { start: 'values' }, { a: '0' });
  assert.equal((await next()).payload, '0');
  for (const round of [1, 2, 3]) {
    await server.kill();
    await flow.status('watch', ({ fill }) => fill !== 'green');
    const stored = put('a', String(round));
    await server.restart();
    await stored;
    assert.deepEqual([(await next()).payload, flow.waiting('out')], [String(round), 0]);
  }
  assert.equal(await consumers(), 1);
  await flow.deploy(nodes);
  assert.equal(await poll(consumers, (count) => count === 0), 0);
});

test('a deploy begins anew with the values, and leaves no consumer of before', async (t) => {
  const { flow, next, nodes, watch, consumers } = await start(t, { start: 'values' }, { a: '1' });
  for (const name of ['', 'one', 'two']) {
    if (name) await flow.deploy([...nodes, { ...watch, name }]);
    const { payload, nats } = await next();
    assert.deepEqual([payload, nats.initial], ['1', true]);
  }
  assert.equal(await poll(consumers, (count) => count === 1), 1);
});

test('a value that is no JSON goes to a Catch node with its text', async (t) => {
  const { flow, put, status, next } = await start(t, { output: 'json' }, { a: '1' });
  await status(/status\.watching/);
  await put('a', 'text');
  const { error, payload, topic } = await flow.caught();
  assert.deepEqual([error.code, error.source.id, payload, topic], ['BAD_JSON', 'watch', 'text', 'a']);
  await put('a', '7');
  assert.equal((await next()).payload, 7);
});

test('wrong settings are one clear error', async (t) => {
  const cases: [fields: Partial<TestNode>, code: string][] = [
    [{ bucket: '' }, 'BAD_BUCKET'],
    [{ bucket: 'a b' }, 'BAD_BUCKET'],
    [{ domain: '*' }, 'BAD_STREAM'],
    [{ keys: 'a..b' }, 'BAD_KEY'],
    [{ start: 'never' }, 'BAD_CHOICE'],
    [{ deletions: 'no' }, 'BAD_SWITCH'],
    [{ output: 'xml' }, 'BAD_CHOICE'],
  ];
  const nodes = cases.map(([fields], index) => ({ ...WATCH, ...fields, id: `watch${index}` }));
  const flow = await startFlow(t, [{ id: SERVER, type: 'nats-config', servers: 'nats://127.0.0.1:1' }, OUT, ...nodes]);
  for (const [index, [, code]] of cases.entries()) {
    const { fill, shape, text } = await flow.status(`watch${index}`, ({ fill }) => fill === 'red');
    assert.deepEqual([fill, shape], ['red', 'ring']);
    assert.match(text, new RegExp(code));
  }
});
