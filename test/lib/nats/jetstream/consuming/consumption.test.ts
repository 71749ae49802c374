import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { CodedError } from '../../../../../lib/coded-error';
import { poll } from '../../../../../scripts/monitoring';
import { consume, judge, startJobs, texts } from '../../../../support/consuming';
import { block } from '../../../../support/event-loop';
import { consumersLeft } from '../../../../support/jetstream-server';
import { networkBefore } from '../../../../support/network-before';
import { isConnected, openConnection } from '../../../../support/open-connection';

const numbers = (count: number, from = 1) => Array.from({ length: count }, (_, index) => String(from + index));

/** The consumer of a test's own that the server has. */
async function ownConsumer(api: (subject: string) => Promise<{ consumers: string[] | null }>): Promise<string> {
  for (;;) {
    const [name] = (await api('CONSUMER.NAMES.JOBS')).consumers ?? [];
    if (name) return name;
    await delay(10);
  }
}

test('no more messages than allowed are in the flow, and each verdict makes room for another', async (t) => {
  const { connection, api, store } = await startJobs(t);
  await store(...numbers(10));
  const consuming = consume(t, connection, { atOnce: 3, durable: 'worker' });
  const first = [await consuming.entered.take(), await consuming.entered.take(), await consuming.entered.take()];
  assert.deepEqual(
    first.map(({ text }) => text),
    ['1', '2', '3'],
  );
  assert.equal(first[0]?.delivery.pending, 9);
  const { num_ack_pending, num_pending } = await api('CONSUMER.INFO.JOBS.worker');
  assert.deepEqual([num_ack_pending, num_pending, consuming.entered.size], [3, 7, 0]);
  for (let count = 3; count < 10; count++) {
    await judge(connection, first.shift()?.ack ?? '');
    const next = await consuming.entered.take();
    assert.equal(next.text, String(count + 1));
    first.push(next);
    assert.equal(consuming.consumption.count, 3);
  }
  for (const { ack } of first) await judge(connection, ack);
  assert.equal((await api('CONSUMER.INFO.JOBS.worker')).num_ack_pending, 0);
  await store('later');
  assert.equal((await consuming.entered.take()).text, 'later');
});

test('the first verdict counts, and the same again changes nothing', async (t) => {
  const { connection, api, store } = await startJobs(t);
  await store('a', 'b');
  const { entered } = consume(t, connection, { durable: 'worker' });
  const a = await entered.take();
  const b = await entered.take();
  await Promise.all([judge(connection, a.ack), judge(connection, a.ack)]);
  await judge(connection, a.ack);
  await assert.rejects(judge(connection, a.ack, 'again'), (error: CodedError) => {
    assert.deepEqual([error.text, error.values], ['ALREADY_ACKED', { stream: 'JOBS', sequence: 1, verdict: 'done' }]);
    return true;
  });
  const both = await Promise.allSettled([judge(connection, b.ack, 'again', 60_000), judge(connection, b.ack)]);
  assert.deepEqual(
    both.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
  assert.equal((await api('CONSUMER.INFO.JOBS.worker')).num_ack_pending, 1);
});

test('the first verdict counts although another server has a consumer of the same name', async (t) => {
  const one = await startJobs(t);
  const other = await startJobs(t);
  const ended = [];
  for (const { connection, store } of [one, other]) {
    await store('a');
    const { ack } = await consume(t, connection, { durable: 'worker' }).entered.take();
    await judge(connection, ack, 'again', 60_000);
    ended.push({ connection, ack });
  }
  for (const { connection, ack } of ended) await assert.rejects(judge(connection, ack), { code: 'ALREADY_ACKED' });
});

test('a message in the flow and the same one of a consumer that is made again each get their verdict', async (t) => {
  const { connection, api, store } = await startJobs(t);
  await store('a');
  const former = consume(t, connection, { durable: 'worker', atOnce: 1 });
  const first = await former.entered.take();
  await api('CONSUMER.DELETE.JOBS.worker');
  await store('b');
  const consuming = consume(t, connection, { durable: 'worker', atOnce: 1 });
  const second = await consuming.entered.take();
  assert.deepEqual([second.text, second.delivery.consumerSequence], ['a', 1]);
  await Promise.all([judge(connection, first.ack), judge(connection, second.ack)]);
  const next = await Promise.race([former.entered.take(), consuming.entered.take()]);
  await judge(connection, next.ack);
  assert.deepEqual([next.text, former.consumption.count, consuming.consumption.count], ['b', 0, 0]);
});

test('a message that the server delivers again while it is in the flow does not enter it twice', async (t) => {
  const { connection, api, store, peer } = await startJobs(t);
  await store('a', 'b');
  const { entered } = consume(t, connection, { durable: 'worker' });
  const [a] = [await entered.take(), await entered.take()];
  peer.nc.publish(a.ack, '-NAK');
  await store('c');
  assert.equal((await entered.take()).text, 'c');
  while ((await api('CONSUMER.INFO.JOBS.worker')).num_redelivered !== 1);
  assert.equal(entered.size, 0);
  await judge(connection, a.ack);
  assert.equal((await api('CONSUMER.INFO.JOBS.worker')).num_ack_pending, 2);
});

test('a message that is to come again does so after the delay, and is counted', async (t) => {
  const { connection, store } = await startJobs(t);
  await store('a');
  const { entered } = consume(t, connection);
  const first = await entered.take();
  assert.equal(first.delivery.delivered, 1);
  let at = performance.now();
  await judge(connection, first.ack, 'again', 50);
  const second = await entered.take();
  assert.equal(second.delivery.delivered, 2);
  assert(performance.now() - at < 900);
  at = performance.now();
  await judge(connection, second.ack, 'again');
  const third = await entered.take();
  assert.equal(third.delivery.delivered, 3);
  // 2 s for the second time.
  assert(performance.now() - at > 1800);
});

test('a message that enters the flow too often is stored elsewhere, with the reason', async (t) => {
  const { connection, store, peer, api } = await startJobs(t);
  await api('STREAM.CREATE.DEAD', { name: 'DEAD', subjects: ['dead'], storage: 'memory', retention: 'limits' });
  const dead = await peer.subscribe('dead');
  await store('bad');
  const { entered } = consume(t, connection, { durable: 'worker', giveUpAfter: 2, giveUpTo: 'dead' });
  await judge(connection, (await entered.take()).ack, 'again', 10);
  await judge(connection, (await entered.take()).ack, 'again', 10);
  const letter = await dead.take();
  assert.equal(letter.string(), 'bad');
  const header = (name: string) => letter.headers?.get(`Nats-Gave-Up-${name}`);
  assert.deepEqual(['Stream', 'Sequence', 'Subject', 'Delivered', 'Reason'].map(header), [
    'JOBS',
    '1',
    'jobs.bad',
    '2',
    'entered 2 times',
  ]);
  while ((await api('CONSUMER.INFO.JOBS.worker')).num_ack_pending > 0);
  assert.equal((await api('STREAM.INFO.DEAD')).state.messages, 1);
  assert.equal(entered.size, 0);
});

test('a message that is given up goes to whoever takes it', async (t) => {
  const { connection, store, api } = await startJobs(t);
  await store('bad');
  const { entered, gaveUp } = consume(t, connection, { durable: 'worker' });
  await judge(connection, (await entered.take()).ack, 'giveUp');
  const { text, consumed } = await gaveUp.take();
  assert.deepEqual([text, consumed.delivery.sequence], ['bad', 1]);
  assert.equal((await api('CONSUMER.INFO.JOBS.worker')).num_ack_pending, 0);
});

test('a message that comes from the subject for those given up is not stored there again', async (t) => {
  const { connection, store, api } = await startJobs(t);
  await store('bad');
  const { entered, gaveUp } = consume(t, connection, { durable: 'worker', giveUpTo: 'jobs.dead' });
  await judge(connection, (await entered.take()).ack, 'giveUp');
  const copy = await entered.take();
  assert.equal(copy.subject, 'jobs.dead');
  await judge(connection, copy.ack, 'giveUp');
  assert.equal((await gaveUp.take()).consumed.delivery.sequence, 2);
  assert.equal((await api('STREAM.INFO.JOBS')).state.messages, 2);
});

test('a message that is too large to be stored with the reason goes to whoever takes it', async (t) => {
  const { connection, peer } = await startJobs(t, { config: 'max_payload: 1024' });
  await peer.nc.request('jobs.bad', 'x'.repeat(1024));
  const { entered, gaveUp } = consume(t, connection, { durable: 'worker', giveUpTo: 'jobs.dead' });
  await judge(connection, (await entered.take()).ack, 'giveUp');
  assert.equal((await gaveUp.take()).text.length, 1024);
});

test('a message that cannot be given up is not lost', async (t) => {
  const { connection, store, api } = await startJobs(t);
  await store('bad', 'worse');
  const untaken = consume(t, connection, { durable: 'worker', subjects: ['jobs.bad'] }, { isTaken: () => false });
  await judge(connection, (await untaken.entered.take()).ack, 'giveUp');
  assert.equal((await untaken.gaveUp.take()).text, 'bad');
  const nowhere = consume(t, connection, { durable: 'other', subjects: ['jobs.worse'], giveUpTo: 'nowhere' });
  await assert.rejects(judge(connection, (await nowhere.entered.take()).ack, 'giveUp'), { code: 'NO_STREAM' });
  for (const name of ['worker', 'other']) {
    assert.equal((await api(`CONSUMER.INFO.JOBS.${name}`)).num_ack_pending, 1, name);
  }
});

/** A durable whose ack wait is short. */
const ACK_WAIT_MS = 1000;
const IMPATIENT = {
  stream_name: 'JOBS',
  config: {
    durable_name: 'worker',
    name: 'worker',
    ack_policy: 'explicit',
    deliver_policy: 'all',
    ack_wait: 1e6 * ACK_WAIT_MS,
  },
};

test('the server knows that a message is being worked on', async (t) => {
  const { connection, store, api } = await startJobs(t);
  await api('CONSUMER.CREATE.JOBS.worker', IMPATIENT);
  await store('a');
  const { entered } = consume(t, connection, { durable: 'worker' });
  const { ack } = await entered.take();
  await delay(3000);
  const { num_redelivered, num_ack_pending } = await api('CONSUMER.INFO.JOBS.worker');
  assert.deepEqual([num_redelivered, num_ack_pending], [0, 1]);
  await judge(connection, ack);
});

test('a message that takes too long comes again, and a late verdict is an error', async (t) => {
  const { connection, store } = await startJobs(t);
  await store('a');
  const { entered, timeouts } = consume(t, connection, { mayTakeMs: 1000 });
  const at = performance.now();
  const { ack } = await entered.take();
  const consumed = await timeouts.take();
  const ms = performance.now() - at;
  assert(ms > 900 && ms < 2000, `${ms} ms`);
  assert.equal(consumed.delivery.sequence, 1);
  await assert.rejects(judge(connection, ack), (error: CodedError) => error.text === 'ALREADY_ACKED-late');
  const again = await entered.take();
  assert.equal(again.delivery.delivered, 2);
  await judge(connection, again.ack);
});

for (const durable of ['worker', undefined]) {
  const kind = durable ? 'a durable' : 'an own';
  test(`nothing enters the flow twice or not at all when the server is killed, with ${kind} consumer`, async (t) => {
    const { server, connection, until, store } = await startJobs(t);
    await store(...numbers(300));
    const { entered } = consume(t, connection, { durable, atOnce: 10 });
    const got: string[] = [];
    let kills = 0;
    while (got.length < 300) {
      const { text, ack } = await entered.take();
      got.push(text);
      void judge(connection, ack).catch(() => {});
      if (got.length % 90 === 0) {
        kills++;
        await server.kill();
        await until(({ name }) => name === 'disconnected');
        await server.restart();
        await until(isConnected);
      }
    }
    assert.equal(kills, 3);
    assert.deepEqual(got, numbers(300));
    await judge(connection, '$JS.ACK.JOBS.worker.1.1.1.1.1').catch(() => {});
    assert.equal(entered.size, 0);
  });
}

test('a network that swallows everything neither loses messages nor doubles them', async (t) => {
  const { proxy, network } = networkBefore(t);
  const { connection, until, store, api } = await startJobs(t, {
    proxy,
    settings: { pingIntervalMs: 200, maxPingOut: 2 },
  });
  await api('CONSUMER.CREATE.JOBS.worker', IMPATIENT);
  await store(...numbers(60));
  const { entered } = consume(t, connection, { durable: 'worker', atOnce: 5 });
  const got: string[] = [];
  while (got.length < 60) {
    const { text, ack } = await entered.take();
    got.push(text);
    void judge(connection, ack).catch(() => {});
    if (got.length % 25 === 0) {
      network().swallow();
      await until(({ name }) => name === 'disconnected');
      network().heal('drop');
    }
  }
  // Those that were on their way come later.
  assert.deepEqual(
    got.sort((a, b) => Number(a) - Number(b)),
    numbers(60),
  );
});

/** An own consumer that has consumed `1`, behind what `proxy` puts before the server. */
async function startOwn(t: TestContext, proxy: (url: string) => Promise<string>) {
  const { connection, until, store, api, peer } = await startJobs(t, {
    proxy,
    settings: { pingIntervalMs: 200, maxPingOut: 2 },
  });
  const { entered } = consume(t, connection);
  const done = async () => {
    const { text, ack } = await entered.take();
    await judge(connection, ack);
    return text;
  };
  await store('1');
  assert.equal(await done(), '1');
  const consumer = await ownConsumer(api);
  return {
    until,
    store,
    /** Resolves with the text of the next message, which is done. */
    done,
    /** Waits until the server counts so many pulls, or messages without a verdict, of the consumer. */
    counts: async (field: 'num_waiting' | 'num_ack_pending', count: number) => {
      const info = await poll(
        () => api(`CONSUMER.INFO.JOBS.${consumer}`),
        (now) => now[field] === count,
      );
      assert.equal(info[field], count);
    },
    /** Lets the server send a message again now instead of after the ack wait. */
    again: (sequence: number) => peer.nc.publish(`$JS.ACK.JOBS.${consumer}.1.${sequence}.${sequence}.1.0`, '-NAK'),
  };
}

/** An own consumer whose network has swallowed `2` and `3`, the next messages that it was sent. */
async function startWithLost(t: TestContext) {
  const { proxy, network } = networkBefore(t);
  const own = await startOwn(t, proxy);
  const { until, store, counts } = own;
  network().swallow();
  await store('2', '3');
  await counts('num_ack_pending', 2);
  return {
    ...own,
    swallow: () => network().swallow(),
    reconnect: async () => {
      await until(({ name }) => name === 'disconnected');
      network().heal('drop');
      await until(isConnected);
      await counts('num_waiting', 1);
    },
  };
}

test('what a network swallowed on its way to an own consumer comes after further outages', async (t) => {
  const { store, done, swallow, reconnect, again } = await startWithLost(t);
  for (const later of ['4', '5']) {
    await reconnect();
    await store(later);
    assert.equal(await done(), later);
    swallow();
  }
  await reconnect();
  again(2);
  again(3);
  assert.deepEqual([await done(), await done()].sort(), ['2', '3']);
});

test('what a network swallowed comes after an outage that began when some of it had come again', async (t) => {
  const { store, done, swallow, reconnect, again } = await startWithLost(t);
  await reconnect();
  again(2);
  assert.equal(await done(), '2');
  await store('4');
  assert.equal(await done(), '4');
  swallow();
  await reconnect();
  again(3);
  assert.equal(await done(), '3');
});

test('what was sent for a pull of a connection that is gone comes after a further outage', async (t) => {
  const [first, second] = [networkBefore(t), networkBefore(t)];
  const { until, store, done, counts, again } = await startOwn(t, async (url) => {
    const urls = await Promise.all([first.proxy(url), second.proxy(url)]);
    second.network().refuse();
    return urls.join();
  });
  second.network().heal('drop');
  // The server does not notice that this connection is gone, and sends every other message over it.
  first.network().swallow();
  await until(isConnected);
  await counts('num_waiting', 2);
  await store('2', '3', '4', '5');
  const others = [await done(), await done()];
  await counts('num_ack_pending', 2);
  second.network().swallow();
  await until(({ name }) => name === 'disconnected');
  first.network().heal('drop');
  second.network().heal('drop');
  await until(isConnected);
  await counts('num_waiting', 1);
  const lost = ['2', '3', '4', '5'].filter((text) => !others.includes(text));
  for (const text of lost) again(Number(text));
  assert.deepEqual([await done(), await done()].sort(), lost);
});

test('an own consumer that is deleted is made again where it was', async (t) => {
  const { connection, api, store } = await startJobs(t);
  await store(...numbers(5));
  const consuming = consume(t, connection, { atOnce: 4 });
  const [one, two, three, four] = await Promise.all(numbers(4).map(() => consuming.entered.take()));
  await judge(connection, two?.ack ?? '');
  await judge(connection, three?.ack ?? '', 'again', 10);
  const name = await ownConsumer(api);
  const before = await texts(consuming, 2);
  assert.deepEqual(before.sort(), ['3', '5']);
  await store('6');
  await api(`CONSUMER.DELETE.JOBS.${name}`);
  // As long as there is no room, only the verdict shows it.
  await judge(connection, one?.ack ?? '');
  await consuming.trouble('NO_CONSUMER');
  await consuming.recovered();
  assert.equal((await consuming.entered.take()).text, '6');
  // 3, 4, 5 and 6 are still in the flow, and 1 and 2 are done.
  await judge(connection, four?.ack ?? '');
  await store('7');
  assert.equal((await consuming.entered.take()).text, '7');
  assert.deepEqual([await ownConsumer(api), consuming.entered.size], [name, 0]);
});

test('an own consumer is made again only when the server has done with the one that was deleted', async (t) => {
  const { connection, api, store } = await startJobs(t);
  const consuming = consume(t, connection);
  for (const text of ['1', '2', '3', '4', '5']) {
    await store(text);
    const { ack } = await consuming.entered.take();
    await judge(connection, ack);
    const { error } = await api(`CONSUMER.DELETE.JOBS.${await ownConsumer(api)}`);
    assert.equal(error, undefined);
  }
});

test('an own consumer that was made again is as the node says', async (t) => {
  const { connection, api, store } = await startJobs(t);
  const consuming = consume(t, connection);
  for (const text of ['1', '2']) {
    await store(text);
    const { ack } = await consuming.entered.take();
    await judge(connection, ack);
  }
  await api(`CONSUMER.DELETE.JOBS.${await ownConsumer(api)}`);
  await store('3');
  assert.equal((await consuming.entered.take()).text, '3');
  assert.equal(consuming.differs.size, 0);
});

test('a durable consumer that is deleted is not made again, but used as soon as it is there', async (t) => {
  const { connection, api, store } = await startJobs(t);
  await store('a');
  const consuming = consume(t, connection, { durable: 'worker' });
  const { ack } = await consuming.entered.take();
  await consuming.recovered();
  await api('CONSUMER.DELETE.JOBS.worker');
  const trouble = await consuming.trouble('NO_CONSUMER');
  assert.deepEqual(trouble.values, { stream: 'JOBS', consumer: 'worker' });
  await assert.rejects(judge(connection, ack), { code: 'NO_CONSUMER' });
  assert.equal((await api('CONSUMER.NAMES.JOBS')).total, 0);
  await api('CONSUMER.CREATE.JOBS.worker', { ...IMPATIENT, config: { ...IMPATIENT.config, deliver_policy: 'new' } });
  await store('b');
  await consuming.recovered();
  assert.equal((await consuming.entered.take()).text, 'b');
});

for (const durable of ['worker', undefined]) {
  const kind = durable ? 'a durable' : 'an own';
  test(`a stream that is deleted and made anew is consumed from its beginning, with ${kind} consumer`, async (t) => {
    const { connection, api, store } = await startJobs(t);
    await store('a', 'b');
    const consuming = consume(t, connection, { durable, start: 'new' }, { stream: { create: false } });
    await consuming.recovered();
    await store('c', 'd');
    const [c, d] = [await consuming.entered.take(), await consuming.entered.take()];
    await judge(connection, c.ack);
    await api('STREAM.DELETE.JOBS');
    await consuming.trouble('NO_STREAM');
    await api('STREAM.CREATE.JOBS', { name: 'JOBS', subjects: ['jobs.>'], storage: 'file', retention: 'limits' });
    await store('1', '2', '3', '4', '5');
    assert.deepEqual(await texts(consuming, 5), numbers(5));
    // Its sequence is that of another message now.
    await assert.rejects(judge(connection, d.ack), (error: CodedError) => error.text === 'NO_STREAM-deleted');
    const [name] = (await api('CONSUMER.NAMES.JOBS')).consumers;
    assert.equal((await api(`CONSUMER.INFO.JOBS.${name}`)).num_ack_pending, 5);
  });
}

test('messages are read in order without acknowledgement, over outages and a deleted consumer', async (t) => {
  const { server, connection, until, store, api } = await startJobs(t);
  await store(...numbers(100));
  const consuming = consume(t, connection, { ack: 'none', atOnce: 7 });
  const got = await texts(consuming, 100);
  await api(`CONSUMER.DELETE.JOBS.${await ownConsumer(api)}`);
  await store(...numbers(100, 101));
  got.push(...(await texts(consuming, 100)));
  await server.kill();
  await until(({ name }) => name === 'disconnected');
  await server.restart();
  await store(...numbers(100, 201));
  got.push(...(await texts(consuming, 100)));
  assert.deepEqual(got, numbers(300));
  await consuming.close();
  assert.equal(await consumersLeft(api, 'JOBS'), 0);
});

test('a reading says once when it has read all that was there', async (t) => {
  const { connection, server, until, store } = await startJobs(t);
  const empty = consume(t, connection, { ack: 'none' });
  assert.equal(await empty.caughtUp.take(), 0);
  await store(...numbers(30));
  const { caughtUp, entered } = consume(t, connection, { ack: 'none', atOnce: 7 });
  assert.equal(await caughtUp.take(), 30);
  await server.kill();
  await until(({ name }) => name === 'disconnected');
  await server.restart();
  await store('31');
  while ((await entered.take()).text !== '31');
  assert.deepEqual([caughtUp.size, empty.caughtUp.size], [0, 0]);
});

test('a reading of the last messages that is interrupted goes on with the last ones', async (t) => {
  const { connection, api, store } = await startJobs(t);
  await store(...numbers(100), ...numbers(100));
  const { entered, caughtUp } = consume(t, connection, { ack: 'none', start: 'last', atOnce: 1 });
  const first: string[] = [];
  while (first.length < 20) first.push((await entered.take()).text);
  await api(`CONSUMER.DELETE.JOBS.${await ownConsumer(api)}`);
  assert.equal(await caughtUp.take(), 100);
  while (first.length < 100) first.push((await entered.take()).text);
  assert.deepEqual(first, numbers(100));
  assert.equal(entered.size, 0);
  await store('101');
  assert.equal((await entered.take()).text, '101');
});

test('all of a stream is new to what has waited for it', async (t) => {
  const { connection, api, peer } = await startJobs(t);
  for (const ack of ['none', 'sent'] as const) {
    const settings = { name: ack.toUpperCase(), subjects: [`${ack}.>`], create: false };
    const consuming = consume(t, connection, { ack, start: 'new' }, { stream: settings });
    await consuming.trouble('NO_STREAM');
    const config = { name: settings.name, subjects: settings.subjects, storage: 'memory', retention: 'limits' };
    await api(`STREAM.CREATE.${settings.name}`, config);
    for (const name of ['a', 'b']) await peer.nc.request(`${ack}.${name}`, name);
    assert.deepEqual(await texts(consuming, 2), ['a', 'b'], ack);
  }
});

test('messages are read without their data', async (t) => {
  const { connection, store } = await startJobs(t);
  await store('a', 'b');
  const { entered } = consume(t, connection, { ack: 'none', headersOnly: true });
  const both = [await entered.take(), await entered.take()];
  assert.deepEqual(
    both.map(({ subject, text }) => [subject, text]),
    [
      ['jobs.a', ''],
      ['jobs.b', ''],
    ],
  );
});

test('messages are done when they have been sent into the flow', async (t) => {
  const { connection, store, api } = await startJobs(t);
  await store(...numbers(50));
  const consuming = consume(t, connection, { ack: 'sent', atOnce: 5, durable: 'worker' });
  assert.deepEqual(await texts(consuming, 50), numbers(50));
  while ((await api('CONSUMER.INFO.JOBS.worker')).ack_floor.stream_seq < 50);
});

test('the members of a durable consumer divide the work, and take over what a dead one has left', async (t) => {
  const { server, connection, store, api } = await startJobs(t);
  await api('CONSUMER.CREATE.JOBS.worker', IMPATIENT);
  const other = openConnection(t, server.url);
  await other.until(isConnected);
  const dying = consume(t, other.connection, { durable: 'worker', atOnce: 5 });
  await dying.recovered();
  const left = store(...numbers(20));
  const held = await texts(dying, 5);
  const living = consume(t, connection, { durable: 'worker', atOnce: 5 });
  await other.connection.close();
  const got = new Set<string>();
  while (got.size < 20) {
    const { text, ack } = await living.entered.take();
    got.add(text);
    await judge(connection, ack);
  }
  await left;
  assert(held.every((text) => got.has(text)));
  assert.equal((await api('CONSUMER.INFO.JOBS.worker')).num_ack_pending, 0);
});

test('a consumption that ends takes verdicts and hands the other messages back', async (t) => {
  const { connection, store, api } = await startJobs(t);
  await store('a', 'b');
  const { entered, close } = consume(t, connection, { durable: 'worker' });
  const [a, b] = [await entered.take(), await entered.take()];
  const closed = close(false);
  await judge(connection, a.ack);
  await store('c');
  await delay(100);
  assert.equal(entered.size, 0);
  await judge(connection, b.ack);
  await closed;
  const { num_ack_pending, num_waiting, ack_floor } = await api('CONSUMER.INFO.JOBS.worker');
  assert.deepEqual([num_ack_pending, num_waiting, ack_floor.stream_seq], [0, 0, 2]);
});

test('a consumption that is cut off hands its messages back at once', async (t) => {
  const { connection, store } = await startJobs(t);
  await store('a', 'b');
  const first = consume(t, connection, { durable: 'worker' });
  const [a] = [await first.entered.take(), await first.entered.take()];
  const at = performance.now();
  await first.close(true);
  const second = consume(t, connection, { durable: 'worker' });
  assert.deepEqual((await texts(second, 2)).sort(), ['a', 'b']);
  assert(performance.now() - at < 1500);
  await assert.rejects(judge(connection, a.ack), (error: CodedError) => error.text === 'ALREADY_ACKED-closed');
});

test('a message that comes again before its verdict is confirmed enters the flow at once', async (t) => {
  const { connection, store } = await startJobs(t);
  const names = Array.from({ length: 60 }, (_, number) => `job${number}`);
  await store(...names);
  const { entered, gaveUp } = consume(t, connection, { atOnce: 100, giveUpAfter: 1 });
  const all = [];
  while (all.length < names.length) all.push(await entered.take());
  const startedAt = performance.now();
  await Promise.all(all.map(({ ack }) => judge(connection, ack, 'again')));
  const texts = [];
  while (texts.length < names.length) texts.push((await gaveUp.take()).text);
  assert.deepEqual(texts.sort(), names.sort());
  // A message that is taken for one in the flow comes after the ack wait, 30 s.
  assert(performance.now() - startedAt < 15_000);
});

test('a verdict keeps its delay, though the message comes again before the server has it', async (t) => {
  const { connection, api, store } = await startJobs(t);
  await api('CONSUMER.CREATE.JOBS.worker', IMPATIENT);
  await store('a');
  const { entered } = consume(t, connection, { durable: 'worker' });
  const { ack } = await entered.take();
  // The server delivers it again meanwhile.
  block(2 * ACK_WAIT_MS);
  const judgedAt = performance.now();
  await judge(connection, ack, 'again', 3 * ACK_WAIT_MS);
  await entered.take();
  assert(performance.now() - judgedAt > 2.5 * ACK_WAIT_MS);
});

test('few rights are enough where stream and consumer exist', async (t) => {
  const rights = ['"$JS.API.CONSUMER.MSG.NEXT.JOBS.worker"', '"$JS.ACK.JOBS.worker.>"'];
  const users = `users: [
    { user: admin, password: p },
    { user: narrow, password: p, permissions: { publish: [${rights}], subscribe: ["_NARROW.>"] } }]`;
  const { server, store, api } = await startJobs(t, {
    config: `authorization { ${users} }\nno_auth_user: admin`,
  });
  await api('CONSUMER.CREATE.JOBS.worker', IMPATIENT);
  await store('a', 'b');
  const { connection, until, reported } = openConnection(t, server.url, {
    auth: 'user',
    secrets: { user: 'narrow', password: 'p' },
    inboxPrefix: '_NARROW',
  });
  await until(isConnected);
  const { entered, troubles } = consume(t, connection, { durable: 'worker' });
  for (const text of ['a', 'b']) {
    const { text: got, ack } = await entered.take();
    assert.equal(got, text);
    await judge(connection, ack);
  }
  assert.equal(await troubles.take(), 'over');
  assert.equal((await api('CONSUMER.INFO.JOBS.worker')).num_ack_pending, 0);
  const denied = consume(t, connection);
  const { values } = await denied.trouble('PERMISSION');
  assert.match(String(values.subject), /^\$JS\.API\.CONSUMER\.CREATE\.JOBS\.node-red-/);
  assert.equal(reported.size, 0);
});

test('an own consumer that may not be looked at is made again when it is deleted', async (t) => {
  const rights = ['CREATE', 'MSG.NEXT'].map((right) => `"$JS.API.CONSUMER.${right}.JOBS.>"`);
  const users = `users: [{ user: admin, password: p },
    { user: narrow, password: p, permissions: { publish: [${rights}, "$JS.ACK.JOBS.>"], subscribe: ["_INBOX.>"] } }]`;
  const { server, store, api } = await startJobs(t, { config: `authorization { ${users} }\nno_auth_user: admin` });
  const { connection, until } = openConnection(t, server.url, {
    auth: 'user',
    secrets: { user: 'narrow', password: 'p' },
  });
  await until(isConnected);
  const consuming = consume(t, connection);
  await store('a', 'b');
  const [a, b] = [await consuming.entered.take(), await consuming.entered.take()];
  await judge(connection, a.ack);
  await api(`CONSUMER.DELETE.JOBS.${await ownConsumer(api)}`);
  await store('c');
  const c = await consuming.entered.take();
  assert.equal(c.text, 'c');
  for (const { ack } of [b, c]) await judge(connection, ack);
  assert.equal(consuming.entered.size, 0);
});

test('large messages stay below a limit together', async (t) => {
  const size = 2 ** 20 - 200;
  const { connection, peer, api } = await startJobs(t);
  for (let number = 0; number < 80; number++) await peer.nc.request('jobs.large', new Uint8Array(size));
  const { entered, consumption } = consume(t, connection, { durable: 'worker', atOnce: 100 });
  const held = [];
  while (held.length < 63) held.push(await entered.take());
  // The next one does not fit.
  while ((await api('CONSUMER.INFO.JOBS.worker')).num_waiting > 0);
  assert(consumption.bytes <= 64 * 2 ** 20 && entered.size <= 1);
  for (const { ack } of held) void judge(connection, ack);
  for (let rest = held.length; rest < 80; rest++) await judge(connection, (await entered.take()).ack);
});

test('a consumer that is not as the settings say is used, and the difference is named', async (t) => {
  const { connection, api, store } = await startJobs(t);
  await api('CONSUMER.CREATE.JOBS.worker', IMPATIENT);
  await api('CONSUMER.CREATE.JOBS.careless', {
    stream_name: 'JOBS',
    config: { durable_name: 'careless', name: 'careless', ack_policy: 'none', deliver_policy: 'all' },
  });
  await store('a');
  const consuming = consume(t, connection, { durable: 'worker', start: 'new' });
  const { values } = await consuming.differs.take();
  assert.deepEqual(values, { consumer: 'worker', field: 'deliver_policy', actual: '"all"', expected: '"new"' });
  assert.equal((await consuming.entered.take()).text, 'a');
  const careless = consume(t, connection, { durable: 'careless' });
  assert.equal((await careless.trouble('CONSUMER_DIFFERS')).values.field, 'ack_policy');
  assert.equal(careless.entered.size, 0);
});
