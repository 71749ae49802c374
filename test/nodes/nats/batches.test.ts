import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headers as createHeaders } from 'nats';
import { SERVER } from '../../support/flow';
import { startScene } from '../../support/scene';

const OUT = { id: 'out', type: 'helper' };
/** Longer than a test takes. */
const NEVER_MS = 3_600_000;

test('messages are sent on as a batch when it is full', async (t) => {
  const { flow, peer } = await startScene(t, [
    { id: 'subscribe', type: 'nats-subscribe', subject: 'a.*', batch: '3', batchMs: NEVER_MS, wires: [['out']] },
    OUT,
  ]);
  for (const number of [1, 2, 3, 4, 5, 6]) peer.nc.publish(`a.${number}`, `n${number}`);
  const first = await flow.next('out');
  assert.deepEqual(first.payload, ['n1', 'n2', 'n3']);
  assert.deepEqual(first.topics, ['a.1', 'a.2', 'a.3']);
  assert(!('topic' in first) && !('reply' in first) && !('headers' in first) && !('replies' in first));
  const second = await flow.next('out');
  assert.deepEqual(second.topics, ['a.4', 'a.5', 'a.6']);
  assert(second._msgid && second._msgid !== first._msgid);
});

test('messages are sent on as a batch when its time is up, also those of a queue group', async (t) => {
  const { flow, peer } = await startScene(t, [
    {
      id: 'subscribe',
      type: 'nats-queue-subscribe',
      subject: 'a',
      queue: 'q',
      batch: 100,
      batchMs: 20,
      wires: [['out']],
    },
    OUT,
  ]);
  const one = createHeaders();
  one.set('id', '1');
  peer.nc.publish('a', 'one', { headers: one });
  peer.nc.publish('a', 'two', { reply: 'back' });
  const { payload, headers, replies } = await flow.next('out');
  assert.deepEqual(
    [payload, headers, replies],
    [
      ['one', 'two'],
      [{ id: '1' }, undefined],
      [undefined, 'back'],
    ],
  );
});

test('a message that is not JSON fails by itself, and the batch is sent on without it', async (t) => {
  const { flow, peer } = await startScene(t, [
    {
      id: 'subscribe',
      type: 'nats-subscribe',
      subject: 'a',
      output: 'json',
      batch: 2,
      batchMs: NEVER_MS,
      wires: [['out']],
    },
    OUT,
  ]);
  for (const text of ['1', '{oops', '2']) peer.nc.publish('a', text);
  const caught = await flow.caught();
  assert.deepEqual([caught.error.code, caught.payload, caught.topic], ['BAD_JSON', '{oops', 'a']);
  assert.deepEqual((await flow.next('out')).payload, [1, 2]);
});

test('a subscription stops after its limit, with the last messages in a batch that is not full', async (t) => {
  const { flow, peer } = await startScene(t, [
    { id: 'subscribe', type: 'nats-subscribe', subject: 'a', max: 3, batch: 2, batchMs: 20, wires: [['out']] },
    OUT,
  ]);
  for (let number = 1; number <= 5; number++) peer.nc.publish('a', `n${number}`);
  assert.deepEqual((await flow.next('out')).payload, ['n1', 'n2']);
  assert.deepEqual((await flow.next('out')).payload, ['n3']);
});

test('a batch that waits at a deploy is delivered', async (t) => {
  const nodes = (subject: string) => [
    { id: SERVER, type: 'nats-config', servers: server.url },
    { id: 'subscribe', type: 'nats-subscribe', subject, batch: 100, batchMs: NEVER_MS, wires: [['out']] },
    { id: 'single', type: 'nats-subscribe', subject: 'a', wires: [['single-out']] },
    OUT,
    { id: 'single-out', type: 'helper' },
  ];
  const { flow, peer, server } = await startScene(t, []);
  await flow.deploy(nodes('a'));
  await flow.connected();
  for (const text of ['1', '2', '3']) peer.nc.publish('a', text);
  for (let number = 0; number < 3; number++) await flow.next('single-out');
  assert.equal(flow.waiting('out'), 0);
  await flow.deploy(nodes('b'), 'nodes');
  assert.deepEqual((await flow.next('out')).payload, ['1', '2', '3']);
});

test('each element of an array is published to the subject at its position', async (t) => {
  const { flow, peer } = await startScene(t, [
    { id: 'own', type: 'nats-publish', subject: 'own', batch: true },
    { id: 'topics', type: 'nats-publish', batch: true, headersType: 'msg', replyType: 'msg' },
    { id: 'named', type: 'nats-publish', subject: 'named', batch: true, replyType: 'msg', reply: 'to.each' },
  ]);
  const all = await peer.subscribe('>');
  const next = async () => {
    const { subject, data, reply, headers } = await all.take();
    return [subject, Buffer.from(data).toString(), reply, headers?.get('id')];
  };
  flow.send('own', { payload: ['text', { a: 1 }, Buffer.from('bytes')], topics: ['other'] });
  assert.deepEqual(await next(), ['own', 'text', '', undefined]);
  assert.deepEqual(await next(), ['own', '{"a":1}', '', undefined]);
  assert.deepEqual(await next(), ['own', 'bytes', '', undefined]);
  assert.deepEqual((await flow.completed()).topics, ['other']);

  const headers = [undefined, { id: 7 }];
  flow.send('topics', { payload: ['1', '2', '3'], topics: ['a', 'b'], topic: 'c', replies: ['back'], headers });
  assert.deepEqual(await next(), ['a', '1', 'back', undefined]);
  assert.deepEqual(await next(), ['b', '2', '', '7']);
  assert.deepEqual(await next(), ['c', '3', '', undefined]);
  await flow.completed();

  flow.send('named', { payload: ['1', '2'], to: { each: ['x', 'y'] } });
  assert.deepEqual(
    [await next(), await next()].map(([, , reply]) => reply),
    ['x', 'y'],
  );
  await flow.completed();

  flow.send('own', { payload: [] });
  await flow.completed();
  assert.equal(all.size, 0);
});

test('if one message of a batch is invalid none is sent, and the error names it', async (t) => {
  const { flow, peer } = await startScene(t, [
    { id: 'publish', type: 'nats-publish', batch: true },
    { id: 'last', type: 'nats-publish', subject: 'last' },
  ]);
  const all = await peer.subscribe('>');
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const cases: [Record<string, unknown>, string, number[] | undefined][] = [
    [{ payload: ['a', 'b', 'c'], topics: ['good', 'a..b', 'c d'] }, 'BAD_SUBJECT', [1, 2]],
    [{ payload: ['a', circular], topic: 'good' }, 'BAD_PAYLOAD', [1]],
    [{ payload: [Buffer.alloc(2 ** 20 + 1), 'b'], topic: 'good' }, 'MAX_PAYLOAD', [0]],
    [{ payload: ['a'] }, 'BAD_SUBJECT', [0]],
    [{ payload: 'text', topic: 'good' }, 'BAD_BATCH', undefined],
    [{ topic: 'good' }, 'BAD_BATCH', undefined],
  ];
  for (const [msg, code, failed] of cases) {
    flow.send('publish', msg);
    const caught = await flow.caught();
    assert.equal(caught.error.code, code);
    assert.match(caught.error.message, new RegExp(`^${code}: `));
    assert.deepEqual(caught.failed, failed);
  }
  flow.send('last', {});
  assert.equal((await all.take()).subject, 'last');
});

test('a batch that the server denies in part fails with the denied messages, and the others arrive', async (t) => {
  const config =
    'authorization { users: [{ user: u, password: p, permissions: { publish: { deny: "secret" } } }] }\nno_auth_user: u';
  const { flow, peer } = await startScene(t, [{ id: 'publish', type: 'nats-publish', batch: true }], { config });
  const open = await peer.subscribe('open');
  flow.send('publish', { payload: ['1', '2', '3', '4'], topics: ['open', 'secret', 'open', 'secret'] });
  const caught = await flow.caught();
  assert.deepEqual([caught.error.code, caught.failed], ['PERMISSION', [1, 3]]);
  assert.deepEqual([(await open.take()).string(), (await open.take()).string()], ['1', '3']);
  await flow.status('publish', ({ fill, shape }) => fill === 'red' && shape === 'ring');
});

test('a batch completes once, when the server has confirmed all of it', async (t) => {
  const { flow } = await startScene(t, [{ id: 'publish', type: 'nats-publish', subject: 'a', batch: true }]);
  const payload = Array.from({ length: 2000 }, (_, number) => number);
  flow.send('publish', { payload });
  assert.deepEqual((await flow.completed()).payload, payload);
  flow.send('publish', { payload: ['last'] });
  assert.deepEqual((await flow.completed()).payload, ['last']);
});

test('requests that arrive as a batch are answered as a batch', async (t) => {
  const { flow, peer } = await startScene(t, [
    { id: 'ask', type: 'nats-subscribe', subject: 'ask', batch: 3, batchMs: NEVER_MS, wires: [['out']] },
    OUT,
    { id: 'respond', type: 'nats-respond', batch: true },
  ]);
  const answers = ['a', 'b', 'c'].map((word) => peer.nc.request('ask', word, { timeout: 20_000 }));
  const { payload, replies } = await flow.next('out');
  const words = payload as string[];
  flow.send('respond', { payload: [...words.map((word) => `${word}!`), 'unasked'], replies });
  assert.deepEqual(
    (await Promise.all(answers)).map((answer) => answer.string()),
    ['a!', 'b!', 'c!'],
  );
  await flow.completed();
  flow.send('respond', { payload: ['nobody asked'] });
  await flow.completed();
});

test('an invalid batch setting is an error', async (t) => {
  const wrong: [object, string][] = [
    [{ type: 'nats-subscribe', batch: 'many' }, 'BAD_NUMBER'],
    [{ type: 'nats-subscribe', batch: 65_537 }, 'BAD_NUMBER'],
    [{ type: 'nats-subscribe', batch: 2, batchMs: -1 }, 'BAD_NUMBER'],
    [{ type: 'nats-publish', batch: 'yes' }, 'BAD_SWITCH'],
  ];
  const nodes = wrong.map(([settings], index) => ({ id: `wrong${index}`, type: '', subject: 'a', ...settings }));
  const { flow } = await startScene(t, nodes);
  for (const [index, [, code]] of wrong.entries()) {
    const { text } = await flow.status(`wrong${index}`, ({ fill }) => fill === 'red');
    assert.equal(text, `@natshat/node-red/nats-config:errors.${code}`);
  }
});
