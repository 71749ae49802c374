// The cases of Node-RED's own stores, and those of a bucket.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startNatsServer } from '../../scripts/nats-server';
import { got, openStore, type Store, type StoreError, stored } from '../support/context-store';
import { startJetStream } from '../support/jetstream-server';

const hasCode = (code: string) => (error: unknown) => (error as StoreError).code === code;

/** A store on a server of its own, which outlives it. */
async function start(t: TestContext, config = {}): Promise<Store> {
  let store: Store | undefined;
  t.after(() => store?.close());
  const { url } = await startJetStream(t);
  store = await openStore(t, url, config);
  return store;
}

test('a value is set and read in the same turn', async (t) => {
  const store = await start(t);
  assert.equal(store.get('nodeX', 'foo'), undefined);
  store.set('nodeX', 'foo', 'test');
  assert.equal(store.get('nodeX', 'foo'), 'test');
  store.set('nodeX', 'foo', 'other');
  assert.equal(store.get('nodeX', 'foo'), 'other');
});

test('values of all kinds keep their type', async (t) => {
  const store = await start(t);
  const values = [
    'bar',
    '1',
    '',
    1,
    0,
    -1.5,
    null,
    true,
    false,
    { obj: 'bar' },
    ['a', 'b'],
    [['a'], [1, 2]],
    [{ a: 1 }],
  ];
  for (const value of [...values, Buffer.from('abc'), new Date(5), [undefined], { a: undefined }]) {
    await stored(store, 'nodeX', 'foo', value);
    assert.deepEqual(store.get('nodeX', 'foo'), value);
    assert.deepEqual(await got(store, 'nodeX', 'foo'), [undefined, value]);
  }
});

test('a path makes the properties on its way', async (t) => {
  const store = await start(t);
  store.set('abc:def', 'foo.bar', 'test');
  assert.deepEqual(store.get('abc:def', 'foo'), { bar: 'test' });
  store.set('abc:def', 'list[1].name', 'x');
  assert.deepEqual(store.get('abc:def', 'list'), [undefined, { name: 'x' }]);
  assert.equal(store.get('abc:def', 'list[1].name'), 'x');
  assert.equal(store.get('abc:def', 'list[5].name.more'), undefined);
});

test('setting undefined deletes a value or a property', async (t) => {
  const store = await start(t);
  store.set('nodeX', 'foo.abc.bar1', 'test1');
  store.set('nodeX', 'foo.abc.bar2', 'test2');
  assert.deepEqual(store.get('nodeX', 'foo.abc'), { bar1: 'test1', bar2: 'test2' });
  store.set('nodeX', 'foo.abc.bar1', undefined);
  assert.deepEqual(store.get('nodeX', 'foo.abc'), { bar2: 'test2' });
  store.set('nodeX', 'foo.abc', undefined);
  assert.equal(store.get('nodeX', 'foo.abc'), undefined);
  assert.deepEqual(store.keys('nodeX'), ['foo']);
  await stored(store, 'nodeX', 'foo', undefined);
  assert.equal(store.get('nodeX', 'foo'), undefined);
  assert.deepEqual(store.keys('nodeX'), []);
  await stored(store, 'nodeX', 'foo', undefined);
  await stored(store, 'nodeX', 'other.property', undefined);
  assert.deepEqual(store.keys('nodeX'), []);
});

test('scopes share nothing', async (t) => {
  const store = await start(t);
  const scopes = ['nodeX', 'nodeY', 'nodeX:nodeY', 'nodeY:nodeX', 'global'];
  for (const scope of scopes) store.set(scope, 'foo', `of ${scope}`);
  for (const scope of scopes) assert.equal(store.get(scope, 'foo'), `of ${scope}`);
});

test('several values are read at once, and unknown ones are undefined', async (t) => {
  const store = await start(t);
  await stored(store, 'nodeX', ['one', 'two', 'three'], ['test1', 'test2', 'test3']);
  assert.deepEqual(store.get('nodeX', ['one', 'three']), ['test1', 'test3']);
  assert.deepEqual(store.get('nodeX', ['one', 'un.known']), ['test1', undefined]);
  assert.deepEqual(await got(store, 'nodeX', ['one', 'two', 'unknown']), [undefined, 'test1', 'test2', undefined]);
});

test('several keys with too few values are null, and those of one value compose', async (t) => {
  const store = await start(t);
  store.set('nodeX', ['one', 'two'], 'test1');
  assert.deepEqual(store.get('nodeX', ['one', 'two']), ['test1', null]);
  store.set('nodeX', ['a.b', 'a.c', 'a.d[0]'], [1, 2, 3]);
  assert.deepEqual(store.get('nodeX', 'a'), { b: 1, c: 2, d: [3] });
  store.set('nodeX', ['a.b', 'a'], [undefined, undefined]);
  assert.equal(store.get('nodeX', 'a'), undefined);
});

test('of several keys with a bad one none is set', async (t) => {
  const store = await start(t);
  assert.throws(() => store.set('nodeX', ['one', '.foo'], [1, 2]), hasCode('INVALID_EXPR'));
  assert.throws(() => store.set('nodeX', ['one', 'two'], [1, () => {}]), hasCode('BAD_VALUE'));
  assert.equal(store.get('nodeX', 'one'), undefined);
  assert.deepEqual(store.keys('nodeX'), []);
});

test('a bad key or value throws, or is the error of the callback', async (t) => {
  const store = await start(t);
  store.set('nodeX', 'five', 5);
  const cases: [key: string, value: unknown, code: string][] = [
    ['.foo', 1, 'INVALID_EXPR'],
    [' ', 1, 'INVALID_EXPR'],
    ['foo', () => {}, 'BAD_VALUE'],
    ['five.property', 1, 'BAD_VALUE'],
    ['x'.repeat(2000), 1, 'BAD_KEY'],
    ['large', 'x'.repeat(1024 * 1024), 'MAX_PAYLOAD'],
  ];
  for (const [key, value, code] of cases) {
    assert.throws(() => store.set('nodeX', key, value), hasCode(code), key);
    await assert.rejects(stored(store, 'nodeX', key, value), hasCode(code), key);
  }
  const missing = undefined as unknown as string;
  for (const key of ['.foo', ' ', missing]) {
    assert.throws(() => store.get('nodeX', key), hasCode('INVALID_EXPR'));
    assert.throws(() => store.get('nodeX', ['five', key]), hasCode('INVALID_EXPR'));
    for (const keys of [key, ['five', key]]) {
      const [error, ...values] = await got(store, 'nodeX', keys);
      assert(hasCode('INVALID_EXPR')(error));
      assert.deepEqual(values, []);
    }
  }
  assert.deepEqual(store.keys('nodeX'), ['five']);
});

test('an error has a sentence, which names the value', async (t) => {
  const store = await start(t);
  assert.throws(() => store.get('global', 'a..b'), {
    name: 'INVALID_EXPR',
    message: '"a..b" is not a valid context key: use a name, or a path such as a.b[0]',
  });
});

test('a callback that is no function throws at once', async (t) => {
  const store = await start(t);
  const callback = 'callback' as unknown as () => void;
  assert.throws(() => store.get('nodeX', 'foo', callback), TypeError);
  assert.throws(() => store.set('nodeX', 'foo', 'bar', callback), TypeError);
  assert.equal(store.get('nodeX', 'foo'), undefined);
});

test('the keys of a scope are listed in order, those of global without its methods', async (t) => {
  const store = await start(t);
  assert.deepEqual(store.keys('nodeX'), []);
  store.set('nodeX', 'foo', 'bar');
  store.set('nodeX', 'abc.def', 'bar');
  store.set('nodeY', 'hoge', 'piyo');
  assert.deepEqual(store.keys('nodeX'), ['foo', 'abc']);
  assert.deepEqual(store.keys('nodeY'), ['hoge']);
  for (const key of ['foo', 'set', 'get', 'keys', '"a b".c']) store.set('global', key, 'bar');
  assert.deepEqual(store.keys('global'), ['foo', 'a b']);
  store.keys('nodeX', (error, keys) => assert.deepEqual([error, keys], [undefined, ['foo', 'abc']]));
});

test('what is read is a copy, and what was set may change afterwards', async (t) => {
  const store = await start(t);
  const value = { list: [1] };
  store.set('nodeX', 'foo', value);
  value.list.push(2);
  const read = store.get('nodeX', 'foo') as typeof value;
  read.list.push(3);
  assert.deepEqual(store.get('nodeX', 'foo'), { list: [1] });
});

test('delete removes a scope and no other', async (t) => {
  const store = await start(t);
  for (const scope of ['nodeX', 'nodeY', 'global']) store.set(scope, ['foo', 'get'], ['abc', 'def']);
  await store.delete('nodeX');
  assert.deepEqual(store.keys('nodeX'), []);
  assert.equal(store.get('nodeX', 'foo'), undefined);
  assert.equal(store.get('nodeY', 'foo'), 'abc');
  await store.delete('global');
  assert.equal(store.get('global', 'get'), undefined);
  await store.delete('unknown');
});

test('clean deletes nothing, as others may use the bucket', async (t) => {
  const store = await start(t);
  for (const scope of ['nodeX', 'nodeX:flow', 'global']) store.set(scope, 'foo', 'abc');
  await store.clean([]);
  for (const scope of ['nodeX', 'nodeX:flow', 'global']) assert.equal(store.get(scope, 'foo'), 'abc');
});

test('if the settings say so, clean deletes the contexts of flows and nodes that are gone', async (t) => {
  const store = await start(t, { clean: true });
  const nested = ['flow1-sub-sub', 'node1:flow1-sub-sub'];
  const gone = ['flow2', 'node2:flow1', 'node3:flow2', 'flow2-sub', 'node1:flow2-sub', 'node2:flow1-sub'];
  const scopes = ['flow1', 'node1:flow1', ...nested, ...gone, 'global'];
  for (const scope of scopes) store.set(scope, 'foo', 'abc');
  await store.clean(['flow1', 'node1', 'node3']);
  const left = scopes.filter((scope) => store.get(scope, 'foo') !== undefined);
  assert.deepEqual(left, ['flow1', 'node1:flow1', ...nested, 'global']);
});

test('what was stored is there after the store has been opened again', async (t) => {
  const { url } = await startJetStream(t);
  const store = await openStore(t, url);
  const value = { buffer: Buffer.from('abc'), date: new Date(5), none: undefined };
  store.set('global', '"room 1"', value);
  store.set('global', 'gone', 1);
  store.set('global', 'gone', undefined);
  store.set('node.1:flow', 'key', 'text');
  await store.close();
  await store.open();
  assert.deepEqual(store.keys('global'), ['room 1']);
  assert.deepEqual(store.get('global', '"room 1"'), value);
  assert.equal(store.get('node.1:flow', 'key'), 'text');
});

test('without a server the store opens, and says why there are no values', async (t) => {
  const server = await startNatsServer();
  await server.stop();
  const store = await openStore(t, server.url, { timeoutMs: 50 });
  assert.throws(() => store.get('global', 'foo'), hasCode('UNREACHABLE'));
  assert.throws(() => store.keys('global'), hasCode('UNREACHABLE'));
  assert(hasCode('UNREACHABLE')((await got(store, 'global', 'foo'))[0]));
  store.set('global', 'foo', 'mine');
  assert.equal(store.get('global', 'foo'), 'mine', 'a value of its own is known');
  assert.throws(() => store.set('global', 'other.property', 1), hasCode('UNREACHABLE'), 'the rest of it is not');
  await store.clean([]);
  await assert.rejects(store.delete('global'), hasCode('UNREACHABLE'));
});

test('a server without JetStream is told', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const store = await openStore(t, server.url, { timeoutMs: 1000 });
  assert.throws(() => store.get('global', 'foo'), hasCode('NO_JETSTREAM'));
});

test('a server that refuses the secret is told, and the secret is not', async (t) => {
  const server = await startNatsServer({ config: 'authorization { user: ada, password: other }' });
  t.after(() => server.stop());
  const store = await openStore(t, server.url, { timeoutMs: 1000, user: 'ada', password: 'geheim' });
  assert.throws(
    () => store.get('global', 'foo'),
    (error: StoreError) => error.code === 'AUTH' && !/ada|geheim/.test(`${error.stack}`),
  );
});

test('a callback that throws ends nothing but itself', async (t) => {
  const store = await start(t);
  const later = new Promise<void>((resolve) => {
    store.set('global', 'foo', 1, () => {
      resolve();
      throw new Error('thrown in a callback');
    });
  });
  await later;
  await stored(store, 'global', 'bar', 2);
  assert.deepEqual(store.get('global', ['foo', 'bar']), [1, 2]);
});

test('a closed store says so', async (t) => {
  const store = await start(t);
  await store.close();
  assert.throws(() => store.get('global', 'foo'), hasCode('CLOSED'));
  assert.throws(() => store.set('global', 'foo', 1), hasCode('CLOSED'));
  await store.close();
});
