import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startScene } from '../../support/scene';

test('members of a queue group share the load, and each message goes to one of them', async (t) => {
  const { flow, peer } = await startScene(t, [
    { id: 'one', type: 'nats-queue-subscribe', subject: 'a-queue', queue: 'excelsior', wires: [['one-out']] },
    { id: 'two', type: 'nats-queue-subscribe', subject: 'a-queue', queue: 'excelsior', wires: [['two-out']] },
    { id: 'witness', type: 'nats-subscribe', subject: 'a-queue', wires: [['witness-out']] },
    { id: 'one-out', type: 'helper' },
    { id: 'two-out', type: 'helper' },
    { id: 'witness-out', type: 'helper' },
  ]);
  // A member outside of this Node-RED.
  const elsewhere = await peer.subscribe('a-queue', { queue: 'excelsior' });
  const count = 300;
  for (let number = 0; number < count; number++) peer.nc.publish('a-queue', String(number));
  for (let number = 0; number < count; number++) await flow.next('witness-out');
  await peer.nc.flush();

  const shares = [flow.waiting('one-out'), flow.waiting('two-out'), elsewhere.size];
  assert.equal(
    shares.reduce((sum, share) => sum + share),
    count,
  );
  for (const share of shares) assert(share > count / 10, `shares ${shares}`);
});

test('in the dynamic mode the queue group is that of the node, or else msg.queue', async (t) => {
  const { flow } = await startScene(t, [
    { id: 'own', type: 'nats-queue-subscribe', mode: 'dynamic', queue: 'own', wires: [['own-out']] },
    { id: 'message', type: 'nats-queue-subscribe', mode: 'dynamic', wires: [['message-out']] },
    { id: 'own-out', type: 'helper' },
    { id: 'message-out', type: 'helper' },
  ]);
  for (const [id, queue] of [
    ['own', 'own'],
    ['message', 'other'],
  ] as const) {
    flow.send(id, { action: 'subscribe', topic: 'work', queue: 'other' });
    flow.send(id, { action: 'getSubscriptions' });
    assert.deepEqual((await flow.next(`${id}-out`)).payload, [{ subject: 'work', queue }]);
  }
  flow.send('message', { action: 'subscribe', topic: 'work' });
  assert.equal((await flow.caught()).error.code, 'BAD_QUEUE');
  flow.send('message', { action: 'subscribe', topic: 'work', queue: 'q 1\r\nPUB x 0' });
  assert.equal((await flow.caught()).error.code, 'BAD_QUEUE');
});

test('a node without a queue group reports an error', async (t) => {
  const { flow } = await startScene(t, [{ id: 'none', type: 'nats-queue-subscribe', subject: 'work' }]);
  await flow.status('none', ({ fill }) => fill === 'red');
});
