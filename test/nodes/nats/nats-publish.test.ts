import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startNatsServer } from '../../../scripts/nats-server';
import { startNetwork } from '../../../tools/chaos/sites/network';
import { SERVER, startFlow } from '../../support/flow';
import { startPeer } from '../../support/peer';
import { startScene } from '../../support/scene';

test('a payload goes out as bytes, text or JSON, and the input completes', async (t) => {
  const { flow, peer } = await startScene(t, [{ id: 'publish', type: 'nats-publish', subject: 'things' }]);
  const things = await peer.subscribe('things');
  const cases: [unknown, string][] = [
    ['hello', 'hello'],
    ['größe 温度', 'größe 温度'],
    [Buffer.from('bytes'), 'bytes'],
    [42, '42'],
    [false, 'false'],
    [{ a: [1] }, '{"a":[1]}'],
    [null, 'null'],
    [undefined, ''],
  ];
  for (const [payload, text] of cases) {
    flow.send('publish', { payload });
    assert.equal((await things.take()).string(), text);
    assert.deepEqual((await flow.completed()).payload, payload);
  }
});

test('the subject is that of the node, or else msg.topic', async (t) => {
  const { flow, peer } = await startScene(t, [
    { id: 'own', type: 'nats-publish', subject: 'own' },
    { id: 'topic', type: 'nats-publish' },
  ]);
  const all = await peer.subscribe('>');
  flow.send('own', { topic: 'other', payload: 1 });
  assert.equal((await all.take()).subject, 'own');
  flow.send('topic', { topic: 'from.topic', payload: 2 });
  assert.equal((await all.take()).subject, 'from.topic');
});

test('headers and a reply subject go out only if the node is set to send them', async (t) => {
  const { flow, peer } = await startScene(t, [
    { id: 'plain', type: 'nats-publish', subject: 'plain' },
    { id: 'message', type: 'nats-publish', subject: 'message', headersType: 'msg', headers: 'nats', replyType: 'msg' },
    {
      id: 'json',
      type: 'nats-publish',
      subject: 'json',
      headersType: 'json',
      headers: '{"A":["1","2"]}',
      replyType: 'str',
      reply: 'answers',
    },
  ]);
  const all = await peer.subscribe('>');
  const msg = { payload: '', headers: { http: 'secret' }, nats: { Kind: 'word' }, reply: 'me.here' };

  flow.send('plain', msg);
  const plain = await all.take();
  assert.equal(plain.headers, undefined);
  assert.equal(plain.reply, '');

  flow.send('message', msg);
  const message = await all.take();
  assert.deepEqual([...(message.headers ?? [])], [['Kind', ['word']]]);
  assert.equal(message.reply, 'me.here');

  flow.send('json', msg);
  const json = await all.take();
  assert.deepEqual(json.headers?.values('A'), ['1', '2']);
  assert.equal(json.reply, 'answers');
});

test('an invalid message fails with a code, and nothing of it reaches the server', async (t) => {
  const { flow, peer } = await startScene(t, [
    { id: 'publish', type: 'nats-publish', headersType: 'msg', replyType: 'msg' },
  ]);
  const all = await peer.subscribe('>');
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const cases: [Record<string, unknown>, string][] = [
    [{ payload: 'no topic' }, 'BAD_SUBJECT'],
    [{ topic: 'a..b' }, 'BAD_SUBJECT'],
    [{ topic: 'a.*' }, 'BAD_SUBJECT'],
    [{ topic: 'a\r\nPUB stolen 0\r\n' }, 'BAD_SUBJECT'],
    [{ topic: 'a', reply: 'b c' }, 'BAD_REPLY'],
    [{ topic: 'a', headers: { 'a:b': 'x' } }, 'BAD_HEADERS'],
    [{ topic: 'a', headers: { a: 'x\r\ny' } }, 'BAD_HEADERS'],
    [{ topic: 'a', payload: circular }, 'BAD_PAYLOAD'],
    [{ topic: 'a', payload: Buffer.alloc(2 ** 20 + 1) }, 'MAX_PAYLOAD'],
  ];
  for (const [msg, code] of cases) {
    flow.send('publish', msg);
    const { error } = await flow.caught();
    assert.equal(error.code, code);
    assert.match(error.message, new RegExp(`^${code}: `));
  }
  flow.send('publish', { topic: 'last' });
  assert.equal((await all.take()).subject, 'last');
});

test('messages are held while the server is away and go out in order, across nodes', async (t) => {
  const server = await startNatsServer();
  t.after(() => server.stop());
  const network = await startNetwork(server.port);
  t.after(network.close);
  network.refuse();
  const all = await (await startPeer(t, server.url)).subscribe('>');
  const flow = await startFlow(t, [
    { id: SERVER, type: 'nats-config', servers: network.url },
    { id: 'one', type: 'nats-publish', subject: 'one' },
    { id: 'two', type: 'nats-publish', subject: 'two' },
    { id: 'fail', type: 'nats-publish', subject: 'fail', whenDown: 'fail' },
    { id: 'drop', type: 'nats-publish', subject: 'drop', whenDown: 'drop' },
    { id: 'short', type: 'nats-publish', subject: 'short', maxAgeMs: 20 },
  ]);
  for (let number = 0; number < 6; number++) flow.send(number % 2 ? 'two' : 'one', { payload: number });

  flow.send('fail', {});
  assert.equal((await flow.caught()).error.code, 'NOT_CONNECTED');
  flow.send('short', {});
  assert.equal((await flow.caught()).error.code, 'EXPIRED');
  flow.send('drop', { payload: 'dropped' });
  assert.equal((await flow.completed()).payload, 'dropped');

  network.heal('drop');
  const received: string[] = [];
  while (received.length < 6) {
    const msg = await all.take();
    received.push(`${msg.subject} ${msg.string()}`);
  }
  assert.deepEqual(received, ['one 0', 'two 1', 'one 2', 'two 3', 'one 4', 'two 5']);
  for (let number = 0; number < 6; number++) assert.equal((await flow.completed()).payload, number);
});

test('a Buffer that the flow fills anew goes out as it was sent, by itself and in a batch', async (t) => {
  const server = await startNatsServer();
  t.after(() => server.stop());
  const network = await startNetwork(server.port);
  t.after(network.close);
  const all = await (await startPeer(t, server.url)).subscribe('a');
  const flow = await startFlow(t, [
    { id: SERVER, type: 'nats-config', servers: network.url },
    { id: 'publish', type: 'nats-publish', subject: 'a' },
    { id: 'batch', type: 'nats-publish', subject: 'a', batch: true },
  ]);
  const send = () => {
    const buffer = Buffer.alloc(4);
    // It is written at once, and what follows at the end of the turn.
    flow.send('publish', { payload: 'text' });
    for (const letter of ['a', 'b']) {
      flow.send('publish', { payload: buffer.fill(letter) });
      flow.send('batch', { payload: [buffer, buffer.subarray(2)] });
    }
    buffer.fill('?');
  };
  const sent = ['text', 'aaaa', 'aaaa', 'aa', 'bbbb', 'bbbb', 'bb'];
  const take = async () => (await all.take()).string();

  await flow.connected();
  send();
  for (const text of sent) assert.equal(await take(), text);

  network.refuse();
  await flow.status('publish', ({ fill }) => fill !== 'green');
  send();
  network.heal('drop');
  for (const text of sent) assert.equal(await take(), text);
});

test('a message that the server denies fails with PERMISSION, and the connection stays open', async (t) => {
  const config =
    'authorization { users: [{ user: u, password: p, permissions: { publish: { allow: ["open", "test.ready"] } } }] }';
  const server = await startNatsServer({ config });
  t.after(() => server.stop());
  const flow = await startFlow(
    t,
    [
      { id: SERVER, type: 'nats-config', servers: server.url, auth: 'user' },
      { id: 'denied', type: 'nats-publish', subject: 'denied' },
      { id: 'open', type: 'nats-publish', subject: 'open' },
    ],
    { [SERVER]: { user: 'u', password: 'p' } },
  );
  await flow.connected();
  flow.send('denied', { payload: 1 });
  flow.send('open', { payload: 2 });
  assert.equal((await flow.caught()).error.code, 'PERMISSION');
  assert.equal((await flow.completed()).payload, 2);
});

test('invalid settings are reported once, and each message fails with that error', async (t) => {
  const { flow } = await startScene(t, [
    { id: 'subject', type: 'nats-publish', subject: 'a b' },
    { id: 'json', type: 'nats-publish', subject: 'a', headersType: 'json', headers: '{' },
    { id: 'nowhere', type: 'nats-publish', subject: 'a', server: 'gone' },
    { id: 'unset', type: 'nats-publish', subject: '${NATSHAT_UNSET}' },
    { id: 'choice', type: 'nats-publish', subject: 'a', whenDown: 'keep' },
    { id: 'switch', type: 'nats-publish', subject: 'a', confirm: 'no' },
  ]);
  for (const [id, code] of [
    ['subject', 'BAD_SUBJECT'],
    ['json', 'BAD_HEADERS'],
    ['nowhere', 'NO_SERVER'],
    ['unset', 'BAD_ENV'],
    ['choice', 'BAD_CHOICE'],
    ['switch', 'BAD_SWITCH'],
  ] as const) {
    flow.send(id, {});
    assert.equal((await flow.caught()).error.code, code);
    await flow.status(id, ({ fill }) => fill === 'red');
  }
});

test('messages that are dropped while disconnected are counted in the status', async (t) => {
  const { flow, server } = await startScene(t, [
    { id: 'publish', type: 'nats-publish', subject: 'a', whenDown: 'drop' },
  ]);
  await server.stop();
  await flow.status('publish', ({ fill }) => fill !== 'green');
  for (let number = 0; number < 3; number++) flow.send('publish', {});
  for (let number = 0; number < 3; number++) await flow.completed();
  await flow.status('publish', ({ text }) => text === '@natshat/node-red/nats-config:status.dropped');
  const again = await startNatsServer({ port: server.port });
  t.after(() => again.stop());
  await flow.status('publish', ({ fill }) => fill === 'green');
});

test('a message that Node-RED cannot copy ends with a logged error, and the next one is sent', async (t) => {
  const { flow, peer } = await startScene(t, [{ id: 'publish', type: 'nats-publish' }]);
  const all = await peer.subscribe('>');
  const codes: unknown[] = [];
  flow.onEnd((_, error) => codes.push(error?.code));
  const payload = new Proxy({}, { ownKeys: () => assert.fail('it is looked at') });
  flow.send('publish', { topic: 'bad', payload });
  flow.send('publish', { topic: 'good' });
  assert.equal((await all.take()).subject, 'good');
  await flow.completed();
  assert.equal(codes[0], 'BAD_PAYLOAD');
});
