import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BucketLook } from '../../../../lib/nats/looking/bucket-look';
import { startJetStream } from '../../../support/jetstream-server';
import { isConnected, openConnection } from '../../../support/open-connection';
import { startPeer } from '../../../support/peer';

test('of a large bucket the first 500 keys are shown, without those that a filter leaves out', async (t) => {
  const server = await startJetStream(t);
  const { nc } = await startPeer(t, server.url);
  const made = { name: 'KV_many', subjects: ['$KV.many.>'], max_msgs_per_subject: 1, storage: 'memory' };
  await nc.request('$JS.API.STREAM.CREATE.KV_many', JSON.stringify(made));
  const last = Array.from({ length: 700 }, (_, n) =>
    nc.request(`$KV.many.${n % 2 ? 'odd' : 'even'}.${n}`, 'x'.repeat(3000)),
  );
  await Promise.all(last);
  const { connection, until } = openConnection(t, server.url);
  await until(isConnected);

  const all = new BucketLook(connection, { bucket: 'many', keys: '', form: 'text' });
  t.after(() => all.close());
  while (!all.since(0).isFull) await nextTurn();
  const { keys, version } = all.since(0);
  assert.equal(keys.length, 500);
  assert(keys.every(({ value }) => value?.isCut && value.size === 3000));
  assert.equal(all.since(version).keys.length, 0, 'what has been told is not told again');

  const odd = new BucketLook(connection, { bucket: 'many', keys: 'odd.>', form: 'text' });
  t.after(() => odd.close());
  while (!odd.since(0).isComplete) await nextTurn();
  assert.equal(odd.since(0).keys.length, 350);
  assert(!odd.since(0).isFull);
});

test('a bucket that is not there is told, and no consumer is left behind', async (t) => {
  const server = await startJetStream(t);
  const { connection, until } = openConnection(t, server.url);
  await until(isConnected);
  const look = new BucketLook(connection, { bucket: 'none', keys: undefined, form: undefined });
  while (!look.since(0).trouble) await nextTurn();
  assert.equal(look.since(0).trouble?.code, 'NO_BUCKET');
  look.close();
});
