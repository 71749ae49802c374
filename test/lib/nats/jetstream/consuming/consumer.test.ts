import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Consumer,
  type ConsumerConfig,
  type ConsumerInfo,
  type ConsumerSettings,
  checkConsumerName,
  checkFilters,
  checkSince,
  isAtLeast,
} from '../../../../../lib/nats/jetstream/consuming/consumer';
import { jetStreamOf } from '../../../../../lib/nats/jetstream/jetstream';
import { Stream } from '../../../../../lib/nats/jetstream/stream';
import { wantedStream } from '../../../../../lib/nats/jetstream/stream-config';
import { startNatsServer } from '../../../../../scripts/nats-server';
import { startJobs } from '../../../../support/consuming';
import { isConnected, openConnection } from '../../../../support/open-connection';
import { startPeer } from '../../../../support/peer';
import { ORDERS } from '../../../../support/stream-settings';

const SETTINGS: ConsumerSettings = {
  stream: 'JOBS',
  name: 'worker',
  isDurable: true,
  subjects: [],
  start: 'all',
  isAcknowledged: true,
};

test('a time is ISO 8601 or a duration before now', () => {
  const now = Date.parse('2026-03-10T12:00:00Z');
  const cases: [string, string][] = [
    ['24h', '2026-03-09T12:00:00.000Z'],
    [' 90m ', '2026-03-10T10:30:00.000Z'],
    ['1h30m', '2026-03-10T10:30:00.000Z'],
    ['7d', '2026-03-03T12:00:00.000Z'],
    ['0.5s', '2026-03-10T11:59:59.500Z'],
    ['2026-03-01', '2026-03-01T00:00:00.000Z'],
    ['2026-03-01T10:00:00+02:00', '2026-03-01T08:00:00.000Z'],
  ];
  for (const [text, expected] of cases) assert.equal(checkSince(text, now), expected, text);
  for (const wrong of ['', 'yesterday', '24', '24 hours', '-1h', '1h later', '2026-13-01', '7']) {
    assert.throws(() => checkSince(wrong, now), { code: 'BAD_SINCE' }, wrong);
  }
});

test('filters are separated by commas and lines', () => {
  assert.deepEqual(checkFilters('a.*, b\n\nc.>\n'), ['a.*', 'b', 'c.>']);
  assert.deepEqual(checkFilters(''), []);
  assert.throws(() => checkFilters('a, b..c'), { code: 'BAD_SUBJECT' });
});

test('a name has no dots, wildcards or spaces', () => {
  assert.equal(checkConsumerName('order-worker_1'), 'order-worker_1');
  for (const wrong of ['', 'a.b', 'a b', '*', '>', 'a/b', 'a\n']) {
    assert.throws(() => checkConsumerName(wrong), { code: 'BAD_CONSUMER' }, wrong);
  }
});

test('versions are compared by number', () => {
  assert(isAtLeast('2.10.0', '2.10') && isAtLeast('2.15.1', '2.10') && isAtLeast('3.0.0', '2.10'));
  assert(!isAtLeast('2.9.10', '2.10') && !isAtLeast('1.11.0', '2.10') && !isAtLeast(undefined, '2.10'));
});

test('a consumer is compared with its settings, field by field', () => {
  const actual: ConsumerConfig = { deliver_policy: 'all', ack_policy: 'explicit', max_deliver: -1, ack_wait: 3e10 };
  const compare = (config: Partial<ConsumerConfig>, settings: Partial<ConsumerSettings> = {}) => {
    const consumer = new Consumer({ ...SETTINGS, ...settings }, undefined as never);
    consumer.info = { config: { ...actual, ...config } } as ConsumerInfo;
    return consumer.compare()?.values.field;
  };
  assert.equal(compare({}), undefined);
  assert.equal(compare({ filter_subject: '>' }), undefined);
  assert.equal(compare({ filter_subjects: ['b', 'a'] }, { subjects: ['a', 'b'] }), undefined);
  assert.equal(compare({ deliver_policy: 'by_start_time' }, { start: 'since', since: '2026-01-01' }), undefined);
  assert.equal(compare({ ack_wait: 5e9 }), undefined);
  assert.equal(compare({ filter_subject: 'a' }), 'filter_subject');
  assert.equal(compare({ filter_subjects: ['a', 'c'] }, { subjects: ['a', 'b'] }), 'filter_subjects');
  assert.equal(compare({ deliver_policy: 'new' }), 'deliver_policy');
  assert.equal(compare({ max_deliver: 3 }), 'max_deliver');
  // These would lose messages, or send none.
  for (const config of [{ ack_policy: 'none' }, { ack_policy: 'all' }, { deliver_subject: 'x' }]) {
    assert.throws(() => compare(config), { code: 'CONSUMER_DIFFERS' }, JSON.stringify(config));
  }
});

test('the ack wait is the shortest that the consumer has', () => {
  const consumer = new Consumer(SETTINGS, undefined as never);
  assert.equal(consumer.ackWaitMs, 30_000);
  const config = { deliver_policy: 'all', ack_policy: 'explicit', ack_wait: 5e9 };
  consumer.info = { config } as ConsumerInfo;
  assert.equal(consumer.ackWaitMs, 5000);
  consumer.info = { config: { ...config, backoff: [2e9, 9e9] } } as ConsumerInfo;
  assert.equal(consumer.ackWaitMs, 2000);
});

test('a consumer is made where its settings say', async (t) => {
  const { connection, api, store } = await startJobs(t);
  await store('a', 'b', 'a');
  const { version } = connection.server ?? {};
  const make = async (settings: Partial<ConsumerSettings>, first?: number) => {
    const consumer = new Consumer({ ...SETTINGS, ...settings }, jetStreamOf(connection).api());
    await consumer.make(version, first);
    return await api(`CONSUMER.INFO.JOBS.${consumer.name}`);
  };
  const all = await make({ name: 'all' });
  assert.equal(all.config.durable_name, 'all');
  assert.equal(all.config.max_deliver, -1);
  assert.equal(all.num_pending, 3);
  assert.equal((await make({ name: 'new', start: 'new' })).num_pending, 0);
  assert.equal((await make({ name: 'last', start: 'last' })).num_pending, 2);
  assert.equal((await make({ name: 'since', start: 'since', since: checkSince('1h') })).num_pending, 3);
  assert.equal((await make({ name: 'later' }, 3)).num_pending, 1);
  assert.equal((await make({ name: 'filtered', subjects: ['jobs.b'] })).num_pending, 1);
  const own = await make({ name: 'own', isDurable: false });
  assert.equal(own.config.durable_name, undefined);
  assert.equal(own.config.inactive_threshold, 3e11);
  const ordered = await make({ name: 'ordered', isDurable: false, isAcknowledged: false });
  assert.equal(ordered.config.ack_policy, 'none');
});

test('several filters need a server that knows them', async (t) => {
  const { connection, api, store } = await startJobs(t);
  await store('a', 'b', 'c');
  const { version } = connection.server ?? {};
  const consumer = new Consumer({ ...SETTINGS, subjects: ['jobs.a', 'jobs.c'] }, jetStreamOf(connection).api());
  if (isAtLeast(version, '2.10')) {
    await consumer.make(version);
    assert.equal((await api('CONSUMER.INFO.JOBS.worker')).num_pending, 2);
  } else {
    await assert.rejects(consumer.make(version), { code: 'NEEDS_SERVER' });
    assert.equal((await api('CONSUMER.NAMES.JOBS')).total, 0);
  }
});

test('an answer that says nothing about a stream or a consumer means that it is being deleted', async (t) => {
  const server = await startNatsServer();
  t.after(() => server.stop());
  const peer = await startPeer(t, server.url);
  await peer.answer('$JS.API.>', (msg) => msg.respond('{"type":"io.nats.jetstream.api.v1.consumer_info_response"}'));
  const { connection, until } = openConnection(t, server.url);
  await until(isConnected);
  const api = jetStreamOf(connection).api();
  const consumer = new Consumer(SETTINGS, api);
  await assert.rejects(consumer.find(), { code: 'NO_CONSUMER' });
  await assert.rejects(consumer.make('2.9.10'), { code: 'NO_CONSUMER' });
  const { config } = wantedStream(ORDERS);
  await assert.rejects(new Stream({ config, create: false }, api).ensure(), { code: 'NO_STREAM' });
});
