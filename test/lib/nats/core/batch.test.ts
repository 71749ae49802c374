import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Batch, type BatchLimits, type ReceivedBatch } from '../../../../lib/nats/core/batch';
import { encodeHeaders } from '../../../../lib/nats/message/headers';
import type { Output } from '../../../../lib/nats/message/payload';
import { Inbox } from '../../../support/inbox';
import { received } from '../../../support/received';

/** The size limit of a batch. */
const MAX_BATCH_BYTES = 8_388_608;

/** Longer than a test takes. */
const NEVER_MS = 3_600_000;

/** The parts of a message besides its payload. */
interface Settings {
  subject?: string;
  reply?: string;
  headers?: Record<string, string>;
}

function start(limits: Partial<BatchLimits> = {}, output: Output = 'auto') {
  const batches = new Inbox<ReceivedBatch>();
  const batch = new Batch({ count: 3, ms: NEVER_MS, ...limits }, output, (batch) => batches.put(batch));
  const add = (text: string | Uint8Array, { subject = 'a', reply, headers }: Settings = {}) => {
    batch.add(received({ subject, reply, headers: encodeHeaders(headers), data: text }));
  };
  return { batch, batches, add };
}

test('a batch is delivered when it is full, in order, with the subject of each message', async (t) => {
  const { batch, batches, add } = start();
  t.after(() => batch.flush());
  for (const number of [1, 2, 3, 4]) add(`n${number}`, { subject: `s.${number}` });
  assert.deepEqual(await batches.take(), { topics: ['s.1', 's.2', 's.3'], payload: ['n1', 'n2', 'n3'] });
  assert.equal(batches.size, 0);
});

test('a batch that is not full is delivered when the time of its first message is up', async () => {
  const { batches, add } = start({ ms: 30 });
  const startedAt = performance.now();
  add('first');
  add('second');
  assert.equal(batches.size, 0);
  assert.deepEqual((await batches.take()).payload, ['first', 'second']);
  const took = performance.now() - startedAt;
  assert(took >= 29, `it took ${took} ms`);
  add('third');
  assert.deepEqual((await batches.take()).payload, ['third']);
});

test('a full batch leaves no timer that would cut the next one short', async () => {
  const { batch, batches, add } = start({ count: 2, ms: 20 });
  for (const text of ['a', 'b']) add(text);
  assert(!process.getActiveResourcesInfo().includes('Timeout'));
  add('c');
  batch.flush();
  assert(!process.getActiveResourcesInfo().includes('Timeout'));
  assert.deepEqual(
    [await batches.take(), await batches.take()].map(({ payload }) => payload),
    [['a', 'b'], ['c']],
  );
});

test('headers and replies are set if a message has some, with undefined for the others', async () => {
  const { batches, add } = start();
  add('plain');
  add('rich', { headers: { id: '7' }, reply: 'back' });
  add('plain');
  const { headers, replies } = await batches.take();
  assert.deepEqual(headers, [undefined, { id: '7' }, undefined]);
  assert.deepEqual(replies, [undefined, 'back', undefined]);
  assert(headers && replies && 0 in headers && 2 in replies, 'they have holes');

  for (const text of ['a', 'b', 'c']) add(text);
  assert.deepEqual(Object.keys(await batches.take()), ['topics', 'payload']);
});

test('each payload has the selected form; a message that is not JSON throws and is left out', async () => {
  const { batches, add } = start({}, 'json');
  add('1');
  assert.throws(() => add('{oops', { subject: 'bad', reply: 'lost' }), { code: 'BAD_JSON' });
  add('[2]');
  add('');
  assert.deepEqual(await batches.take(), { topics: ['a', 'a', 'a'], payload: [1, [2], undefined] });
});

test('a batch of large messages is delivered before it is full', async (t) => {
  const { batch, batches, add } = start({ count: 100 }, 'buffer');
  t.after(() => batch.flush());
  const data = Buffer.alloc(MAX_BATCH_BYTES / 4);
  for (let number = 0; number < 5; number++) add(data);
  assert.equal((await batches.take()).payload.length, 4);
});

test('subjects and headers count too', async (t) => {
  const { batch, batches, add } = start({ count: 100 });
  t.after(() => batch.flush());
  const headers = { long: 'x'.repeat(MAX_BATCH_BYTES / 4) };
  for (let number = 0; number < 5; number++) add('', { headers });
  assert.equal(batches.size, 1);
  assert.equal((await batches.take()).payload.length, 4);
});

test('a flush delivers the gathered messages once, and nothing if there are none', async () => {
  const { batch, batches, add } = start();
  batch.flush();
  add('one');
  batch.flush();
  batch.flush();
  assert.deepEqual((await batches.take()).payload, ['one']);
  assert.equal(batches.size, 0);
});
