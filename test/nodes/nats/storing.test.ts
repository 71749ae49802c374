import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { NodeMessage } from 'node-red';
import { type Network, startNetwork } from '../../../tools/chaos/sites/network';
import { SERVER, startFlow, type TestNode } from '../../support/flow';
import { type JetStreamServer, startJetStream } from '../../support/jetstream-server';
import { type Peer, startPeer } from '../../support/peer';

const STREAM = { id: 'stream', type: 'nats-stream', stream: 'ORDERS', subjects: 'orders.>' };
const PUBLISH = { id: 'publish', type: 'nats-publish', confirm: 'stored', stream: 'stream', subject: 'orders.new' };

/** A flow that is connected to a server with JetStream. */
async function start(t: TestContext, nodes: TestNode[], url?: (server: JetStreamServer) => Promise<string>) {
  const server = await startJetStream(t);
  const peer = await startPeer(t, server.url);
  const servers = (await url?.(server)) ?? server.url;
  const flow = await startFlow(t, [{ id: SERVER, type: 'nats-config', servers, reconnectWaitMs: 50 }, ...nodes]);
  await flow.connected();
  return { server, peer, flow };
}

/** The message of a sequence in a stream. */
async function stored({ nc }: Peer, seq: number, stream = 'ORDERS') {
  const answer = await nc.request(`$JS.API.STREAM.MSG.GET.${stream}`, JSON.stringify({ seq }));
  const { message } = answer.json<{ message: { data?: string; hdrs?: string; subject: string } }>();
  const decode = (text = '') => Buffer.from(text, 'base64').toString();
  return { subject: message.subject, data: decode(message.data), headers: decode(message.hdrs) };
}

async function count({ nc }: Peer, stream = 'ORDERS'): Promise<number> {
  const answer = await nc.request(`$JS.API.STREAM.INFO.${stream}`);
  return answer.json<{ state: { messages: number } }>().state.messages;
}

test('a message completes when the stream has stored it, and says where', async (t) => {
  const { flow, peer } = await start(t, [STREAM, { ...PUBLISH, headers: '{"Kind":"word"}', headersType: 'json' }]);
  flow.send('publish', { payload: 'hello', nats: { kept: 1 } });
  const msg = (await flow.completed()) as { nats?: unknown };
  assert.deepEqual(msg.nats, { kept: 1, stored: { stream: 'ORDERS', sequence: 1, duplicate: false } });
  const { data, headers, subject } = await stored(peer, 1);
  assert.deepEqual([data, subject], ['hello', 'orders.new']);
  assert.match(headers, /^Kind: word\r$/m);
  assert.match(headers, /^Nats-Msg-Id: .+\r$/m);
});

test('each message of a batch has its outcome', async (t) => {
  const { flow, peer } = await start(t, [
    STREAM,
    { ...PUBLISH, batch: true, subject: '', messageIdType: 'msg', messageId: 'ids' },
  ]);
  flow.send('publish', { payload: ['a', 'b'], topic: 'orders.x', ids: ['1', '2'] });
  const { nats } = (await flow.completed()) as { nats?: unknown };
  const where = (sequence: number) => ({ stored: { stream: 'ORDERS', sequence, duplicate: false } });
  assert.deepEqual(nats, [where(1), where(2)]);
  flow.send('publish', { payload: ['c', 'd'], topics: ['orders.y', 'elsewhere'], ids: ['3', '4'] });
  const { error, ...failed } = (await flow.caught()) as unknown as Record<string, unknown> & {
    error: { code: string };
  };
  assert.equal(error.code, 'NO_STREAM');
  assert.deepEqual([failed.failed, failed.nats], [[1], [where(3)]]);
  assert.equal(await count(peer), 3);
});

test('what is expected of the stream, and the id, are checked', async (t) => {
  const { flow, peer } = await start(t, [
    STREAM,
    PUBLISH,
    { ...PUBLISH, id: 'own', messageIdType: 'msg' },
    { ...PUBLISH, id: 'plain', messageIdType: 'none' },
  ]);
  const bad: [string, Record<string, unknown>, string][] = [
    ['own', { payload: 1 }, 'BAD_MESSAGE_ID'],
    ['own', { payload: 1, messageId: 'a\r\nPUB x 0' }, 'BAD_MESSAGE_ID'],
    ['publish', { payload: 1, expect: { lastSequence: -1 } }, 'BAD_EXPECT'],
    ['publish', { payload: 1, expect: { unknown: 1 } }, 'BAD_EXPECT'],
    ['publish', { payload: 1, expect: 5 }, 'BAD_EXPECT'],
    ['publish', { payload: 1, expect: { constructor: 1 } }, 'BAD_EXPECT'],
    ['publish', { payload: 1, expect: { stream: 'a\r\nb' } }, 'BAD_EXPECT'],
    ['publish', { payload: 1, expect: { lastSequence: 9 } }, 'CONFLICT'],
    ['publish', { payload: 1, expect: { stream: 'OTHER' } }, 'CONFLICT'],
  ];
  for (const [id, msg, code] of bad) {
    flow.send(id, msg);
    assert.equal((await flow.caught()).error.code, code, JSON.stringify(msg));
  }
  flow.send('own', { payload: 1, messageId: 7 });
  flow.send('own', { payload: 1, messageId: 7 });
  await flow.completed();
  assert.equal(
    ((await flow.completed()) as unknown as { nats: { stored: { duplicate: boolean } } }).nats.stored.duplicate,
    true,
  );
  flow.send('plain', { payload: 1, expect: { lastSequence: 1, stream: 'ORDERS' } });
  await flow.completed();
  assert.doesNotMatch((await stored(peer, 2)).headers, /Nats-Msg-Id/);
});

test('messages made of a consumed one have the same ids at each delivery, and no two the same', async (t) => {
  const { flow, peer } = await start(t, [STREAM, PUBLISH]);
  const nats = { stream: 'IN', consumer: 'c', sequence: 5, time: '2026-01-01T00:00:00.000Z', ack: '$JS.ACK.x' };
  const send = (delivered: number, more: object = {}) =>
    flow.send('publish', { payload: 'x', nats: { ...nats, delivered }, ...more });
  const sequenceOf = async () =>
    ((await flow.completed()) as unknown as { nats: { stored: { sequence: number; duplicate: boolean } } }).nats.stored;
  const parts = { parts: { id: 'p', index: 3, count: 4 } };
  for (const delivered of [1, 2, 3]) {
    send(delivered);
    send(delivered);
    send(delivered, parts);
    for (const sequence of [1, 2, 3]) {
      assert.deepEqual(await sequenceOf(), { stream: 'ORDERS', sequence, duplicate: delivered > 1 });
    }
  }
  // The stream was made anew: another message has this sequence.
  send(1, { nats: { ...nats, delivered: 1, time: '2026-01-01T00:00:01.000Z' } });
  assert.equal((await sequenceOf()).sequence, 4);
  assert.equal(await count(peer), 4);
});

test('nothing in the origin of a message becomes a header', async (t) => {
  const { flow, peer } = await start(t, [STREAM, PUBLISH]);
  const nats = { stream: 'IN', sequence: 5, time: '2026-01-01T00:00:00.000Z' };
  const all = [
    { nats: { ...nats, stream: 'IN\r\nX: 1' } },
    { nats, parts: { index: '0\r\nX: 1' } },
    { nats, parts: { index: Object.create(null) } },
    { nats, parts: { index: 1, parts: { index: Symbol('x') } } },
  ];
  for (const [index, origin] of all.entries()) {
    flow.send('publish', { payload: 'x', ...origin });
    await flow.completed();
    assert.match((await stored(peer, index + 1)).headers, /^NATS\/1\.0(\r\nNats-[^\r\n]+){2}\r\n\r\n$/);
  }
});

test('a batch with an invalid id or expectation is not sent', async (t) => {
  const batch = { ...PUBLISH, batch: true };
  const { flow, peer } = await start(t, [STREAM, batch, { ...batch, id: 'own', messageIdType: 'msg' }]);
  flow.send('own', { payload: [1, 2, 3], messageId: ['a', '', 'c'] });
  assert.deepEqual(failureOf(await flow.caught()), ['BAD_MESSAGE_ID', [1]]);
  flow.send('publish', { payload: [1, 2, 3], expect: [{}, {}, 5] });
  assert.deepEqual(failureOf(await flow.caught()), ['BAD_EXPECT', [2]]);
  flow.send('publish', { payload: [1] });
  await flow.completed();
  assert.equal(await count(peer), 1);
});

function failureOf({ error, failed }: { error: { code: string }; failed?: number[] }) {
  return [error.code, failed];
}

test('where messages are stored does not replace where they come from', async (t) => {
  const { flow } = await start(t, [STREAM, PUBLISH, { ...PUBLISH, id: 'batch', batch: true }]);
  const where = (sequence: number) => ({ stream: 'ORDERS', sequence, duplicate: false });
  const natsOf = async () => (await flow.completed()).nats;
  const origin = (sequence: number) => ({ stream: 'IN', sequence, ack: `$JS.ACK.${sequence}` });
  flow.send('batch', { payload: [1, 2], nats: origin(1) });
  assert.deepEqual(await natsOf(), { ...origin(1), stored: [where(1), where(2)] });
  flow.send('publish', { payload: 1, nats: [origin(2), origin(3)] });
  const together = [origin(2), origin(3)].map((nats) => ({ ...nats, stored: where(3) }));
  assert.deepEqual(await natsOf(), together);
  flow.send('publish', { payload: 1, nats: 'text' });
  assert.deepEqual(await natsOf(), { stored: where(4) });
});

test('a message that is dropped while disconnected completes, and is not stored later', async (t) => {
  const { flow, server } = await start(t, [STREAM, { ...PUBLISH, whenDown: 'drop' }]);
  flow.send('publish', { payload: 'before' });
  await flow.completed();
  await server.kill();
  await flow.status('publish', ({ fill }) => fill !== 'green');
  flow.send('publish', { payload: 'dropped' });
  const dropped = (await flow.completed()) as NodeMessage & { nats?: unknown };
  assert.deepEqual([dropped.payload, dropped.nats], ['dropped', undefined]);
  await server.restart();
  await flow.connected();
  flow.send('publish', { payload: 'after' });
  const { nats } = (await flow.completed()) as unknown as { nats: { stored: { sequence: number } } };
  assert.equal(nats.stored.sequence, 2);
});

test('a subject that nothing stores is an error, with a stream chosen or not', async (t) => {
  const { flow } = await start(t, [
    STREAM,
    { ...PUBLISH, subject: 'elsewhere', stream: '' },
    { ...PUBLISH, id: 'other', subject: 'elsewhere' },
  ]);
  for (const id of ['publish', 'other']) {
    flow.send(id, { payload: 1 });
    const { error } = await flow.caught();
    assert.equal(error.code, 'NO_STREAM');
    assert.match(error.message, /NO_STREAM-subject/);
  }
});

test('messages are stored once and in order over cuts of the network', async (t) => {
  let network: Network | undefined;
  const { flow, peer } = await start(t, [STREAM, PUBLISH], async ({ server }) => {
    network = await startNetwork(server.port);
    return network.url;
  });
  t.after(() => network?.close());
  const total = 1000;
  for (let i = 0; i < total; i++) {
    if (i % 200 === 0) network?.cutAfter(20_000);
    flow.send('publish', { payload: String(i) });
    if (i % 20 === 0) await nextTurn();
  }
  for (let i = 0; i < total; i++) await flow.completed();
  assert.equal(await count(peer), total);
  for (const seq of [1, 101, 500, 999, 1000]) assert.equal((await stored(peer, seq)).data, String(seq - 1));
});
