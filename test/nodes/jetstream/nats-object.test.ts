import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Objm } from '@nats-io/obj';
import type { NodeMessage } from 'node-red';
import { SERVER, startFlow, type TestNode } from '../../support/flow';
import { startJetStream } from '../../support/jetstream-server';
import { bytesOf } from '../../support/object-client';
import { startPeer } from '../../support/peer';

const OUT: TestNode = { id: 'out', type: 'helper' };
const object = (id: string, properties: object = {}): TestNode => ({
  ...{ id, type: 'nats-object', bucket: 'FILES', action: id },
  wires: [['out']],
  ...properties,
});
const PUT = object('put');
const GET = object('get');

interface ObjectMessage extends NodeMessage {
  nats: { bucket: string; name: string; size: number; chunks: number; digest: string; time: string };
  parts?: { id: string; index: number; count: number; type: string; parts?: object };
}

/** A server, a flow with these nodes, and another client with the bucket. */
async function start(t: TestContext, nodes: TestNode[]) {
  const server = await startJetStream(t);
  const peer = await startPeer(t, server.url, { reconnect: false });
  const config = { id: SERVER, type: 'nats-config', servers: server.url, reconnectWaitMs: 50 };
  const flow = await startFlow(t, [config, OUT, ...nodes]);
  await flow.connected();
  const next = async () => (await flow.next('out')) as ObjectMessage;
  const code = async () => (await flow.caught()).error.code;
  return { server, peer, flow, next, code, config, store: () => new Objm(peer.nc).create('FILES') };
}

test('an object is put and read, and each message tells of it', async (t) => {
  const { flow, next, store } = await start(t, [PUT, GET, object('info'), object('list'), object('delete')]);
  const payload = bytesOf(300_000);
  flow.send('put', { object: 'a', topic: 'other', payload, mine: 1 });
  const put = await next();
  const { time, digest, ...nats } = put.nats;
  assert.deepEqual(nats, { bucket: 'FILES', name: 'a', size: 300_000, chunks: 3 });
  assert.match(digest, /^SHA-256=/);
  assert.match(time, /Z$/);
  assert.deepEqual([put.topic, put.payload, (put as { mine?: number }).mine], ['a', payload, 1]);
  await flow.completed();
  assert(Buffer.from((await (await store()).getBlob('a')) as Uint8Array).equals(payload));

  flow.send('get', { topic: 'a', headers: { of: 'another' } });
  const got = await next();
  assert(payload.equals(got.payload as Buffer));
  assert.deepEqual([got.topic, got.nats.digest, 'headers' in got], ['a', digest, false]);
  flow.send('info', { topic: 'a' });
  assert.deepEqual((await next()).payload, got.nats);
  flow.send('list', {});
  const { payload: list, nats: listed } = await next();
  assert.deepEqual([list, listed], [[got.nats], { bucket: 'FILES' }]);
  flow.send('delete', { topic: 'a' });
  assert.equal((await next()).nats.name, 'a');
  assert.equal(await (await store()).getBlob('a'), null);
});

test('an object comes as text where the node says so, and with its headers', async (t) => {
  const { flow, next, store } = await start(t, [object('get', { output: 'string', object: 'a' })]);
  const { headers } = await import('nats');
  const own = headers();
  own.set('Kind', 'text');
  await (await store()).putBlob({ name: 'a', headers: own }, Buffer.from('grün'));
  flow.send('get', { object: 'other' });
  const { payload, headers: got, topic } = await next();
  assert.deepEqual([payload, got, topic], ['grün', { Kind: 'text' }, 'a']);
});

test('an object is sent in parts, one for each chunk', async (t) => {
  const { flow, next, store } = await start(t, [object('get', { output: 'parts' })]);
  const data = bytesOf(300_000);
  await (await store()).putBlob({ name: 'a' }, data);
  await (await store()).putBlob({ name: 'empty' }, null);
  flow.send('get', { topic: 'a', parts: { id: 'outer', index: 0, count: 1 }, mine: [1] });
  const chunks: ObjectMessage[] = [];
  for (let count = 3; chunks.length < count; ) chunks.push(await next());
  const [first] = chunks as [ObjectMessage];
  for (const [index, { parts, nats, topic }] of chunks.entries()) {
    const outer = { id: 'outer', index: 0, count: 1 };
    assert.deepEqual(parts, { parts: outer, id: first.parts?.id, index, count: 3, type: 'buffer' });
    assert.deepEqual([nats.size, topic], [300_000, 'a']);
  }
  assert(Buffer.concat(chunks.map(({ payload }) => payload as Buffer)).equals(data));
  flow.send('get', { topic: 'empty' });
  const empty = await next();
  assert.deepEqual([empty.payload, empty.parts?.count], [Buffer.alloc(0), 1]);
});

test('messages in parts become one object, as the read file and Split nodes send them', async (t) => {
  const { flow, next, store } = await start(t, [PUT]);
  const data = bytesOf(200_000);
  const ends = { 'with a count in the last one': 3, 'with an empty one after the last': 4, complete: 3 };
  for (const [name, count] of Object.entries(ends)) {
    for (let index = 0; index < count; index++) {
      const payload = index < 3 ? data.subarray(index * 70_000, (index + 1) * 70_000) : undefined;
      const isLast = index === count - 1;
      const end = count === 4 ? { count: 3 } : { count: index + 1 };
      const complete = name === 'complete' && isLast ? { complete: true } : {};
      const parts = { id: name, index, type: 'buffer', ch: '', ...(isLast && name !== 'complete' && end) };
      flow.send('put', { topic: name, payload, parts, ...complete });
    }
    const { nats, topic } = await next();
    assert.deepEqual([nats.size, topic], [200_000, name]);
    for (let index = 0; index < count; index++) await flow.completed();
    assert(Buffer.from((await (await store()).getBlob(name)) as Uint8Array).equals(data), name);
  }
});

test('what is stored is what was sent, also if the flow changes its Buffer meanwhile', async (t) => {
  const { flow, next, store } = await start(t, [PUT]);
  const sent = Buffer.alloc(300_000, 'a');
  const whole = Buffer.from(sent);
  flow.send('put', { topic: 'whole', payload: whole });
  whole.fill('?');
  await next();
  for (let index = 0; index < 3; index++) {
    const payload = Buffer.from(sent.subarray(0, 100_000));
    flow.send('put', { topic: 'parts', payload, parts: { id: 'parts', index, count: 3, type: 'buffer' } });
    payload.fill('?');
  }
  await next();
  const peer = await store();
  for (const name of ['whole', 'parts']) {
    assert(Buffer.from((await peer.getBlob(name)) as Uint8Array).equals(sent), name);
  }
});

test('what is wrong with a message is an error with a code, and only that', async (t) => {
  const { flow, code } = await start(t, [
    ...[PUT, GET, object('info'), object('delete'), object('list')],
    object('msg'),
    object('small', { action: 'put', largestBytes: 10 }),
  ]);
  for (const id of ['get', 'info', 'delete', 'list']) {
    flow.send(id, { topic: 'a' });
    assert.equal(await code(), 'NO_BUCKET', id);
  }
  flow.send('put', { topic: 'a', payload: 'text' });
  await flow.next('out');
  const wrong: [string, object, string][] = [
    ['get', { topic: 'b' }, 'NO_OBJECT'],
    ['get', {}, 'BAD_OBJECT'],
    ['put', { topic: 7, payload: 'x' }, 'BAD_OBJECT'],
    ['put', { topic: 'a', payload: 1n }, 'BAD_PAYLOAD'],
    ['put', { topic: 'a', payload: 'x', parts: { type: 'buffer' } }, 'BAD_PARTS'],
    ['put', { topic: 'a', payload: 'x', parts: { type: 'buffer', id: 'x', index: 1 } }, 'BAD_PARTS'],
    ['put', { payload: 'x', parts: { type: 'buffer', id: 'x', index: 0 } }, 'BAD_OBJECT'],
    ['small', { topic: 'a', payload: 'x'.repeat(11) }, 'TOO_LARGE'],
    ['small', { topic: 'a', payload: 'x'.repeat(11), parts: { type: 'buffer', id: 'x', index: 0 } }, 'TOO_LARGE'],
    ['msg', { topic: 'a' }, 'BAD_ACTION'],
    ['msg', { topic: 'a', action: 'seal' }, 'BAD_ACTION'],
  ];
  for (const [id, msg, expected] of wrong) {
    flow.send(id, { ...msg });
    assert.equal(await code(), expected, `${id} ${JSON.stringify(Object.keys(msg))} ${expected}`);
  }
  flow.send('msg', { topic: 'a', action: 'info' });
  assert.equal(((await flow.next('out')) as ObjectMessage).nats.size, 4);
  assert.equal(flow.waiting('out'), 0);
});

test('a node without a valid bucket says so, and so does each message', async (t) => {
  for (const bucket of ['', 'a.b', '${NOT_SET}']) {
    await t.test(bucket, async (t) => {
      const { flow, code } = await start(t, [object('get', { bucket })]);
      const expected = bucket.startsWith('$') ? 'BAD_ENV' : 'BAD_BUCKET';
      const { fill } = await flow.status('get', ({ fill }) => fill === 'red');
      assert.equal(fill, 'red');
      flow.send('get', { topic: 'a' });
      assert.equal(await code(), expected);
    });
  }
});

test('an object whose parts stop coming is told to a Catch node, with its name', async (t) => {
  const { flow } = await start(t, [object('put', { timeoutMs: 50 })]);
  flow.send('put', { topic: 'a', payload: 'x', parts: { type: 'buffer', id: 'p', index: 0 } });
  await flow.completed();
  const { error, topic, parts } = await flow.caught();
  assert.deepEqual([error.code, topic, parts], ['TIMEOUT', 'a', { id: 'p' }]);
});

test('a deploy during a put ends the message, and leaves no chunks', async (t) => {
  const { flow, peer, config } = await start(t, [PUT, object('info')]);
  flow.send('put', { topic: 'first', payload: 'x' });
  await flow.completed();
  for (let index = 0; index < 3; index++) {
    flow.send('put', { topic: 'a', payload: bytesOf(200_000), parts: { type: 'buffer', id: 'p', index } });
    await flow.completed();
  }
  await flow.deploy([config, OUT, object('info')], 'nodes');
  const answer = await peer.nc.request('$JS.API.STREAM.INFO.OBJ_FILES', '{"subjects_filter":"$O.FILES.C.>"}');
  const { state } = answer.json<{ state: { subjects: Record<string, number> } }>();
  assert.deepEqual(Object.values(state.subjects), [1]);
});
