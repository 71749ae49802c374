import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { CodedError } from '../../../../../lib/coded-error';
import { startMiddle } from '../../../../support/middle';
import { bytesOf, startObjects } from '../../../../support/object-client';
import { isConnected } from '../../../../support/open-connection';

const ANY_SIZE = Number.MAX_SAFE_INTEGER;
const DATA = bytesOf(20 * 128 * 1024);

/** A bucket behind a network that can be cut. */
async function start(t: TestContext, settings = {}) {
  let cut = () => {};
  const proxy = async (url: string) => {
    const { port, hangUp } = await startMiddle(t, Number(new URL(url).port), (info) => info);
    cut = hangUp;
    return `nats://127.0.0.1:${port}`;
  };
  const objects = await startObjects(t, settings, { proxy });
  const { bucket, server, until } = objects;
  return {
    ...objects,
    cut: () => cut(),
    restart: async () => {
      await server.kill();
      await until(({ name }) => name !== 'connected');
      await server.restart();
    },
    reconnected: () => until(isConnected),
    read: (onIndex: (index: number) => void) => {
      const chunks: Buffer[] = [];
      const done = bucket.read(
        'a',
        ANY_SIZE,
        () => {},
        (chunk, index) => {
          chunks.push(Buffer.from(chunk));
          onIndex(index);
        },
      );
      return done.then(() => Buffer.concat(chunks));
    },
    /** What the sweeper has left, once it has finished. */
    left: async (wanted: number) => {
      for (;;) {
        const counts = Object.values(await objects.chunks());
        if (counts.length <= wanted) return counts;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}

test('a put goes on after the connection was cut or the server killed, and leaves one whole object', async (t) => {
  for (const fault of ['cut', 'restart'] as const) {
    await t.test(fault, async (t) => {
      const { bucket, left, ...stage } = await start(t);
      await bucket.put('a', bytesOf(10));
      const writer = await bucket.open('a');
      const half = DATA.length / 2;
      const first = writer.add(DATA.subarray(0, half));
      let restarted: Promise<void> | undefined;
      if (fault === 'cut') stage.cut();
      else restarted = stage.restart();
      await first;
      await restarted;
      await writer.add(DATA.subarray(half));
      assert.equal((await writer.commit()).chunks, 20);
      assert((await bucket.get('a', ANY_SIZE)).data.equals(DATA));
      assert.deepEqual(await left(1), [20]);
    });
  }
});

test('a get goes on after the connection was cut or the server killed', async (t) => {
  for (const fault of ['cut', 'restart'] as const) {
    await t.test(fault, async (t) => {
      const { bucket, read, ...stage } = await start(t, { timeoutMs: 60_000 });
      await bucket.put('a', DATA);
      let restarted: Promise<void> | undefined;
      const got = await read((index) => {
        if (index !== 3) return;
        if (fault === 'cut') stage.cut();
        else restarted = stage.restart();
      });
      assert(got.equals(DATA));
      await restarted;
    });
  }
});

test('a get whose server does not come back ends in time, with an error', async (t) => {
  const { bucket, read, server } = await start(t, { timeoutMs: 300 });
  await bucket.put('a', DATA);
  let killed = Promise.resolve();
  const done = read((index) => {
    if (index === 0) killed = server.kill();
  });
  // What had already been sent may have been everything.
  const error = await done.then(
    () => undefined,
    (error: CodedError) => error.code,
  );
  await killed;
  assert(['TIMEOUT', 'NOT_CONNECTED', 'CONNECTION_LOST', undefined].includes(error), error);
});

test('what a put has left that failed while disconnected is removed afterwards', async (t) => {
  const { bucket, server, until, left, chunks, reconnected } = await start(t);
  await bucket.put('kept', bytesOf(10));
  const writer = await bucket.open('a');
  await writer.add(DATA);
  while (!Object.values(await chunks()).includes(20));
  await server.kill();
  await until(({ name }) => name !== 'connected');
  writer.abort(new Error('no longer wanted'));
  await assert.rejects(writer.add(DATA), /no longer wanted/);
  await server.restart();
  await reconnected();
  assert.deepEqual(await left(1), [1]);
  await assert.rejects(bucket.info('a'), { code: 'NO_OBJECT' });
});

test('an object whose chunks the server has forgotten is not stored', async (t) => {
  const { bucket, restart, reconnected } = await start(t, { storage: 'memory' });
  await bucket.put('b', bytesOf(10));
  const writer = await bucket.open('a');
  await writer.add(DATA.subarray(0, DATA.length / 2));
  await Promise.all([restart(), reconnected()]);
  // The bucket is there again, but it is empty.
  const commit = (async () => {
    await writer.add(DATA.subarray(DATA.length / 2));
    await writer.commit();
  })();
  await assert.rejects(commit, (error: CodedError) => {
    assert(['UNCONFIRMED', 'NO_BUCKET'].includes(error.code), error.stack);
    return true;
  });
  writer.abort(new Error('it has failed'));
  await assert.rejects(bucket.info('a'), (error: CodedError) => ['NO_OBJECT', 'NO_BUCKET'].includes(error.code));
});

test('without a connection an object is neither put nor read', async (t) => {
  const { bucket, server, until } = await start(t);
  await bucket.put('a', bytesOf(1));
  await server.kill();
  await until(({ name }) => name !== 'connected');
  for (const act of [() => bucket.put('a', DATA), () => bucket.get('a', ANY_SIZE), () => bucket.list()]) {
    await assert.rejects(act(), { code: 'NOT_CONNECTED' });
  }
});

test('closing ends what is under way', async (t) => {
  const { bucket, read, left } = await start(t);
  await bucket.put('a', DATA);
  const open = await bucket.open('b');
  await open.add(DATA);
  let closed: Promise<void> | undefined;
  const got = read((index) => {
    if (index === 0) closed = bucket.close();
  });
  await assert.rejects(got, { code: 'CLOSED' });
  await closed;
  await assert.rejects(open.commit(), { code: 'CLOSED' });
  assert.deepEqual(await left(1), [20]);
});
