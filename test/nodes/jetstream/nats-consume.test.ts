import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { headers as createHeaders, type MsgHdrs } from 'nats';
import type { NodeMessage } from 'node-red';
import { SERVER, startFlow, type TestNode } from '../../support/flow';
import { consumersLeft, startJetStream } from '../../support/jetstream-server';
import { startPeer } from '../../support/peer';

/** Longer than a test takes. */
const NEVER_MS = 3_600_000;

const CONSUME: TestNode = {
  id: 'consume',
  type: 'nats-consume',
  stream: 'stream',
  durable: 'worker',
  wires: [['out']],
};
const ACK: TestNode = { id: 'ack', type: 'nats-ack' };
const OUT: TestNode = { id: 'out', type: 'helper' };

type Consumed = NodeMessage & {
  nats: { sequence: number; delivered: number; pending: number; ack: string; time: string };
  failed?: number[];
};

// biome-ignore lint/suspicious/noExplicitAny: answers have all kinds of fields.
type Answer = any;

/** A server with the stream JOBS, another client of it, and a flow that consumes it. */
async function start(t: TestContext, nodes: TestNode[], config = '') {
  const server = await startJetStream(t, config);
  const peer = await startPeer(t, server.url, { reconnect: false });
  const api = async (subject: string, body?: object): Promise<Answer> =>
    (await peer.nc.request(`$JS.API.${subject}`, body && JSON.stringify(body))).json();
  const stream = { name: 'JOBS', subjects: ['jobs.>'], storage: 'file', retention: 'limits', discard: 'new' };
  await api('STREAM.CREATE.JOBS', stream);
  const all = (nodes: TestNode[]) => [
    { id: SERVER, type: 'nats-config', servers: server.url, reconnectWaitMs: 50 },
    { id: 'stream', type: 'nats-stream', stream: 'JOBS', subjects: 'jobs.>' },
    OUT,
    ...nodes,
  ];
  const flow = await startFlow(t, all(nodes));
  const next = async (id = 'out') => (await flow.next(id)) as Consumed;
  const store = async (...names: string[]) => {
    for (const name of names) await peer.nc.request(`jobs.${name}`, name);
  };
  const info = (consumer = 'worker'): Promise<Answer> => api(`CONSUMER.INFO.JOBS.${consumer}`);
  return { server, peer, api, flow, next, store, info, all };
}

test('a message of the stream tells where it comes from, and is done when a nats-ack says so', async (t) => {
  const { flow, peer, next, info } = await start(t, [CONSUME, ACK]);
  const before = Date.now();
  await peer.nc.request('jobs.a', '{"a":1}', { headers: headersOf({ id: '7' }), timeout: 5000 });
  const msg = await next();
  const { ack, time, ...nats } = msg.nats;
  assert.deepEqual(nats, { stream: 'JOBS', consumer: 'worker', sequence: 1, delivered: 1, pending: 0 });
  assert.deepEqual([msg.topic, msg.payload, msg.headers], ['jobs.a', { a: 1 }, { id: '7' }]);
  assert(msg._msgid && !('reply' in msg));
  assert.match(ack, /^\$JS\.ACK\.JOBS\.worker\.1\.1\.1\./);
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert(Math.abs(Date.parse(time) - before) < 5000);
  assert.equal((await info()).num_ack_pending, 1);
  flow.send('ack', msg);
  await flow.completed();
  const { num_ack_pending, ack_floor } = await info();
  assert.deepEqual([num_ack_pending, ack_floor.stream_seq], [0, 1]);
});

test('a message that has lost its handle is found by its id, while it is in the flow', async (t) => {
  const { flow, next, store } = await start(t, [CONSUME, ACK]);
  await store('a');
  const { _msgid } = await next();
  flow.send('ack', { _msgid, payload: 'other' });
  await flow.completed();
  flow.send('ack', { _msgid, payload: 'other' });
  assert.equal((await flow.caught()).error.code, 'NO_ACK');
});

test('what is made of a message that has lost its handle has the same id at each delivery', async (t) => {
  const publish = { id: 'publish', type: 'nats-publish', confirm: 'stored', subject: 'jobs.results' };
  const again = { ...ACK, id: 'again', verdict: 'again', delayMs: 1 };
  const { flow, next, store } = await start(t, [{ ...CONSUME, subjects: 'jobs.a' }, publish, again]);
  const sequences: number[] = [];
  await store('a');
  for (const delivered of [1, 2]) {
    const message = await next();
    assert.equal(message.nats.delivered, delivered);
    flow.send('publish', { payload: 'result', _msgid: message._msgid });
    const { nats } = (await flow.completed()) as unknown as { nats: { stored: { sequence: number } } };
    sequences.push(nats.stored.sequence);
    flow.send('again', message);
    await flow.completed();
  }
  assert.deepEqual(sequences, [2, 2]);
});

test('what a consumer of its own reads anew after a deploy is no duplicate of another message', async (t) => {
  const publish = { id: 'publish', type: 'nats-publish', confirm: 'stored', subject: 'jobs.results' };
  const own = { ...CONSUME, durable: '', subjects: 'jobs.a' };
  const { flow, next, store, all } = await start(t, [own, publish, ACK]);
  await store('a');
  for (const name of ['one', 'two']) {
    flow.send('publish', { ...(await next()) });
    const { nats } = (await flow.completed()) as unknown as { nats: { stored: { sequence: number } } };
    assert.equal(nats.stored.sequence, 2);
    if (name === 'one') await flow.deploy(all([{ ...own, name }, publish, ACK]));
  }
});

test('the conditions under which a message was stored are not among its headers', async (t) => {
  const { flow, next, store, peer } = await start(t, [CONSUME, ACK]);
  const headers = headersOf({
    'Nats-Msg-Id': 'a',
    'Nats-Expected-Stream': 'JOBS',
    'Nats-Expected-Last-Sequence': '0',
    mine: '1',
  });
  await peer.nc.request('jobs.a', 'a', { headers, timeout: 1000 });
  assert.deepEqual((await next()).headers, { 'Nats-Msg-Id': 'a', mine: '1' });
  await peer.nc.request('jobs.b', 'b', {
    headers: headersOf({ 'Nats-Expected-Stream': 'JOBS' }),
    timeout: 1000,
  });
  assert.equal('headers' in (await next()), false);
  await store('c');
  flow.send('ack', await next());
  await flow.completed();
});

test('nothing but a handle is published to', async (t) => {
  const { flow, peer } = await start(t, [ACK]);
  const all = await peer.subscribe('>');
  await flow.connected();
  const wrong = [{}, { ack: '' }, { ack: 7 }, { ack: 'jobs.a' }, { ack: '$JS.API.STREAM.DELETE.JOBS' }, 'text', []];
  for (const nats of wrong) {
    flow.send('ack', { nats });
    assert.equal((await flow.caught()).error.code, 'NO_ACK', JSON.stringify(nats));
  }
  while (all.size > 0)
    assert.match((await all.take()).subject, /^(test\.ready|\$JS\.API\.STREAM\.INFO\.JOBS|_INBOX\.)/);
});

test('the verdict may be that of the message, and an unknown one is an error', async (t) => {
  const { flow, next, store, info } = await start(t, [CONSUME, { ...ACK, verdict: 'msg', delayMs: 20 }]);
  await store('a');
  const first = await next();
  for (const verdict of ['perhaps', undefined, 1]) {
    flow.send('ack', { ...first, verdict });
    assert.equal((await flow.caught()).error.code, 'BAD_CHOICE');
  }
  flow.send('ack', { ...first, verdict: 'again' });
  await flow.completed();
  const second = await next();
  assert.deepEqual([second.payload, second.nats.delivered], ['a', 2]);
  flow.send('ack', { ...second, verdict: 'done' });
  await flow.completed();
  flow.send('ack', { ...second, verdict: 'again' });
  assert.equal((await flow.caught()).error.code, 'ALREADY_ACKED');
  assert.equal((await info()).num_ack_pending, 0);
});

test('a message of before a restart is acknowledged by its handle alone', async (t) => {
  const { flow, api, peer, info } = await start(t, [{ ...ACK, verdict: 'msg' }]);
  const config = { durable_name: 'worker', name: 'worker', ack_policy: 'explicit', deliver_policy: 'all' };
  await api('CONSUMER.CREATE.JOBS.worker', { stream_name: 'JOBS', config });
  for (const name of ['a', 'b', 'c']) await peer.nc.request(`jobs.${name}`, name);
  const pulled = await peer.subscribe('pulled');
  peer.nc.publish('$JS.API.CONSUMER.MSG.NEXT.JOBS.worker', '{"batch":3}', { reply: 'pulled' });
  for (const verdict of ['done', 'giveUp', 'again']) {
    flow.send('ack', { nats: { ack: (await pulled.take()).reply }, verdict });
    await flow.completed();
  }
  assert.equal((await info()).num_ack_pending, 1);
});

test('a message that is given up goes to the Catch node with its payload', async (t) => {
  const { flow, next, store, info } = await start(t, [CONSUME, { ...ACK, verdict: 'giveUp' }]);
  await store('a');
  flow.send('ack', await next());
  const { error, payload, topic, nats } = (await flow.caught()) as Awaited<ReturnType<typeof flow.caught>> & Consumed;
  assert.deepEqual(
    [error.code, error.source.id, payload, topic, nats.sequence],
    ['GAVE_UP', 'consume', 'a', 'jobs.a', 1],
  );
  await flow.completed();
  assert.equal((await info()).num_ack_pending, 0);
});

test('a message that fails too often is stored elsewhere, with the error', async (t) => {
  const again = { ...ACK, id: 'again', verdict: 'again', delayMs: 10 };
  const consume = { ...CONSUME, giveUpAfter: 2, giveUpTo: 'dead.letters' };
  const { flow, next, store, api, info } = await start(t, [consume, again, { ...ACK, verdict: 'giveUp' }]);
  await api('STREAM.CREATE.DEAD', { name: 'DEAD', subjects: ['dead.>'], storage: 'memory', retention: 'limits' });
  await store('a', 'b');
  const [a, b] = [await next(), await next()];
  flow.send('ack', { ...b, error: { message: 'no such customer' } });
  await flow.completed();
  flow.send('again', a);
  flow.send('again', await next());
  while ((await api('STREAM.INFO.DEAD')).state.messages < 2) await delay(10);
  const letter = async (seq: number) => {
    const { message } = await api('STREAM.MSG.GET.DEAD', { seq });
    return Buffer.from(message.hdrs, 'base64').toString();
  };
  assert.match(await letter(1), /Nats-Gave-Up-Reason: no such customer\r\n/);
  assert.match(await letter(2), /Nats-Gave-Up-Delivered: 2\r\n/);
  while ((await info()).num_ack_pending > 0);
  assert.equal(flow.waiting('out'), 0);
});

test('a message that takes too long is an error, and comes again', async (t) => {
  const { flow, next, store } = await start(t, [{ ...CONSUME, mayTakeS: 1 }, ACK]);
  await store('a');
  const first = await next();
  const { error, payload } = await flow.caught();
  assert.deepEqual([error.code, error.source.id, payload], ['ACK_TIMEOUT', 'consume', 'a']);
  flow.send('ack', first);
  assert.equal((await flow.caught()).error.code, 'ALREADY_ACKED');
  assert.equal((await next()).nats.delivered, 2);
});

test('messages that are done when they have been sent on need no verdict', async (t) => {
  const { next, store, info } = await start(t, [{ ...CONSUME, ack: 'sent', atOnce: 2 }]);
  await store('a', 'b', 'c', 'd', 'e');
  for (const name of ['a', 'b', 'c', 'd', 'e']) assert.equal((await next()).payload, name);
  while ((await info()).ack_floor.stream_seq < 5);
});

test('messages that are only read carry no handle', async (t) => {
  const { flow, next, store, api } = await start(t, [{ ...CONSUME, ack: 'none', atOnce: 2 }, ACK]);
  await store('a', 'b', 'c', 'd', 'e');
  for (const name of ['a', 'b', 'c', 'd']) assert.equal((await next()).payload, name);
  const last = await next();
  assert(!('ack' in last.nats));
  flow.send('ack', last);
  assert.equal((await flow.caught()).error.code, 'NO_ACK');
  const { consumers } = await api('CONSUMER.NAMES.JOBS');
  assert.equal((await api(`CONSUMER.INFO.JOBS.${consumers[0]}`)).config.ack_policy, 'none');
});

test('a batch gets one verdict, and those that failed come again', async (t) => {
  const { flow, next, store, info } = await start(t, [
    { ...CONSUME, batch: 3, batchMs: NEVER_MS },
    { ...ACK, delayMs: 10 },
  ]);
  await store('a', 'b', 'c');
  const batch = await next();
  const nats = batch.nats as unknown as Consumed['nats'][];
  assert.deepEqual(
    [batch.payload, batch.topics],
    [
      ['a', 'b', 'c'],
      ['jobs.a', 'jobs.b', 'jobs.c'],
    ],
  );
  assert.deepEqual(
    nats.map(({ sequence }) => sequence),
    [1, 2, 3],
  );
  assert(!('replies' in batch) && !('headers' in batch));
  flow.send('ack', { ...batch, failed: [1] });
  await flow.completed();
  assert.equal((await info()).num_ack_pending, 1);
  await store('d', 'e');
  const second = await next();
  assert.deepEqual([...(second.payload as string[])].sort(), ['b', 'd', 'e']);
  flow.send('ack', { _msgid: second._msgid });
  await flow.completed();
  assert.equal((await info()).num_ack_pending, 0);
});

test('a batch is not larger than the number of messages at once', async (t) => {
  const { next, store } = await start(t, [{ ...CONSUME, atOnce: 2, batch: 100, batchMs: NEVER_MS }, ACK]);
  await store('a', 'b', 'c');
  assert.deepEqual((await next()).payload, ['a', 'b']);
});

test('a message that is not JSON goes to the Catch node with its handle', async (t) => {
  const { flow, store, info } = await start(t, [{ ...CONSUME, output: 'json' }, ACK]);
  await store('a');
  const caught = await flow.caught();
  assert.deepEqual([caught.error.code, caught.payload, caught.topic], ['BAD_JSON', 'a', 'jobs.a']);
  flow.send('ack', { nats: caught.nats });
  await flow.completed();
  assert.equal((await info()).num_ack_pending, 0);
});

test('verdicts that are given while the server is away arrive when it is back', async (t) => {
  const { server, flow, next, store } = await start(t, [CONSUME, ACK]);
  await store('a', 'b');
  const [a, b] = [await next(), await next()];
  await server.kill();
  await flow.status('consume', ({ fill }) => fill !== 'green');
  flow.send('ack', a);
  flow.send('ack', b);
  await server.restart();
  await flow.completed();
  await flow.completed();
  const peer = await startPeer(t, server.url);
  const { ack_floor } = (await peer.nc.request('$JS.API.CONSUMER.INFO.JOBS.worker')).json() as Answer;
  assert.equal(ack_floor.stream_seq, 2);
  assert.equal(flow.waiting('out'), 0);
});

test('a deploy of the node takes verdicts and hands back the other messages', async (t) => {
  const { flow, next, store, info, all } = await start(t, [CONSUME, ACK]);
  await store('a');
  const a = await next();
  const deployed = flow.deploy(all([{ ...CONSUME, name: 'renamed' }, ACK]), 'nodes');
  await delay(200);
  flow.send('ack', a);
  await flow.completed();
  await deployed;
  assert.equal((await info()).num_ack_pending, 0);
  await store('b');
  assert.equal((await next()).payload, 'b');
});

test('a full deploy hands back what is in the flow at once', async (t) => {
  const { flow, next, store, all } = await start(t, [CONSUME, ACK]);
  await store('a', 'b');
  await next();
  await next();
  const before = performance.now();
  await flow.deploy(all([CONSUME, ACK]));
  const again = [await next(), await next()];
  assert.deepEqual(again.map(({ payload }) => payload).sort(), ['a', 'b']);
  assert(performance.now() - before < 4000);
});

test('a node that is removed takes its own consumer with it', async (t) => {
  const { flow, next, store, api, all } = await start(t, [{ ...CONSUME, durable: '' }, ACK]);
  await store('a');
  await next();
  assert.equal((await api('CONSUMER.NAMES.JOBS')).total, 1);
  await flow.deploy(all([]));
  assert.equal(await consumersLeft(api, 'JOBS'), 0);
});

test('a node whose messages nothing acknowledges is yellow', async (t) => {
  const { flow, all } = await start(t, [CONSUME]);
  const isUnacknowledged = ({ fill, text }: { fill: string; text: string }) =>
    fill === 'yellow' && text.endsWith('status.noAck');
  await flow.status('consume', isUnacknowledged);
  await flow.deploy(all([CONSUME, ACK]), 'nodes');
  await flow.status('consume', ({ fill }) => fill === 'green');
  await flow.deploy(all([CONSUME, { ...ACK, d: true }]), 'nodes');
  await flow.status('consume', isUnacknowledged);
  await flow.deploy(all([{ ...CONSUME, ack: 'sent' }]), 'nodes');
  await flow.status('consume', ({ fill }) => fill === 'green');
});

test('a consumer that is deleted turns the node red until it is there again', async (t) => {
  const { flow, next, store, api, info } = await start(t, [CONSUME, ACK]);
  await store('a');
  flow.send('ack', await next());
  await flow.completed();
  await flow.status('consume', ({ text }) => text.endsWith('status.consuming'));
  const { config } = await info();
  await api('CONSUMER.DELETE.JOBS.worker');
  await flow.status('consume', ({ fill, text }) => fill === 'red' && text.endsWith('errors.NO_CONSUMER'));
  await api('CONSUMER.CREATE.JOBS.worker', { stream_name: 'JOBS', config: { ...config, deliver_policy: 'new' } });
  await flow.status('consume', ({ fill }) => fill === 'yellow');
  await store('b');
  assert.equal((await next()).payload, 'b');
});

test('a user who may not consume sees the missing right', async (t) => {
  const users =
    'users: [{ user: u, password: p, permissions: { publish: { deny: ["$JS.API.CONSUMER.MSG.NEXT.>"] } } }]';
  const { flow } = await start(t, [CONSUME, ACK], `authorization { ${users} }\nno_auth_user: u`);
  await flow.status('consume', ({ fill, text }) => fill === 'red' && text.endsWith('errors.PERMISSION-publish'));
});

test('invalid settings are an error', async (t) => {
  const wrong: [object, string][] = [
    [{ stream: '' }, 'BAD_STREAM-missing'],
    [{ durable: 'a.b' }, 'BAD_CONSUMER'],
    [{ subjects: 'a..b' }, 'BAD_SUBJECT-subscribe'],
    [{ start: 'since', since: 'yesterday' }, 'BAD_SINCE'],
    [{ start: 'soon' }, 'BAD_CHOICE'],
    [{ ack: 'maybe' }, 'BAD_CHOICE'],
    [{ atOnce: 0 }, 'BAD_NUMBER'],
    [{ mayTakeS: 'long' }, 'BAD_NUMBER'],
    [{ giveUpAfter: -1 }, 'BAD_NUMBER'],
    [{ giveUpTo: 'a.*' }, 'BAD_SUBJECT-publish'],
    [{ batch: 1.5 }, 'BAD_NUMBER-whole'],
  ];
  const nodes = wrong.map(([settings], index) => ({ ...CONSUME, ...settings, id: `wrong${index}` }));
  const { flow } = await start(t, nodes);
  for (const [index, [, code]] of wrong.entries()) {
    await flow.status(`wrong${index}`, ({ fill, text }) => fill === 'red' && text.endsWith(`errors.${code}`));
  }
});

function headersOf(values: Record<string, string>): MsgHdrs {
  const headers = createHeaders();
  for (const [name, value] of Object.entries(values)) headers.set(name, value);
  return headers;
}
