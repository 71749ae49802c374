import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { CodedError } from '../../../../../lib/coded-error';
import { StoredReading, type StoredReadingOptions } from '../../../../../lib/nats/jetstream/objects/stored-reading';
import { startObjects } from '../../../../support/object-client';

/** A bucket with 100 messages below one subject, and a reading of them. */
async function start(t: TestContext, options: Partial<StoredReadingOptions> = {}) {
  const { bucket, peer, connection, api } = await startObjects(t);
  await bucket.put('a', Buffer.from('x'));
  for (let index = 0; index < 100; index++) await peer.nc.request('$O.FILES.C.many', String(index));
  const texts: string[] = [];
  const reading = new StoredReading(connection, {
    stream: bucket.stream,
    subjects: ['$O.FILES.C.many'],
    start: 'all',
    atOnce: 10,
    timeoutMs: 5000,
    take: ({ data }) => {
      texts.push(Buffer.from(data).toString());
      return texts.length === 200;
    },
    caughtUp: () => {},
    timeout: () => new CodedError('TIMEOUT-list', { bucket: 'FILES', timeoutMs: 1 }),
    ...options,
  });
  const consumers = async () => (await api('CONSUMER.NAMES.OBJ_FILES')).consumers ?? [];
  return { reading, texts, consumers, api };
}

test('messages are read in order up to the last one, and the consumer is deleted', async (t) => {
  const { reading, texts, consumers } = await start(t);
  await reading.run();
  assert.deepEqual(
    texts,
    Array.from({ length: 100 }, (_, index) => String(index)),
  );
  while ((await consumers()).length > 0);
});

test('what takes the messages may end the reading with an error', async (t) => {
  let taken = 0;
  const { reading, consumers } = await start(t, {
    take: () => {
      taken++;
      throw new CodedError('CLOSED');
    },
  });
  await assert.rejects(reading.run(), { code: 'CLOSED' });
  assert.equal(taken, 1);
  while ((await consumers()).length > 0);
});

test('a reading ends where there is nothing, or nothing more, with an error if that is one', async (t) => {
  const empty = await start(t, { subjects: ['$O.FILES.C.none'] });
  await empty.reading.run();
  assert.deepEqual(empty.texts, []);
  const caughtUp = () => {
    throw new CodedError('CLOSED');
  };
  for (const subject of ['$O.FILES.C.none', '$O.FILES.C.many']) {
    const { reading } = await start(t, { subjects: [subject], caughtUp });
    await assert.rejects(reading.run(), { code: 'CLOSED' });
  }
});

test('silence is an error, and so is a stream that is gone', async (t) => {
  const silent = await start(t, { timeoutMs: 1 });
  await assert.rejects(silent.reading.run(), { text: 'TIMEOUT-list' });
  const gone = await start(t);
  await gone.api('STREAM.DELETE.OBJ_FILES');
  await assert.rejects(gone.reading.run(), { code: 'NO_STREAM' });
});
