import assert from 'node:assert/strict';
import { test } from 'node:test';
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
