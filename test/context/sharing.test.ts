// Two stores that share a bucket, on a server that is not always there.
import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { MAX_HELD_BYTES } from '../../context/writes';
import { KvBucket } from '../../lib/nats/jetstream/kv/kv-bucket';
import { freePort } from '../../scripts/free-port';
import { startNatsServer } from '../../scripts/nats-server';
import { got, openStore, type Store, type StoreError, stored, until } from '../support/context-store';
import { makeFolder } from '../support/folder';
import { freeze, NO_FREEZE } from '../support/freeze';
import { startJetStream } from '../support/jetstream-server';
import { isConnected, openConnection } from '../support/open-connection';

const hasCode = (code: string) => (error: unknown) => (error as StoreError).code === code;

/** Two stores on a server, closed before it. */
async function startTwo(t: TestContext, config = {}, serverConfig = '') {
  const stores: Store[] = [];
  t.after(() => Promise.all(stores.map((store) => store.close())));
  const server = await startJetStream(t, serverConfig);
  for (const _ of [1, 2]) stores.push(await openStore(t, server.url, config));
  const [here, there] = stores as [Store, Store];
  return { server, here, there };
}

/** Resolves when the other one has a value. */
const arrived = (store: Store, scope: string, key: string, value: unknown) =>
  until(() => JSON.stringify(store.get(scope, key)) === JSON.stringify(value));

test('each sees what the other one changes', async (t) => {
  const { here, there } = await startTwo(t);
  here.set('global', 'count', 1);
  await arrived(there, 'global', 'count', 1);
  there.set('global', 'count', 2);
  await arrived(here, 'global', 'count', 2);
  here.set('flow1', 'list[1].name', 'x');
  await arrived(there, 'flow1', 'list', [null, { name: 'x' }]);
  there.set('flow1', 'list[0]', { date: new Date(5) });
  await until(() => (here.get('flow1', 'list[0].date') as Date)?.getTime() === 5);
  here.set('global', 'count', undefined);
  await arrived(there, 'global', 'count', undefined);
  assert.deepEqual(there.keys('global'), []);
  await here.delete('flow1');
  await until(() => (there.keys('flow1') as string[]).length === 0);
});

test('the last of many changes is what both have', async (t) => {
  const { here, there } = await startTwo(t);
  for (let count = 0; count <= 1000; count++) {
    here.set('global', 'count', count);
    assert.equal(here.get('global', 'count'), count);
  }
  await arrived(there, 'global', 'count', 1000);
  assert.equal(here.get('global', 'count'), 1000);
});

test('when both change the same value, both end with the one that was stored last', async (t) => {
  const { here, there } = await startTwo(t);
  for (let round = 0; round < 20; round++) {
    await Promise.all([stored(here, 'global', 'x', `here ${round}`), stored(there, 'global', 'x', `there ${round}`)]);
    await stored(here, 'global', 'end', round);
    await arrived(there, 'global', 'end', round);
    await stored(there, 'global', 'end', -round);
    await arrived(here, 'global', 'end', -round);
    assert.equal(here.get('global', 'x'), there.get('global', 'x'));
  }
});

test('of many changes of a value one is on its way, and the newest one waits', { skip: NO_FREEZE }, async (t) => {
  const { server, here } = await startTwo(t, { history: 10 });
  await freeze(server.server);
  const ended: string[] = [];
  const all = ['a', 'b', 'c', 'd'].map((value) => stored(here, 'global', 'x', value).then(() => ended.push(value)));
  all.push(stored(here, 'global', 'y', 1).then(() => ended.push('y')));
  server.server.process.kill('SIGCONT');
  await Promise.all(all);
  assert.deepEqual(
    ended.filter((value) => value !== 'y'),
    ['a', 'b', 'c', 'd'],
  );
  const { connection, until: untilState } = openConnection(t, server.url);
  await untilState(isConnected);
  const form = { create: false, history: 10, lifetimeMs: 0, storage: 'file', replicas: 1, timeoutMs: 5000 } as const;
  const history = await new KvBucket(connection, { bucket: 'plant', ...form }).history('global.x');
  assert.deepEqual(
    history.map(({ data }) => Buffer.from(data).toString()),
    ['"a"', '"d"'],
  );
});

test('changes wait for a killed server, the last one of each value, and both are current again', async (t) => {
  const { server, here, there } = await startTwo(t);
  await stored(here, 'global', 'before', 1);
  await arrived(there, 'global', 'before', 1);
  await server.kill();
  const outcomes: unknown[] = [];
  for (let count = 0; count < 5; count++) here.set('global', 'count', count, (error) => outcomes.push(error));
  here.set('global', 'before', undefined);
  there.set('global', 'other.name', 'x');
  assert.equal(here.get('global', 'count'), 4);
  assert.equal(there.get('global', 'before'), 1, 'what was known can still be read');
  assert.deepEqual(await got(there, 'global', 'before'), [undefined, 1]);
  assert.deepEqual(outcomes, []);
  await server.restart();
  await arrived(there, 'global', 'count', 4);
  await arrived(there, 'global', 'before', undefined);
  await arrived(here, 'global', 'other', { name: 'x' });
  await until(() => outcomes.length === 5);
  assert.deepEqual(new Set(outcomes), new Set([undefined]));
});

test('the changes of a long outage are bounded, and one that does not fit says so', async (t) => {
  const { server, here, there } = await startTwo(t);
  await server.kill();
  const value = 'x'.repeat(1000 * 1000);
  const fits = Math.floor(MAX_HELD_BYTES / (value.length + 250));
  for (let key = 0; key < fits; key++) here.set('global', `key${key}`, value);
  assert.throws(() => here.set('global', 'more', value), hasCode('OUTBOX_FULL'));
  await assert.rejects(stored(here, 'global', 'more', value), hasCode('OUTBOX_FULL'));
  assert.equal(here.get('global', 'more'), undefined);
  here.set('global', 'key0', 'short');
  here.set('global', 'more', 'fits now');
  await server.restart();
  await arrived(there, 'global', 'more', 'fits now');
  assert.equal(there.get('global', 'key0'), 'short');
  assert.equal((there.keys('global') as string[]).length, fits + 1);
});

test('10,000 values are shared, and are there for one who comes later', async (t) => {
  const { server, here, there } = await startTwo(t);
  const keys = Array.from({ length: 10_000 }, (_, at) => `key${at}`);
  await stored(
    here,
    'flow1',
    keys,
    keys.map((_, at) => ({ at })),
  );
  await until(() => (there.keys('flow1') as string[]).length === keys.length);
  const later = await openStore(t, server.url);
  assert.deepEqual(later.keys('flow1'), keys);
  assert.deepEqual(later.get('flow1', 'key9999'), { at: 9999 });
  await later.delete('flow1');
  await until(() => (there.keys('flow1') as string[]).length === 0);
  await later.close();
});

test('a value of 1 MiB is shared where the server takes it', async (t) => {
  const { here, there } = await startTwo(t, {}, 'max_payload: 2MB');
  const value = 'x'.repeat(1024 * 1024);
  await stored(here, 'global', 'large', { value });
  await until(() => there.get('global', 'large.value') === value);
  await stored(there, 'global', 'buffer', Buffer.alloc(1024 * 1024, 7));
  await until(() => (here.get('global', 'buffer') as Buffer | undefined)?.length === 1024 * 1024);
  await assert.rejects(stored(here, 'global', 'larger', value + value), hasCode('MAX_PAYLOAD'));
});

test('a close writes what the bucket does not have yet', async (t) => {
  const { here, there } = await startTwo(t);
  for (let key = 0; key < 1000; key++) here.set('global', `key${key}`, key);
  await here.close();
  await until(() => (there.keys('global') as string[]).length === 1000);
});

test('a close without a server, or with a frozen one, ends within about 2 s', { skip: NO_FREEZE }, async (t) => {
  const { server, here, there } = await startTwo(t);
  await freeze(server.server);
  t.after(() => server.server.process.kill('SIGCONT'));
  const outcome = stored(here, 'global', 'key', 1);
  const startedAt = performance.now();
  await Promise.all([here.close(), assert.rejects(outcome, hasCode('CLOSED'))]);
  const tookMs = performance.now() - startedAt;
  assert(tookMs < 10_000, `${tookMs} ms`);
  await server.kill();
  there.set('global', 'key', 2);
  await there.close();
});

test('a deleted bucket takes its values with it, and is made again', async (t) => {
  const { server, here, there } = await startTwo(t);
  await stored(here, 'global', 'old', 1);
  await stored(here, 'global', 'other', 1);
  await arrived(there, 'global', 'other', 1);
  const { connection, until: untilState } = openConnection(t, server.url);
  await untilState(isConnected);
  await connection.request({ subject: '$JS.API.STREAM.DELETE.KV_plant', data: Buffer.alloc(0), timeoutMs: 5000 });
  await stored(here, 'global', 'new', 2);
  await arrived(there, 'global', 'new', 2);
  for (const store of [here, there]) await until(() => String(store.keys('global')) === 'new');
});

test('changes wait while the JetStream is away, but not the server', async (t) => {
  const leaves = await freePort();
  let store: Store | undefined;
  t.after(() => store?.close());
  const hub = await startJetStream(t, `leafnodes { listen: "127.0.0.1:${leaves}" }`, 'domain: hub');
  const leaf = await startNatsServer({
    config: `leafnodes { reconnect: 1, remotes: [{ url: "nats-leaf://127.0.0.1:${leaves}" }] }`,
  });
  t.after(() => leaf.stop());
  const here = await openStore(t, leaf.url, { domain: 'hub', timeoutMs: 60_000 });
  store = here;
  await stored(here, 'global', 'before', 1);
  await hub.kill();
  const outcome = stored(here, 'global', 'count', 1);
  const second = new Promise((resolve) => setTimeout(resolve, 1000));
  await Promise.race([outcome, second]);
  assert.equal(here.get('global', 'count'), 1);
  await hub.restart();
  await outcome;
  assert.equal(here.get('global', 'count'), 1);
});

test('a server that has lost its last values in a power cut is followed', async (t) => {
  const { server, here, there } = await startTwo(t);
  await stored(here, 'global', ['kept', 'changed'], ['kept', 'before']);
  await server.kill();
  const copy = makeFolder();
  cpSync(server.folder, copy, { recursive: true });
  await server.restart();
  for (let count = 0; count < 10; count++) await stored(here, 'global', ['lost', 'changed'], [count, count]);
  await arrived(there, 'global', 'lost', 9);
  await server.kill();
  rmSync(server.folder, { recursive: true });
  cpSync(copy, server.folder, { recursive: true });
  await server.restart();
  await stored(here, 'global', 'new', 1);
  for (const store of [here, there]) {
    await arrived(store, 'global', 'new', 1);
    await until(() => String([...(store.keys('global') as string[])].sort()) === 'changed,kept,new');
    assert.deepEqual(store.get('global', ['kept', 'changed']), ['kept', 'before']);
  }
});

test('what another client puts is a value, and keys of no context are none', async (t) => {
  const { server, here } = await startTwo(t);
  const { connection, until: untilState } = openConnection(t, server.url);
  await untilState(isConnected);
  const form = { create: false, history: 1, lifetimeMs: 0, storage: 'file', replicas: 1, timeoutMs: 5000 } as const;
  const bucket = new KvBucket(connection, { bucket: 'plant', ...form });
  await bucket.put('other.key', Buffer.from('1'));
  await bucket.put('global.=61', Buffer.from('1'));
  await bucket.put('global.set-point', Buffer.from('21.5'));
  await bucket.put('global.room=201', Buffer.from('warm'));
  await until(() => here.get('global', '"room 1"') === 'warm');
  assert.deepEqual(here.keys('global'), ['set-point', 'room 1']);
  assert.equal(here.get('global', 'set-point'), 21.5);
  await stored(here, 'global', 'set-point', { high: 22 });
  assert.equal(Buffer.from((await bucket.get('global.set-point'))?.data ?? '').toString(), '{"high":22}');
});

test('a value that may not be written is as before, and the caller hears why', async (t) => {
  const users = `
    accounts { A { jetstream: enabled, users: [
      { user: all, password: all }
      { user: some, password: some, permissions { publish: { deny: "$KV.plant.global.locked" } } }
    ] } }`;
  const stores: Store[] = [];
  t.after(() => Promise.all(stores.map((store) => store.close())));
  const { url } = await startJetStream(t, users);
  for (const user of ['all', 'some']) stores.push(await openStore(t, url, { user, password: user }));
  const [here, there] = stores as [Store, Store];
  await stored(here, 'global', 'locked', 1);
  await arrived(there, 'global', 'locked', 1);
  await assert.rejects(stored(there, 'global', 'locked', 2), hasCode('PERMISSION'));
  assert.equal(there.get('global', 'locked'), 1);
  there.set('global', 'locked', 3);
  await until(() => there.get('global', 'locked') === 1);
  await stored(there, 'global', 'open', 2);
  await arrived(here, 'global', 'open', 2);
});
