import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { isAtLeast } from '../../../../../lib/nats/jetstream/consuming/consumer';
import { jetStreamOf } from '../../../../../lib/nats/jetstream/jetstream';
import { freePort } from '../../../../../scripts/free-port';
import { poll } from '../../../../../scripts/monitoring';
import { type NatsServer, natsServerVersion, startNatsServer } from '../../../../../scripts/nats-server';
import { bytes, openBucket, startBuckets, take, text, watchBucket } from '../../../../support/buckets';
import { makeFolder } from '../../../../support/folder';
import { consumersLeft } from '../../../../support/jetstream-server';
import { networkBefore } from '../../../../support/network-before';
import { isConnected, openConnection } from '../../../../support/open-connection';

test('a watch of changes tells what happens from then on', async (t) => {
  const { connection, api } = await startBuckets(t);
  const bucket = openBucket(connection);
  await bucket.put('a', bytes('before'));
  const { told, values, entries, close } = watchBucket(t, connection);
  assert.equal(await values, 0);
  await bucket.put('a', bytes('1'));
  await bucket.put('b', bytes('2'));
  await bucket.delete('a');
  await bucket.purge('b');
  assert.deepEqual(await take(told, 4), ['a=1', 'b=2', 'a delete', 'b purge']);
  assert.deepEqual(
    entries.map(({ revision }) => revision),
    [2, 3, 4, 5],
  );
  await close();
  await bucket.put('a', bytes('after'));
  assert.equal(told.size, 0);
  assert.equal(await consumersLeft(api, 'KV_pis'), 0);
});

test('a watch of values begins with those that are there', async (t) => {
  const { connection } = await startBuckets(t);
  const bucket = openBucket(connection, { history: 3 });
  for (const value of ['1', '2']) await bucket.put('a', bytes(value));
  for (const value of ['3', '4']) await bucket.put('b', bytes(value));
  await bucket.delete('b');
  await bucket.put('c', bytes('5'));
  const { told, values } = watchBucket(t, connection, { start: 'values' });
  assert.equal(await values, 2);
  await bucket.delete('c');
  assert.deepEqual(await take(told, 3), ['first a=2', 'first c=5', 'c delete']);
});

test('all values are told even if the last thing in the bucket is a deletion, or there is nothing', async (t) => {
  const { connection } = await startBuckets(t);
  const bucket = openBucket(connection);
  await bucket.put('a', bytes('1'));
  await bucket.delete('a');
  for (const keys of [['>'], ['a'], ['b.*']]) {
    const { told, values } = watchBucket(t, connection, { start: 'values', keys });
    assert.equal(await values, 0);
    assert.equal(told.size, 0);
  }
});

test('a watch of the history begins with all that has been kept', async (t) => {
  const { connection } = await startBuckets(t);
  const bucket = openBucket(connection, { history: 2 });
  for (const value of ['1', '2', '3']) await bucket.put('a', bytes(value));
  await bucket.delete('a');
  const { told, values } = watchBucket(t, connection, { start: 'history' });
  assert.equal(await values, 2);
  await bucket.put('a', bytes('4'));
  assert.deepEqual(await take(told, 3), ['first a=3', 'first a delete', 'a=4']);
});

test('what changes while the first values are told is a change', async (t) => {
  const { connection } = await startBuckets(t);
  const bucket = openBucket(connection, { storage: 'memory' });
  const keys = Array.from({ length: 200 }, (_, index) => `k${index}`);
  const putAll = (value: string) => Promise.all(keys.map((key) => bucket.put(key, bytes(value))));
  await putAll('old');
  const { entries, values, told } = watchBucket(t, connection, { start: 'values' });
  const changed = putAll('new');
  await values;
  await changed;
  const last = new Map<string, string>();
  let initial = true;
  while (last.size < 200 || [...last.values()].includes('old')) {
    const what = await told.take();
    if (!what.startsWith('first ')) initial = false;
    else assert(initial, 'no initial value after a change');
    const [key = '', value = ''] = what.replace('first ', '').split('=');
    last.set(key, value);
  }
  const revisions = entries.map(({ revision }) => revision);
  assert.deepEqual(
    revisions,
    [...new Set(revisions)].sort((a, b) => a - b),
  );
});

test('a watch tells only the keys that it is for', async (t) => {
  const { connection } = await startBuckets(t);
  const bucket = openBucket(connection);
  await bucket.put('room.1.led', bytes('1'));
  const { told } = watchBucket(t, connection, { keys: ['room.*.led'], start: 'values' });
  assert.equal(await told.take(), 'first room.1.led=1');
  for (const key of ['room.1.fan', 'room.2.led', 'room.led', 'hall.1.led', 'room.3.led']) {
    await bucket.put(key, bytes('2'));
  }
  assert.deepEqual(await take(told, 2), ['room.2.led=2', 'room.3.led=2']);
});

test('a watch tells several kinds of keys, or says which server that needs', async (t) => {
  const { connection } = await startBuckets(t);
  const bucket = openBucket(connection);
  await bucket.put('a', bytes('1'));
  const { told, trouble, recovered } = watchBucket(t, connection, { keys: ['a', 'c.*'], start: 'values' });
  if (!isAtLeast(natsServerVersion(), '2.10')) {
    await trouble('NEEDS_SERVER');
    return;
  }
  await recovered();
  await bucket.put('b', bytes('2'));
  await bucket.put('c.d', bytes('3'));
  assert.deepEqual(await take(told, 2), ['first a=1', 'c.d=3']);
});

test('a watch waits for a missing bucket and never makes it, and misses nothing of it', async (t) => {
  const { connection, api } = await startBuckets(t);
  const changes = watchBucket(t, connection);
  const values = watchBucket(t, connection, { start: 'values' });
  for (const { trouble } of [changes, values]) {
    assert.deepEqual((await trouble('NO_BUCKET')).values, { bucket: 'pis' });
  }
  assert.equal((await api('STREAM.NAMES')).total, 0);
  const bucket = openBucket(connection);
  await bucket.put('a', bytes('1'));
  await bucket.put('b', bytes('2'));
  await Promise.all([changes.recovered(), values.recovered()]);
  assert.equal(await changes.values, 0);
  assert.deepEqual(await take(changes.told, 2), ['a=1', 'b=2']);
  assert.equal(await values.values, 2);
  await bucket.put('a', bytes('3'));
  assert.deepEqual(await take(values.told, 3), ['first a=1', 'first b=2', 'a=3']);
});

test('a watch goes on after an outage, with neither a miss nor a replay', async (t) => {
  const { server, connection, until, api } = await startBuckets(t);
  const bucket = openBucket(connection, { history: 10 });
  await bucket.put('a', bytes('0'));
  const { told, values, close } = watchBucket(t, connection, { start: 'values' });
  await values;
  for (let round = 1; round <= 3; round++) {
    await server.kill();
    await until(({ name }) => name === 'disconnected');
    const put = [bucket.put('a', bytes(`${round}.1`)), bucket.put('a', bytes(`${round}.2`))];
    await server.restart();
    await Promise.all(put);
  }
  const expected = [1, 2, 3].flatMap((round) => [`a=${round}.1`, `a=${round}.2`]);
  assert.deepEqual(await take(told, 7), ['first a=0', ...expected]);
  await close();
  assert.equal(await consumersLeft(api, 'KV_pis'), 0);
});

test('over 20 restarts each change is told once, the last value of each key arrives, and no consumer is left', async (t) => {
  const { server, connection, until, api } = await startBuckets(t);
  const bucket = openBucket(connection, { history: 64 });
  await bucket.put('k0', bytes('0'));
  const watches = (['changes', 'values', 'history'] as const).map((start) => watchBucket(t, connection, { start }));
  await Promise.all(watches.map(({ values }) => values));
  let count = 0;
  const put: Promise<number>[] = [];
  const putNext = () => {
    count++;
    put.push(bucket.put(`k${count % 10}`, bytes(String(count))));
  };
  // 50 changes a second.
  const timer = setInterval(putNext, 20);
  t.after(() => clearInterval(timer));
  for (let restart = 0; restart < 20; restart++) {
    await Promise.all(watches.map(({ told }) => take(told, 5)));
    await server.kill();
    await until(({ name }) => name === 'disconnected');
    await server.restart();
    await until(({ name }) => name === 'connected');
  }
  clearInterval(timer);
  for (let key = 0; key < 10; key++) putNext();
  const last = Math.max(...(await Promise.all(put)));
  for (const { entries, close } of watches) {
    await poll(
      async () => entries.at(-1)?.revision,
      (revision) => revision === last,
    );
    const revisions = entries.map(({ revision }) => revision);
    const [first = 0] = revisions;
    assert.deepEqual(
      revisions,
      Array.from({ length: last + 1 - first }, (_, index) => first + index),
    );
    const values = new Map(entries.map((entry) => [entry.key, text(entry)]));
    const expected = Array.from({ length: 10 }, (_, index) => count - index);
    assert.deepEqual(new Set(values.values()), new Set(expected.map(String)));
    await close();
  }
  assert.equal(await consumersLeft(api, 'KV_pis'), 0);
});

test('a watch whose first values are interrupted tells each of them once', async (t) => {
  const { proxy, network } = networkBefore(t);
  const { connection } = await startBuckets(t, {
    proxy,
  });
  const bucket = openBucket(connection, { history: 5, storage: 'memory' });
  const keys = Array.from({ length: 300 }, (_, index) => `k${index}`);
  // What a key had before must not be told.
  await Promise.all(keys.map((key) => bucket.put(key, bytes('old'))));
  await Promise.all(keys.map((key) => bucket.put(key, bytes('x'.repeat(2000)))));
  const { told, values, entries } = watchBucket(t, connection, { start: 'values' });
  for (const count of [20, 80, 100]) {
    await take(told, count);
    network().refuse();
    network().heal('drop');
  }
  assert.equal(await values, 300);
  assert.deepEqual(
    entries.map(({ key }) => key),
    keys,
  );
});

test('a bucket that is deleted and made again is told from its beginning', async (t) => {
  const { connection, api } = await startBuckets(t);
  const bucket = openBucket(connection);
  await bucket.put('a', bytes('1'));
  await bucket.put('a', bytes('2'));
  const { told, trouble, recovered } = watchBucket(t, connection, { start: 'values' });
  assert.equal(await told.take(), 'first a=2');
  await api('STREAM.DELETE.KV_pis');
  await trouble('NO_BUCKET');
  await bucket.put('b', bytes('3'));
  await recovered();
  assert.equal(await told.take(), 'b=3');
});

const RIGHTS = ['CREATE', 'MSG.NEXT', 'DELETE'].map((right) => `"$JS.API.CONSUMER.${right}.KV_pis.>"`);

/** A server's users, of whom one may not see the bucket, and how that one connects. */
const NARROW_USERS = `
  authorization { users: [
    { user: admin, password: p },
    { user: narrow, password: p, permissions: { publish: [${RIGHTS}], subscribe: ["_INBOX.>"] } }] }
  no_auth_user: admin`;
const NARROW = { auth: 'user', secrets: { user: 'narrow', password: 'p' } } as const;

test('another bucket of the same name is told by who may not see the bucket as well', async (t) => {
  const { server, connection, api } = await startBuckets(t, { config: NARROW_USERS });
  const narrow = openConnection(t, server.url, NARROW);
  await narrow.until(isConnected);
  const bucket = openBucket(connection);
  for (const value of ['1', '2', '3']) await bucket.put('a', bytes(value));
  const { told } = watchBucket(t, narrow.connection, { start: 'values' });
  assert.equal(await told.take(), 'first a=3');
  await api('STREAM.DELETE.KV_pis');
  await bucket.put('a', bytes('4'));
  // Later servers do not say to such a user that the stream is shorter.
  if (!isAtLeast(narrow.connection.server?.version, '2.11')) assert.equal(await told.take(), 'a=4');
  await bucket.put('b', bytes('5'));
  await bucket.put('a', bytes('6'));
  assert.deepEqual(await take(told, 2), ['b=5', 'a=6']);
});

test('a watch of a mirror says that it cannot be used', async (t) => {
  const { connection, api } = await startBuckets(t);
  await openBucket(connection).put('a', bytes('1'));
  await api('STREAM.CREATE.KV_copy', { name: 'KV_copy', mirror: { name: 'KV_pis' }, storage: 'memory' });
  const { trouble } = watchBucket(t, connection, { bucket: 'copy' });
  assert.equal((await trouble('BAD_BUCKET')).text, 'BAD_BUCKET-mirror');
});

test('a watch goes on in a bucket that the server of a cluster had in memory, when it has restarted', async (t) => {
  const ports = await Promise.all([freePort(), freePort(), freePort()]);
  const routes = ports.map((port) => `"nats-route://127.0.0.1:${port}"`).join();
  const configs = ports.map((port, index) => {
    const folder = makeFolder();
    return `server_name: s${index}
      jetstream { store_dir: ${JSON.stringify(folder)} }
      ${NARROW_USERS}
      cluster { name: c, listen: "127.0.0.1:${port}", routes: [${routes}] }`;
  });
  const servers = await Promise.all(configs.map((config) => startNatsServer({ config })));
  t.after(() => Promise.all(servers.map((server) => server.stop())));
  const urls = servers.map(({ url }) => url).join();
  const { connection, until } = openConnection(t, urls);
  const narrow = openConnection(t, urls, NARROW);
  await Promise.all([until(isConnected), narrow.until(isConnected)]);
  const bucket = openBucket(connection, { storage: 'memory' });
  // Until the cluster has elected its leaders.
  const putUntilStored = async (value: string) => {
    while (typeof (await bucket.put('a', bytes(value)).catch(({ code }) => code)) !== 'number') await delay(20);
  };
  await putUntilStored('0');
  const { told, values } = watchBucket(t, connection, { start: 'values' });
  await values;
  for (const value of ['1', '2', '3']) await bucket.put('a', bytes(value));
  assert.deepEqual(await take(told, 4), ['first a=0', 'a=1', 'a=2', 'a=3']);
  const { told: toldNarrow, values: valuesNarrow } = watchBucket(t, narrow.connection, { start: 'values' });
  assert.equal(await toldNarrow.take(), 'first a=3');
  await valuesNarrow;
  const api = jetStreamOf(connection).api();
  const { cluster } = await api.request<{ cluster: { leader: string } }>('STREAM.INFO.KV_pis');
  const leader = Number(cluster.leader.slice(1));
  const { port } = servers[leader] as NatsServer;
  await (servers[leader] as NatsServer).stop();
  servers[leader] = await startNatsServer({ config: configs[leader] as string, port });
  // The restarted server may lose its first messages, too. With so few, the new sequences are ones that were told before.
  for (let times = 0; times < 2 && told.size === 0; times++) {
    await putUntilStored('again');
    await poll(
      async () => told.size,
      (size) => size > 0,
    );
  }
  assert.equal(await told.take(), 'a=again');
  const pulling = async () =>
    (await api.request<{ consumers: { num_waiting: number }[] }>('CONSUMER.LIST.KV_pis')).consumers.filter(
      ({ num_waiting }) => num_waiting > 0,
    ).length;
  await poll(pulling, (count) => count === 2, 60_000);
  // A user who may not see the bucket notices when it has as many values as before.
  await bucket.put('b', bytes('new'));
  const seen: string[] = [];
  const later = async () => {
    await putUntilStored('later');
    while (toldNarrow.size > 0) seen.push(await toldNarrow.take());
    return seen.includes('b=new');
  };
  assert.ok(await poll(later, (isSeen) => isSeen));
});
