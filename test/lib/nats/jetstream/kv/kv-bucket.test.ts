import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { CodedError } from '../../../../../lib/coded-error';
import type { KvBucket } from '../../../../../lib/nats/jetstream/kv/kv-bucket';
import { freePort } from '../../../../../scripts/free-port';
import { poll } from '../../../../../scripts/monitoring';
import { startNatsServer } from '../../../../../scripts/nats-server';
import { type BUCKET, bytes, openBucket, startBuckets, take, text, watchBucket } from '../../../../support/buckets';
import { consumersLeft } from '../../../../support/jetstream-server';
import { networkBefore } from '../../../../support/network-before';
import { isConnected, openConnection } from '../../../../support/open-connection';
import { startPeer } from '../../../../support/peer';

const valueIn = async (bucket: KvBucket, key: string) => {
  const entry = await bucket.get(key);
  return entry && text(entry);
};

test('the first value makes the bucket, as other clients make it', async (t) => {
  const { connection, api } = await startBuckets(t);
  assert.equal(await openBucket(connection).put('a', bytes('1')), 1);
  const { config } = await api('STREAM.INFO.KV_pis');
  const { name, subjects, retention, storage, num_replicas, max_age, max_msgs_per_subject, discard } = config;
  assert.deepEqual(
    { name, subjects, retention, storage, num_replicas, max_age, max_msgs_per_subject, discard },
    {
      name: 'KV_pis',
      subjects: ['$KV.pis.>'],
      retention: 'limits',
      storage: 'file',
      num_replicas: 1,
      max_age: 0,
      max_msgs_per_subject: 1,
      discard: 'new',
    },
  );
  const { allow_rollup_hdrs, deny_delete, allow_direct, duplicate_window } = config;
  assert.deepEqual([allow_rollup_hdrs, deny_delete, allow_direct, duplicate_window], [true, true, true, 120e9]);

  const other = openBucket(connection, { bucket: 'brief', history: 5, lifetimeMs: 30_000, storage: 'memory' });
  await other.put('a', bytes('1'));
  const brief = (await api('STREAM.INFO.KV_brief')).config;
  assert.deepEqual(
    [brief.max_msgs_per_subject, brief.max_age, brief.duplicate_window, brief.storage],
    [5, 30e9, 30e9, 'memory'],
  );
});

test('a value comes back with its revision and time', async (t) => {
  const { connection } = await startBuckets(t);
  const bucket = openBucket(connection);
  const before = Date.now();
  await bucket.put('pi/1.colour', bytes('red'));
  assert.equal(await bucket.put('pi/1.colour', bytes('blue')), 2);
  const entry = (await bucket.get('pi/1.colour')) ?? assert.fail('no entry');
  const { data, time, ...rest } = entry;
  assert.deepEqual(rest, { key: 'pi/1.colour', revision: 2, operation: 'put' });
  assert.equal(Buffer.from(data).toString(), 'blue');
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert(Math.abs(Date.parse(time) - before) < 60_000);
  assert.equal(await bucket.get('pi/2.colour'), undefined);
});

test('what has been deleted counts as absent, and its history is kept until it is purged', async (t) => {
  const { connection } = await startBuckets(t);
  const bucket = openBucket(connection, { history: 5 });
  await bucket.put('a', bytes('1'));
  await bucket.put('b', bytes('2'));
  assert.equal(await bucket.delete('a'), 3);
  assert.equal(await bucket.get('a'), undefined);
  assert.deepEqual(await bucket.keys(), ['b']);
  const past = await bucket.history('a');
  assert.deepEqual(
    past.map(({ revision, operation, data }) => [revision, operation, Buffer.from(data).toString()]),
    [
      [1, 'put', '1'],
      [3, 'delete', ''],
    ],
  );
  await bucket.put('a', bytes('4'));
  await bucket.purge('a');
  assert.deepEqual(
    (await bucket.history('a')).map(({ revision, operation }) => [revision, operation]),
    [[5, 'purge']],
  );
  assert.deepEqual(await bucket.history('never'), []);
});

test('a key is created only if it has no value', async (t) => {
  const { connection } = await startBuckets(t);
  const bucket = openBucket(connection, { history: 3 });
  assert.equal(await bucket.create('a', bytes('1')), 1);
  await assert.rejects(bucket.create('a', bytes('2')), ({ code, values }: CodedError) => {
    assert.deepEqual([code, values], ['EXISTS', { bucket: 'pis', key: 'a', revision: 1 }]);
    return true;
  });
  for (const remove of ['delete', 'purge'] as const) {
    const marker = await bucket[remove]('a');
    assert.equal(await bucket.create('a', bytes(remove)), marker + 1);
    assert.equal(await valueIn(bucket, 'a'), remove);
  }
});

test('of many that create a key at the same time, one succeeds', async (t) => {
  const { connection } = await startBuckets(t);
  const bucket = openBucket(connection);
  await bucket.put('a', bytes('old'));
  await bucket.delete('a');
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) => bucket.create('a', bytes(String(index)))),
  );
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
  const codes = results.flatMap((result) => (result.status === 'rejected' ? result.reason.code : []));
  assert.deepEqual(new Set(codes), new Set(['EXISTS']));
});

test('a value is replaced only if its revision is the expected one', async (t) => {
  const { connection } = await startBuckets(t);
  const bucket = openBucket(connection);
  await bucket.put('other', bytes('x'));
  assert.equal(await bucket.update('a', bytes('1'), 0), 2);
  assert.equal(await bucket.update('a', bytes('2'), 2), 3);
  for (const revision of [0, 1, 2, 4]) {
    await assert.rejects(bucket.update('a', bytes('no'), revision), ({ code, values }: CodedError) => {
      assert.deepEqual([code, values], ['CONFLICT', { bucket: 'pis', key: 'a', revision, actual: '3' }]);
      return true;
    });
  }
  await assert.rejects(bucket.delete('a', 2), { code: 'CONFLICT' });
  assert.equal(await valueIn(bucket, 'a'), '2');
  await bucket.delete('a', 3);
  assert.equal(await bucket.update('a', bytes('again'), 0), 5);
  const missing = undefined as unknown as number;
  await assert.rejects(bucket.update('a', bytes('no'), missing), { code: 'BAD_REVISION' });
});

test('a counter that many raise at the same time loses nothing', async (t) => {
  const { connection } = await startBuckets(t);
  const bucket = openBucket(connection);
  await bucket.put('count', bytes('0'));
  const raise = async () => {
    for (;;) {
      const entry = (await bucket.get('count')) ?? assert.fail('no entry');
      const raised = bytes(String(Number(text(entry)) + 1));
      try {
        return await bucket.update('count', raised, entry.revision);
      } catch (error) {
        if ((error as CodedError).code !== 'CONFLICT') throw error;
      }
    }
  };
  await Promise.all(
    Array.from({ length: 5 }, async () => {
      for (let count = 0; count < 10; count++) await raise();
    }),
  );
  assert.equal(await valueIn(bucket, 'count'), '50');
});

test('nothing but a new value makes a bucket', async (t) => {
  const { connection, api } = await startBuckets(t);
  const bucket = openBucket(connection);
  const careful = openBucket(connection, { create: false });
  const actions: [name: string, action: () => Promise<unknown>][] = [
    ['get', () => bucket.get('a')],
    ['keys', () => bucket.keys()],
    ['history', () => bucket.history('a')],
    ['delete', () => bucket.delete('a')],
    ['purge', () => bucket.purge('a')],
    ['put', () => careful.put('a', bytes('1'))],
    ['create', () => careful.create('a', bytes('1'))],
    ['update', () => careful.update('a', bytes('1'), 1)],
  ];
  for (const [name, action] of actions) {
    await assert.rejects(action(), ({ code, values }: CodedError) => {
      assert.deepEqual([code, values], ['NO_BUCKET', { bucket: 'pis' }], name);
      return true;
    });
  }
  assert.equal((await api('STREAM.NAMES')).total, 0);
});

test('a bucket that is deleted while it is in use is missed soon, and made again by a new value', async (t) => {
  const { connection, api } = await startBuckets(t);
  const bucket = openBucket(connection, { timeoutMs: 60_000 });
  await bucket.put('a', bytes('1'));
  assert.equal(await valueIn(bucket, 'a'), '1');
  await api('STREAM.DELETE.KV_pis');
  await assert.rejects(bucket.get('a'), { code: 'NO_BUCKET' });
  await assert.rejects(bucket.delete('a'), { code: 'NO_BUCKET' });
  assert.equal(await bucket.put('a', bytes('2')), 1);
  assert.equal(await valueIn(bucket, 'a'), '2');
});

test('what is done first is done first, also before the bucket is known', async (t) => {
  const { connection } = await startBuckets(t);
  await openBucket(connection).put('a', bytes('0'));
  for (let round = 0; round < 10; round++) {
    const bucket = openBucket(connection);
    await Promise.all([bucket.delete('a'), bucket.put('a', bytes(String(round))), bucket.delete('b')]);
    assert.equal(await valueIn(bucket, 'a'), String(round));
  }
});

test('values are held while disconnected and stored once, and reading fails at once', async (t) => {
  const { server, connection, until, api } = await startBuckets(t);
  const bucket = openBucket(connection, { history: 64 });
  await bucket.put('a', bytes('first'));
  await bucket.get('a');
  await server.kill();
  await until(({ name }) => name === 'disconnected');
  const put = Array.from({ length: 20 }, (_, index) => bucket.put('a', bytes(String(index))));
  for (const reading of [bucket.get('a'), bucket.keys(), bucket.history('a')]) {
    await assert.rejects(reading, { code: 'NOT_CONNECTED' });
  }
  await server.restart();
  assert.deepEqual(
    await Promise.all(put),
    Array.from({ length: 20 }, (_, index) => index + 2),
  );
  assert.equal((await bucket.history('a')).map(text).join(), ['first', ...Array(20).keys()].join());
  assert.equal(await consumersLeft(api, 'KV_pis'), 0);
});

test('what is held for an owner ends with it', async (t) => {
  const { server, connection, until } = await startBuckets(t);
  const owner = {};
  const bucket = openBucket(connection, {}, { owner });
  await server.kill();
  await until(({ name }) => name === 'disconnected');
  const put = bucket.put('a', bytes('1'));
  connection.withdraw(owner);
  await assert.rejects(put, { code: 'CLOSED' });
});

test('values pass a network that breaks and swallows, each of them once', async (t) => {
  const { proxy, network } = networkBefore(t);
  const { connection, until } = await startBuckets(t, {
    proxy,
    settings: { pingIntervalMs: 200, maxPingOut: 2 },
  });
  const bucket = openBucket(connection, { history: 64, timeoutMs: 60_000 });
  const revisions: number[] = [];
  const values: string[] = [];
  for (let round = 0; round < 6; round++) {
    const all: Promise<number>[] = [];
    for (let count = 0; count < 5; count++) {
      const value = `${round}.${count}`;
      values.push(value);
      all.push(bucket.put('a', bytes(value)));
      if (count === 2 && round > 0) {
        if (round % 2 === 0) network().cutAfter(200);
        else network().swallow();
      }
    }
    if (round > 0) {
      await until(({ name }) => name === 'disconnected');
      network().heal('drop');
    }
    revisions.push(...(await Promise.all(all)));
  }
  assert.deepEqual(
    revisions,
    values.map((_, index) => index + 1),
  );
  assert.deepEqual((await bucket.history('a')).map(text), values);
});

test('a value that a network swallows on its way is asked for again', async (t) => {
  const { proxy, network } = networkBefore(t);
  const { connection, until } = await startBuckets(t, {
    proxy,
    settings: { pingIntervalMs: 200, maxPingOut: 2 },
  });
  const bucket = openBucket(connection, { timeoutMs: 60_000 });
  const hasty = openBucket(connection, { timeoutMs: 50 });
  await bucket.put('a', bytes('1'));
  assert.equal(await valueIn(hasty, 'a'), '1');
  network().swallow();
  const got = bucket.get('a');
  await assert.rejects(hasty.get('a'), { code: 'TIMEOUT' });
  await until(({ name }) => name === 'disconnected');
  network().heal('drop');
  assert.equal((await got)?.revision, 1);
});

test('a bucket without direct gets can be read', async (t) => {
  const { connection, api } = await startBuckets(t);
  await api('STREAM.CREATE.KV_pis', {
    name: 'KV_pis',
    subjects: ['$KV.pis.>'],
    storage: 'memory',
    retention: 'limits',
    max_msgs_per_subject: 2,
    allow_rollup_hdrs: true,
  });
  const bucket = openBucket(connection);
  await bucket.put('a', bytes('1'));
  const entry = (await bucket.get('a')) ?? assert.fail('no entry');
  assert.deepEqual([entry.key, entry.revision, text(entry)], ['a', 1, '1']);
  assert.match(entry.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.equal(await bucket.get('b'), undefined);
  await bucket.delete('a');
  assert.equal(await bucket.get('a'), undefined);
  assert.equal(await bucket.create('a', bytes('2')), 3);
  await api('STREAM.DELETE.KV_pis');
  await assert.rejects(bucket.get('a'), { code: 'NO_BUCKET' });
});

test('a bucket of another domain is used from a leaf, and missed or made again there', async (t) => {
  const leaves = await freePort();
  const { connection: near, api } = await startBuckets(t, {
    config: `server_name: hub\nleafnodes { listen: "127.0.0.1:${leaves}" }`,
    jetstream: 'domain: hub',
  });
  const leaf = await startNatsServer({
    config: `server_name: leaf\nleafnodes { remotes: [{ url: "nats-leaf://127.0.0.1:${leaves}" }] }`,
  });
  t.after(() => leaf.stop());
  const { connection, until } = openConnection(t, leaf.url);
  await until(isConnected);
  const bucket = openBucket(connection, { domain: 'hub', history: 2 });
  await poll(
    () => bucket.put('a', bytes('1')).catch(({ code }) => code),
    (answer) => answer === 1,
  );
  assert.equal(await valueIn(bucket, 'a'), '1');
  await bucket.delete('a');
  assert.equal(await bucket.create('a', bytes('2')), 3);
  assert.deepEqual(await bucket.keys(), ['a']);
  assert.equal((await bucket.history('a')).length, 2);
  const { told, values } = watchBucket(t, connection, { domain: 'hub', start: 'values' });
  await values;
  await openBucket(near).put('a', bytes('3'));
  assert.deepEqual(await take(told, 2), ['first a=2', 'a=3']);
  await api('STREAM.DELETE.KV_pis');
  await assert.rejects(bucket.get('a'), { code: 'NO_BUCKET' });
  await assert.rejects(bucket.delete('a'), { code: 'NO_BUCKET' });
  assert.equal(await bucket.put('a', bytes('4')), 1);
  await api('STREAM.DELETE.KV_pis');
  await assert.rejects(bucket.delete('a'), { code: 'NO_BUCKET' });
});

test('few rights are enough where the bucket exists', async (t) => {
  const rights = ['"$JS.API.DIRECT.GET.KV_pis.$KV.pis.own"', '"$KV.pis.own"'];
  const users = `users: [
    { user: admin, password: p },
    { user: narrow, password: p, permissions: { publish: [${rights}], subscribe: ["_NARROW.>"] } }]`;
  const { server, connection: admin } = await startBuckets(t, {
    config: `authorization { ${users} }\nno_auth_user: admin`,
  });
  await openBucket(admin).put('other', bytes('1'));
  const { connection, until } = openConnection(t, server.url, {
    auth: 'user',
    secrets: { user: 'narrow', password: 'p' },
    inboxPrefix: '_NARROW',
  });
  await until(isConnected);
  const bucket = openBucket(connection);
  assert.equal(await bucket.get('own'), undefined);
  assert.equal(await bucket.put('own', bytes('mine')), 2);
  assert.equal(await valueIn(bucket, 'own'), 'mine');
  assert.equal(await bucket.update('own', bytes('still mine'), 2), 3);
  const denied: [action: Promise<unknown>, subject: RegExp][] = [
    [bucket.get('other'), /^\$JS\.API\.DIRECT\.GET\.KV_pis\.\$KV\.pis\.other$/],
    [bucket.put('other', bytes('no')), /^\$KV\.pis\.other$/],
    [bucket.keys(), /^\$JS\.API\.CONSUMER\.CREATE\.KV_pis\./],
  ];
  for (const [action, subject] of denied) {
    await assert.rejects(action, ({ code, values }: CodedError) => {
      assert.equal(code, 'PERMISSION');
      assert.match(String(values.subject), subject);
      return true;
    });
  }
});

test('keys that change while they are listed are there once, and the list ends', async (t) => {
  const { connection } = await startBuckets(t);
  const bucket = openBucket(connection, { storage: 'memory' });
  const keys = ['a', 'b', 'c'];
  const change = () => Promise.all(keys.map((key) => bucket.put(key, bytes('x'))));
  await change();
  // The server miscounts some of the lists: they do not end by its number of entries.
  for (let round = 0; round < 15; round++) {
    const changed = delay(round % 4).then(change);
    assert.deepEqual((await bucket.keys()).sort(), keys);
    await changed;
  }
});

test('the keys are those of a filter, however many there are', async (t) => {
  const { connection, api } = await startBuckets(t);
  const bucket = openBucket(connection, { storage: 'memory' });
  assert.equal(await bucket.put('none', bytes('')), 1);
  assert.deepEqual(await bucket.keys('room.*.led'), []);
  const rooms = Array.from({ length: 300 }, (_, index) => `room.${index}.led`);
  await Promise.all(rooms.map((key) => bucket.put(key, bytes('x'.repeat(10_000)))));
  assert.deepEqual(await bucket.keys('room.*.led'), rooms);
  assert.deepEqual(await bucket.keys('room.7.>'), ['room.7.led']);
  assert.equal((await bucket.keys()).length, 301);
  await assert.rejects(bucket.keys('room.'), { code: 'BAD_KEY' });
  assert.equal(await consumersLeft(api, 'KV_pis'), 0);
});

test('each key is told once, and the telling ends, while the bucket is written', async (t) => {
  const { connection, server } = await startBuckets(t);
  const bucket = openBucket(connection, { storage: 'memory' });
  const keys = Array.from({ length: 1000 }, (_, index) => `k${index}`);
  await Promise.all(keys.map((key) => bucket.put(key, bytes('1'))));
  const { nc } = await startPeer(t, server.url, { reconnect: false });
  let isWriting = true;
  t.after(() => {
    isWriting = false;
  });
  const written = (async () => {
    for (let at = 0; isWriting; at++) {
      for (let batch = 0; batch < 100; batch++) nc.publish('$KV.pis.busy', String(at));
      nc.publish('$KV.pis.k0', '2');
      await nc.flush();
    }
  })();
  for (let round = 0; round < 5; round++) {
    const told = await bucket.keys();
    assert.equal(told.length, new Set(told).size, 'each once');
    for (const key of keys.slice(1)) assert(told.includes(key), key);
    const { length } = await bucket.history('busy');
    assert(length > 0);
  }
  isWriting = false;
  await written;
});

test('a mirror of a bucket is refused instead of being read as empty', async (t) => {
  const { connection, api } = await startBuckets(t);
  await openBucket(connection).put('a', bytes('1'));
  await api('STREAM.CREATE.KV_copy', { name: 'KV_copy', mirror: { name: 'KV_pis' }, storage: 'memory' });
  const copy = openBucket(connection, { bucket: 'copy' });
  for (const action of [copy.get('a'), copy.keys(), copy.put('a', bytes('2'))]) {
    await assert.rejects(action, ({ text, values }: CodedError) => {
      assert.deepEqual([text, values], ['BAD_BUCKET-mirror', { bucket: 'copy', mirror: 'pis' }]);
      return true;
    });
  }
});

test('a bucket that is not as the settings say is used, and the difference is named', async (t) => {
  const { connection } = await startBuckets(t);
  const found = { history: 3, lifetimeMs: 60_000 };
  await openBucket(connection, found).put('a', bytes('1'));
  const differences: [
    settings: Partial<typeof BUCKET>,
    field: string | undefined,
    actual?: string,
    expected?: string,
  ][] = [
    [{}, undefined],
    [found, undefined],
    [{ history: 5 }, 'history', '3', '5'],
    [{ lifetimeMs: 30_000 }, 'lifetimeS', '60', '30'],
    [{ storage: 'memory' }, 'storage', '"file"', '"memory"'],
    [{ replicas: 3 }, 'replicas', '1', '3'],
  ];
  for (const [settings, field, actual, expected] of differences) {
    const differs: (CodedError | undefined)[] = [];
    await openBucket(connection, settings, { onDiffers: (error) => differs.push(error) }).put('a', bytes('2'));
    assert.equal(differs[0]?.text, field && 'STREAM_DIFFERS-bucket');
    assert.deepEqual(differs[0]?.values, field && { bucket: 'pis', field, actual, expected });
  }
});
