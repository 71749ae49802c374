import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Msg } from 'nats';
import { startScene } from '../../support/scene';

test('the answer goes to the reply subject of the request', async (t) => {
  const { peer } = await startScene(t, [
    { id: 'receive', type: 'nats-subscribe', subject: 'ssshh', wires: [['answer']] },
    { id: 'answer', type: 'nats-respond', headersType: 'json', headers: '{"By":"flow"}' },
  ]);
  const reply = await peer.nc.request('ssshh', 'quiet');
  assert.equal(reply.string(), 'quiet');
  assert.equal(reply.headers?.get('By'), 'flow');
});

test('a message without a reply subject completes, and nothing is sent', async (t) => {
  const { flow } = await startScene(t, [{ id: 'answer', type: 'nats-respond' }]);
  flow.send('answer', { payload: 'unasked' });
  assert.equal((await flow.completed()).payload, 'unasked');
});

test('an invalid reply subject fails with its code', async (t) => {
  const { flow } = await startScene(t, [{ id: 'answer', type: 'nats-respond' }]);
  for (const reply of ['a b', 'a.*', 42, 'x\r\nPUB y 0']) {
    flow.send('answer', { reply });
    assert.equal((await flow.caught()).error.code, 'BAD_REPLY');
  }
});

test('a request can be answered with the reply to another request', async (t) => {
  const { peer } = await startScene(t, [
    { id: 'receive', type: 'nats-subscribe', subject: 'front', wires: [['ask']] },
    { id: 'ask', type: 'nats-request', subject: 'back', wires: [['answer']] },
    { id: 'answer', type: 'nats-respond' },
  ]);
  await peer.answer('back', (msg) => msg.respond(`back of ${msg.string()}`));
  assert.equal((await peer.nc.request('front', 'house')).string(), 'back of house');
});

/** The answer of a `nats-respond` to a message. */
async function answerTo(t: TestContext, properties: object, msg: Record<string, unknown>): Promise<Msg> {
  const { flow, peer } = await startScene(t, [{ id: 'answer', type: 'nats-respond', ...properties }]);
  const answers = await peer.subscribe('answers');
  flow.send('answer', { reply: 'answers', ...msg });
  return answers.take();
}

/** The description and the code of an error; `undefined` if an answer is none. */
function errorIn({ headers }: Msg): [description: string, code: string] | undefined {
  if (!headers?.has('Nats-Service-Error')) return undefined;
  return [headers.get('Nats-Service-Error'), headers.get('Nats-Service-Error-Code')];
}

const ERRORS: [name: string, properties: object, msg: Record<string, unknown>, error: string[] | undefined][] = [
  ['a message without an error', {}, { payload: 'x' }, undefined],
  ['a message that says it has none', {}, { payload: 'x', error: null }, undefined],
  ['a message with an error', {}, { payload: 'x', error: { message: 'no such room' } }, ['no such room', '500']],
  ['an error with a number', {}, { error: { message: 'no such room', code: 404 } }, ['no such room', '404']],
  ['an error with a code of letters', {}, { error: { message: 'late', code: 'TIMEOUT' } }, ['late', '500']],
  ['an error that would be protocol', {}, { error: 'a\r\nX: y\r\n\r\nPUB z 0' }, ['a X: y PUB z 0', '500']],
  ['an error that is not to be told', { serviceError: 'never' }, { payload: 'x', error: 'no such room' }, undefined],
  [
    'any answer that is to be an error',
    { serviceError: 'always' },
    { payload: 'no such room' },
    ['no such room', '500'],
  ],
  ['an error of its own', { serviceError: 'always' }, { payload: 'x', error: { message: 'a', code: 7 } }, ['a', '7']],
];

for (const [name, properties, msg, error] of ERRORS) {
  test(`${name} is answered ${error ? 'as an error' : 'as usual'}, with its payload`, async (t) => {
    const answer = await answerTo(t, properties, msg);
    assert.deepEqual(errorIn(answer), error);
    assert.equal(answer.string(), msg.payload ?? '');
  });
}

test('an error that has no text is told all the same, beside the headers of the node', async (t) => {
  const headers = { headersType: 'json', headers: '{"By": "flow"}' };
  const answer = await answerTo(t, { serviceError: 'always', ...headers }, { payload: { room: 7 } });
  const [description, code] = errorIn(answer) ?? [];
  assert.match(description ?? '', /./);
  assert.equal(code, '500');
  assert.equal(answer.headers?.get('By'), 'flow');
  assert.deepEqual(answer.json(), { room: 7 });
});

test('a choice that does not exist, and a confirmation that is none, fail each message', async (t) => {
  const { flow } = await startScene(t, [
    { id: 'odd', type: 'nats-respond', serviceError: 'sometimes' },
    { id: 'stored', type: 'nats-respond', confirm: 'stored' },
  ]);
  for (const [id, code] of [
    ['odd', 'BAD_CHOICE'],
    ['stored', 'BAD_SWITCH'],
  ] as const) {
    flow.send(id, { reply: 'answers' });
    assert.equal((await flow.caught()).error.code, code);
  }
});
