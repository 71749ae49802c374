import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headers } from 'nats';
import { startNatsServer } from '../../../scripts/nats-server';
import { SERVER, startFlow } from '../../support/flow';
import { Inbox } from '../../support/inbox';
import { startScene } from '../../support/scene';

const OUT = { id: 'out', type: 'helper' };
const ask = (properties: object) => ({
  id: 'ask',
  type: 'nats-request',
  subject: 'help',
  wires: [['out']],
  ...properties,
});

test('the message is sent on with the first reply and keeps its topic and reply subject', async (t) => {
  const { flow, peer } = await startScene(t, [ask({ headersType: 'msg' }), OUT]);
  await peer.answer('help', (msg) => {
    const hdrs = headers();
    hdrs.set('Kind', 'answer');
    msg.respond(`${msg.string()} ${msg.headers?.get('Kind')}`, { headers: hdrs });
  });
  flow.send('ask', { payload: 'me', topic: 'kept', reply: 'kept.too', headers: { Kind: 'question' }, other: 1 });
  const { _msgid, ...msg } = await flow.next('out');
  assert.deepEqual(msg, {
    payload: 'me question',
    topic: 'kept',
    reply: 'kept.too',
    headers: { Kind: 'answer' },
    other: 1,
  });
  assert.equal((await flow.completed()).payload, 'me question');
});

test('a reply without headers removes those of the message', async (t) => {
  const { flow, peer } = await startScene(t, [ask({ output: 'json' }), OUT]);
  await peer.answer('help', (msg) => msg.respond('[1]'));
  flow.send('ask', { headers: { a: 'b' } });
  const msg = await flow.next('out');
  assert.deepEqual(msg.payload, [1]);
  assert(!('headers' in msg));
});

test('no responders, a time-out and a reply that is not JSON are different errors', async (t) => {
  const { flow, peer } = await startScene(t, [
    ask({ timeoutMs: 60_000, output: 'json', subject: '' }),
    { ...ask({ timeoutMs: '50', subject: '' }), id: 'impatient' },
    OUT,
  ]);
  await peer.subscribe('silent');
  await peer.answer('broken', (msg) => msg.respond('{'));
  for (const [id, topic, code] of [
    ['ask', 'nobody', 'NO_RESPONDERS'],
    ['impatient', 'silent', 'TIMEOUT'],
    ['ask', 'broken', 'BAD_JSON'],
    ['ask', 'a b', 'BAD_SUBJECT'],
  ] as const) {
    flow.send(id, { topic });
    assert.equal((await flow.caught()).error.code, code);
  }
  assert.equal(flow.waiting('out'), 0);
});

test('many replies become parts of a sequence, in order of arrival', async (t) => {
  const cases = [
    { count: 2, expected: ['a', 'b'] },
    { stallMs: 100, expected: ['a', 'b', 'c'] },
    { timeoutMs: 1000, expected: ['a', 'b', 'c'] },
  ];
  for (const { expected, ...limits } of cases) {
    await t.test(JSON.stringify(limits), async (t) => {
      const { flow, peer } = await startScene(t, [ask({ replies: 'many', ...limits }), OUT]);
      await peer.answer('help', (msg) => {
        for (const letter of ['a', 'b', 'c']) msg.respond(letter);
      });
      flow.send('ask', { topic: 'kept' });
      const parts = [];
      for (const letter of expected) {
        const msg = await flow.next('out');
        assert.equal(msg.payload, letter);
        assert.equal(msg.topic, 'kept');
        parts.push(msg.parts as { id: string; index: number; count: number });
      }
      const id = parts[0]?.id;
      assert.deepEqual(
        parts,
        expected.map((_, index) => ({ id, index, count: expected.length })),
      );
      await flow.completed();
      assert.equal(flow.waiting('out'), 0);
    });
  }
});

test('the payload of a request is not copied for each reply that replaces it', async (t) => {
  const { flow, peer } = await startScene(t, [ask({ replies: 'many', count: 2, subject: '' }), OUT]);
  await peer.answer('help', (msg) => {
    for (const letter of ['a', 'b']) msg.respond(letter);
  });
  let reads = 0;
  const payload = {
    get question() {
      reads++;
      return 'me';
    },
  };
  flow.send('ask', { topic: 'help', payload, other: { kept: true } });
  const [first, second] = [await flow.next('out'), await flow.next('out')] as Record<string, unknown>[];
  assert.deepEqual([first?.payload, second?.payload], ['a', 'b']);
  assert.deepEqual([first?.other, second?.other], [{ kept: true }, { kept: true }]);
  assert.notEqual(first?.other, second?.other);
  await flow.completed();
  assert.equal(reads, 2, 'what was sent, and what the Complete node got');
});

test('many replies of which one is not JSON are an error of the request', async (t) => {
  const { flow, peer } = await startScene(t, [ask({ replies: 'many', count: 2, output: 'json' }), OUT]);
  await peer.answer('help', (msg) => {
    for (const text of ['1', '{']) msg.respond(text);
  });
  flow.send('ask', { payload: 'me' });
  const caught = await flow.caught();
  assert.deepEqual([caught.error.code, caught.payload], ['BAD_JSON', 'me']);
  assert.equal(flow.waiting('out'), 0);
});

test('without any of many replies there is a time-out, and no responders are reported at once', async (t) => {
  const { flow, peer } = await startScene(t, [
    ask({ replies: 'many', timeoutMs: 60_000, subject: '' }),
    { ...ask({ replies: 'many', timeoutMs: 50, subject: '' }), id: 'impatient' },
    OUT,
  ]);
  await peer.subscribe('silent');
  flow.send('impatient', { topic: 'silent' });
  assert.equal((await flow.caught()).error.code, 'TIMEOUT');
  flow.send('ask', { topic: 'nobody' });
  assert.equal((await flow.caught()).error.code, 'NO_RESPONDERS');
});

test('a request needs a connection, and fails when it breaks', async (t) => {
  for (const replies of ['one', 'many']) {
    await t.test(replies, async (t) => {
      const { flow, peer, server } = await startScene(t, [ask({ replies, timeoutMs: 30_000 }), OUT]);
      const asked = await peer.subscribe('help');
      flow.send('ask', {});
      await asked.take();
      server.process.kill('SIGKILL');
      assert.equal((await flow.caught()).error.code, 'CONNECTION_LOST');
      flow.send('ask', {});
      assert.equal((await flow.caught()).error.code, 'NOT_CONNECTED');
      assert.equal(flow.waiting('out'), 0);
    });
  }
});

test('with a short reply subject a responder sees two tokens', async (t) => {
  const { flow, peer } = await startScene(t, [ask({ flatInbox: true }), OUT]);
  const replies = new Inbox<string>();
  await peer.answer('help', (msg) => {
    replies.put(msg.reply ?? '');
    msg.respond('yes');
  });
  flow.send('ask', {});
  assert.equal((await replies.take()).split('.').length, 2);
  assert.equal((await flow.next('out')).payload, 'yes');
});

for (const [name, properties] of Object.entries({
  'a count of replies that is not whole': { replies: 'many', count: 2.5 },
  'a time-out of zero': { timeoutMs: 0 },
})) {
  test(`${name} is an error`, async (t) => {
    const { flow } = await startScene(t, [ask(properties), OUT]);
    flow.send('ask', {});
    assert.equal((await flow.caught()).error.code, 'BAD_NUMBER');
  });
}

test('a short reply subject cannot be combined with a long inbox prefix', async (t) => {
  const server = await startNatsServer();
  t.after(() => server.stop());
  const flow = await startFlow(t, [
    { id: SERVER, type: 'nats-config', servers: server.url, inboxPrefix: 'my.inbox' },
    ask({ flatInbox: true }),
    OUT,
  ]);
  await flow.connected();
  flow.send('ask', {});
  assert.equal((await flow.caught()).error.code, 'BAD_INBOX');
  await flow.status('ask', ({ fill }) => fill === 'red');
});
