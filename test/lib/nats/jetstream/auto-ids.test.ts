import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AutoIds } from '../../../../lib/nats/jetstream/auto-ids';
import { ownConsumerName } from '../../../../lib/nats/jetstream/consuming/consumer';
import { consume, type Entered, judge, startJobs } from '../../../support/consuming';

/** What a flow knows of a consumed message. */
function originOf({ ack, delivery }: Entered) {
  const { stream, sequence, delivered } = delivery;
  return { stream, sequence, delivered, ack, time: '2026-01-01T00:00:00.000Z' };
}

test('a message has the same ids again when a consumer that was made again delivers it for the first time', async (t) => {
  const { connection, api, store } = await startJobs(t);
  await store('a');
  const { entered, recovered, trouble } = consume(t, connection, { durable: 'worker' });
  const ids = new AutoIds('node');
  const first = await entered.take();
  const [one, other] = [ids.next(originOf(first)), ids.next(originOf(first))];
  assert.deepEqual([one.isNew, other.isNew], [true, true]);
  assert.notEqual(one.id, other.id);
  await judge(connection, first.ack);
  const late = ids.next(originOf(first));
  assert(late.id !== one.id && late.id !== other.id, 'also when it has been acknowledged');

  await recovered();
  await api('CONSUMER.DELETE.JOBS.worker');
  await trouble('NO_CONSUMER');
  const config = { durable_name: 'worker', deliver_policy: 'all', ack_policy: 'explicit', max_deliver: -1 };
  await api('CONSUMER.DURABLE.CREATE.JOBS.worker', { stream_name: 'JOBS', config });
  const second = await entered.take();
  assert.equal(second.delivery.delivered, 1);
  assert.deepEqual(ids.next(originOf(second)), { id: one.id, isNew: false });
  assert.deepEqual(ids.next(originOf(second)), { id: other.id, isNew: false });
  assert.deepEqual(ids.next(originOf(second)), { id: late.id, isNew: false });
});

test('without a known handle the number of deliveries tells one from another', () => {
  const ids = new AutoIds('node');
  const next = (delivered: number) => ids.next({ stream: 'JOBS', sequence: 1, time: '', delivered, ack: 'unknown' });
  const [one, other, again] = [next(1), next(1), next(2)];
  assert.notEqual(one.id, other.id);
  assert.deepEqual(again, { id: one.id, isNew: false });
});

test('what a consumer of one node alone delivers may have been stored before', () => {
  const origin = { stream: 'S', sequence: 1, time: '2026-01-01T00:00:00.000Z', delivered: 1, ack: '$JS.ACK.x' };
  assert.equal(new AutoIds('node').next({ ...origin, consumer: 'workers' }).isNew, true);
  assert.equal(new AutoIds('node').next({ ...origin, consumer: ownConsumerName() }).isNew, false);
});
