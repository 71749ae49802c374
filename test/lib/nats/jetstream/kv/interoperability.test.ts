import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { jetstream } from '@nats-io/jetstream';
import { type KV, type KvEntry, Kvm, type KvWatchEntry } from '@nats-io/kv';
import { headers as createHeaders } from 'nats';
import { bytes, openBucket, startBuckets, take, text, watchBucket } from '../../../../support/buckets';
import { startPeer } from '../../../../support/peer';

/** A bucket that is used by this pack and by the official client, which `makes` it first, or opens it later. */
async function startBoth(t: TestContext, makes: 'pack' | 'client') {
  const { server, connection } = await startBuckets(t);
  const { nc } = await startPeer(t, server.url);
  const kvm = new Kvm(jetstream(nc));
  const ours = openBucket(connection, { history: 5 });
  if (makes === 'pack') await ours.put('first', bytes('ours'));
  const theirs =
    makes === 'client' ? await kvm.create('pis', { history: 5 }) : await kvm.open('pis', { allow_direct: true });
  return { ours, theirs, connection, nc };
}

async function all<T>(entries: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const entry of entries) found.push(entry);
  return found;
}

const OPERATIONS = { PUT: 'put', DEL: 'delete', PURGE: 'purge' } as const;

/** An entry of the client in our words. */
const inOurWords = ({ key, revision, operation, value, created }: KvEntry | KvWatchEntry) => ({
  key,
  revision,
  operation: OPERATIONS[operation],
  data: Buffer.from(value).toString(),
  time: created.toISOString(),
});

for (const makes of ['pack', 'client'] as const) {
  test(`values, revisions, markers and history are the same for the client, in a bucket of the ${makes}`, async (t) => {
    const { ours, theirs } = await startBoth(t, makes);
    await ours.put('a.1', bytes('ours'));
    await theirs.put('a.1', 'theirs');
    await ours.put('b', bytes(''));
    await theirs.delete('a.1');
    assert.equal(await ours.get('a.1'), undefined);
    const created = await ours.create('a.1', bytes('again'));
    await assert.rejects(theirs.create('a.1', 'no'));
    const updated = await theirs.update('a.1', 'changed', created);
    await ours.update('a.1', bytes('changed again'), updated);
    await theirs.put('c', 'x');
    await ours.purge('c');
    await theirs.purge('b');
    await ours.delete('d');
    for (const key of ['a.1', 'b', 'c', 'd']) {
      const ourHistory = (await ours.history(key)).map((entry) => ({ ...entry, data: text(entry) }));
      assert.deepEqual(ourHistory, (await all(await theirs.history({ key }))).map(inOurWords), key);
    }
    const entry = (await ours.get('a.1')) ?? assert.fail('no entry');
    assert.deepEqual({ ...entry, data: text(entry) }, inOurWords((await theirs.get('a.1')) ?? assert.fail('no entry')));
    assert.deepEqual(await ours.keys(), await all(await theirs.keys()));
    assert.deepEqual(await ours.keys('a.*'), await all(await theirs.keys('a.*')));
    assert.equal((await theirs.get('b'))?.operation, 'PURGE');
    assert.equal(await ours.get('b'), undefined);
  });
}

test('the client takes a bucket of the pack for one of its own', async (t) => {
  const { theirs } = await startBoth(t, 'pack');
  const mine: Pick<
    Awaited<ReturnType<KV['status']>>,
    'bucket' | 'history' | 'ttl' | 'storage' | 'replicas'
  > = await theirs.status();
  const { bucket, history, ttl, storage, replicas } = mine;
  assert.deepEqual([bucket, history, ttl, String(storage), replicas], ['pis', 5, 0, 'file', 1]);
});

test('each sees in a watch what the other does', async (t) => {
  const { ours, theirs, connection } = await startBoth(t, 'client');
  await theirs.put('a', '1');
  const { told, values } = watchBucket(t, connection, { start: 'values' });
  await values;
  const watch = await theirs.watch();
  const seen = (async () => {
    const found: string[] = [];
    for await (const { key, operation } of watch) {
      found.push(`${key} ${operation}`);
      if (found.length === 5) break;
    }
    return found;
  })();
  await ours.put('b', bytes('2'));
  await theirs.delete('a');
  await ours.delete('b');
  await ours.purge('b');
  assert.deepEqual(await take(told, 5), ['first a=1', 'b=2', 'a delete', 'b delete', 'b purge']);
  assert.deepEqual(await seen, ['a PUT', 'b PUT', 'a DEL', 'b DEL', 'b PURGE']);
});

test('headers that another client stores with a value come with it, without those of the protocol', async (t) => {
  const { ours, nc, connection } = await startBoth(t, 'client');
  const headers = createHeaders();
  headers.set('unit', 'C');
  headers.append('place', 'a');
  headers.append('place', 'b');
  headers.set('Nats-Msg-Id', 'id');
  await nc.request('$KV.pis.t', '21', { headers, timeout: 5000 });
  const expected = { unit: 'C', place: ['a', 'b'] };
  assert.deepEqual((await ours.get('t'))?.headers, expected);
  assert.deepEqual((await ours.history('t'))[0]?.headers, expected);
  const { entries, values } = watchBucket(t, connection, { start: 'values' });
  await values;
  assert.deepEqual(entries[0]?.headers, expected);
});
