import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { CodedError } from '../../../../lib/coded-error';
import { jetStreamOf } from '../../../../lib/nats/jetstream/jetstream';
import { Stream } from '../../../../lib/nats/jetstream/stream';
import { type StreamSettings, wantedStream } from '../../../../lib/nats/jetstream/stream-config';
import { startJetStream } from '../../../support/jetstream-server';
import { isConnected, openConnection } from '../../../support/open-connection';
import { startPeer } from '../../../support/peer';
import { ORDERS } from '../../../support/stream-settings';

/** A connection to a server without streams. */
async function start(t: TestContext) {
  const server = await startJetStream(t);
  const { connection, until } = openConnection(t, server.url);
  await until(isConnected);
  const api = jetStreamOf(connection).api();
  return {
    api,
    server,
    ensure: (settings: Partial<StreamSettings> = {}) =>
      new Stream(wantedStream({ ...ORDERS, ...settings }), api).ensure(),
  };
}

test('a stream is made as its settings say, and is then as they say', async (t) => {
  const { ensure } = await start(t);
  const settings: Partial<StreamSettings> = {
    subjects: ['b', 'a.>'],
    retention: 'workqueue',
    storage: 'memory',
    maxAgeMs: 90_000,
    maxBytes: 1_000_000,
    maxMessages: 1000,
    discard: 'old',
    duplicateWindowMs: 30_000,
  };
  const { info, differs } = await ensure(settings);
  assert.equal(differs, undefined);
  const { config } = info ?? assert.fail('no info');
  assert.deepEqual(config.subjects, ['b', 'a.>']);
  assert.deepEqual(
    [config.retention, config.storage, config.max_age, config.max_bytes, config.max_msgs, config.discard],
    ['workqueue', 'memory', 90e9, 1_000_000, 1000, 'old'],
  );
  assert.equal(config.duplicate_window, 30e9);
  assert.equal((await ensure({ ...settings, subjects: ['a.>', 'b'] })).differs, undefined, 'the order does not matter');
  assert.equal((await ensure({ ...settings, subjects: [] })).differs, undefined, 'those that it has');
});

test('ids are known no longer than the messages are kept, which the server insists on', async (t) => {
  const { ensure } = await start(t);
  for (const _ of ['made', 'found']) {
    const { info, differs } = await ensure({ maxAgeMs: 1000 });
    assert.equal(info?.config.duplicate_window, 1e9);
    assert.equal(differs, undefined);
  }
});

test('a stream that differs can be used, and the first field that differs is named in the units of the dialog', async (t) => {
  const { ensure } = await start(t);
  await ensure();
  const different: [Partial<StreamSettings>, field: string, actual: string, expected: string][] = [
    [{ subjects: ['orders.new', 'orders.old'] }, 'subjects', '"orders.>"', '"orders.new, orders.old"'],
    [{ retention: 'interest' }, 'retention', '"limits"', '"interest"'],
    [{ storage: 'memory' }, 'storage', '"file"', '"memory"'],
    [{ replicas: 3 }, 'replicas', '1', '3'],
    [{ maxAgeMs: 3_600_000 }, 'maxAgeS', '0', '3600'],
    [{ maxBytes: 5000 }, 'maxBytes', '0', '5000'],
    [{ maxMessages: 5 }, 'maxMessages', '0', '5'],
    [{ discard: 'old' }, 'discard', '"new"', '"old"'],
    [{ duplicateWindowMs: 500 }, 'duplicateWindowS', '120', '0.5'],
  ];
  for (const [settings, field, actual, expected] of different) {
    const { differs } = await ensure(settings);
    assert.equal(differs?.code, 'STREAM_DIFFERS', field);
    assert.deepEqual(differs?.values, { stream: 'ORDERS', field, actual, expected });
  }
});

test('a missing stream is not made where that is turned off', async (t) => {
  const { ensure } = await start(t);
  await assert.rejects(ensure({ create: false }), { code: 'NO_STREAM' });
});

test('of two that make it in different ways at the same time, one finds that it differs', async (t) => {
  const { ensure } = await start(t);
  const states = await Promise.all([ensure(), ensure({ subjects: ['others'] })]);
  assert.equal(states.filter(({ differs }) => differs?.values.field === 'subjects').length, 1);
});

test('a stream that is deleted and made again keeps what it then stores', async (t) => {
  const { api, server } = await start(t);
  const { connection, until } = openConnection(t, server.url);
  await until(isConnected);
  const stream = new Stream(wantedStream(ORDERS), jetStreamOf(connection).api());
  await stream.ensure();
  const { nc } = await startPeer(t, server.url);
  for (const round of [1, 2, 3]) {
    for (let count = 0; count < 500; count++) nc.publish('orders.old', 'x'.repeat(500));
    await nc.request('orders.old');
    const { created } = stream.info ?? {};
    const deleted = api.request('STREAM.DELETE.ORDERS');
    // Until it is another one: at once, as a node that hears of it.
    while ((await stream.ensure()).info?.created === created);
    await nc.request('orders.new', 'kept');
    await deleted;
    const kept = await api.request<{ message: { data: string } }>('STREAM.MSG.GET.ORDERS', { seq: 1 });
    assert.equal(Buffer.from(kept.message.data, 'base64').toString(), 'kept', `round ${round}`);
  }
});

test('what the server refuses is its own error', async (t) => {
  const { ensure } = await start(t);
  await ensure();
  await assert.rejects(ensure({ name: 'OTHER', subjects: ['orders.>'] }), (error) => {
    assert(error instanceof CodedError);
    assert.equal(error.code, 'SERVER');
    assert.match(String(error.values.reason), /overlap/);
    return true;
  });
});
