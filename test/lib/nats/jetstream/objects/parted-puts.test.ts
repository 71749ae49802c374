import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { CodedError } from '../../../../../lib/coded-error';
import type { ObjectInfo } from '../../../../../lib/nats/jetstream/objects/object-info';
import { PartedPuts, type PartedPutsOptions, partOf } from '../../../../../lib/nats/jetstream/objects/parted-puts';
import { Inbox } from '../../../../support/inbox';
import { bytesOf, startObjects } from '../../../../support/object-client';

async function start(t: TestContext, options: Partial<PartedPutsOptions> = {}) {
  const objects = await startObjects(t);
  const abandoned = new Inbox<CodedError>();
  const puts = new PartedPuts({
    open: (name) => objects.bucket.open(name),
    largestBytes: 10_000_000,
    timeoutMs: 60_000,
    onAbandoned: (error) => abandoned.put(error),
    ...options,
  });
  t.after(() => puts.close());
  const put = (id: string, index: number, data: Uint8Array, isLast = false) =>
    new Promise<ObjectInfo | undefined>((resolve, reject) => {
      puts.put(
        { id, index, isLast, data },
        () => `object ${id}`,
        (error, info) => (error ? reject(error) : resolve(info)),
      );
    });
  const leftChunks = async () => {
    await objects.bucket.sweeper.settled();
    return Object.keys(await objects.chunks()).length;
  };
  return { ...objects, puts, put, abandoned, leftChunks };
}

test('parts of any size become one object, and only the last one tells of it', async (t) => {
  const { bucket, put } = await start(t);
  const data = bytesOf(1_000_000);
  for (const [size, id] of [
    [65_536, 'a'],
    [300_000, 'b'],
    [1_000_000, 'c'],
  ] as const) {
    let index = 0;
    let info: ObjectInfo | undefined;
    for (let at = 0; at < data.length; at += size) {
      assert.equal(info, undefined);
      info = await put(id, index++, data.subarray(at, at + size), at + size >= data.length);
    }
    assert.deepEqual([info?.name, info?.size, info?.chunks], [`object ${id}`, 1_000_000, 8]);
    assert((await bucket.get(`object ${id}`, 1_000_000)).data.equals(data));
  }
});

test('parts of several objects may come mixed, and without waiting', async (t) => {
  const { bucket, put } = await start(t);
  const ids = ['a', 'b', 'c'];
  const all = [0, 1, 2].flatMap((index) =>
    ids.map((id, seed) => put(id, index, bytesOf(200_000, seed + index), index === 2)),
  );
  await Promise.all(all);
  for (const [seed, id] of ids.entries()) {
    const expected = Buffer.concat([0, 1, 2].map((index) => bytesOf(200_000, seed + index)));
    assert((await bucket.get(`object ${id}`, 600_000)).data.equals(expected));
  }
});

test('an id is free again with the last part, also while that is stored', async (t) => {
  const { bucket, put, leftChunks } = await start(t);
  const all = [1, 2, 3].flatMap((seed) => [0, 1].map((index) => put('a', index, bytesOf(200_000, seed), index === 1)));
  await Promise.all(all);
  const { data } = await bucket.get('object a', 1_000_000);
  const whole = [1, 2, 3].map((seed) => Buffer.concat([bytesOf(200_000, seed), bytesOf(200_000, seed)]));
  assert(whole.some((one) => one.equals(data)));
  assert.equal(await leftChunks(), 1);
});

test('a part out of order ends the object, and what it has stored is removed', async (t) => {
  const { put, bucket, leftChunks } = await start(t);
  await put('a', 0, bytesOf(300_000));
  await assert.rejects(put('a', 2, bytesOf(10)), { text: 'BAD_PARTS-order' });
  await assert.rejects(put('a', 3, bytesOf(10)), { text: 'BAD_PARTS-order' });
  await assert.rejects(put('a', 4, bytesOf(10), true), { text: 'BAD_PARTS-order' });
  await assert.rejects(put('a', 5, bytesOf(10), true), { text: 'BAD_PARTS-first' });
  await assert.rejects(bucket.info('object a'), { code: 'NO_OBJECT' });
  assert.equal(await leftChunks(), 0);
});

test('an object that becomes too large ends with the part that makes it so', async (t) => {
  const { put, leftChunks } = await start(t, { largestBytes: 250_000 });
  await put('a', 0, bytesOf(200_000));
  await assert.rejects(put('a', 1, bytesOf(50_001)), { code: 'TOO_LARGE' });
  await assert.rejects(put('a', 2, bytesOf(1), true), { code: 'TOO_LARGE' });
  assert.equal(await leftChunks(), 0);
  await put('b', 0, bytesOf(200_000));
  assert.equal((await put('b', 1, bytesOf(50_000), true))?.size, 250_000);
});

test('an object whose parts stop coming is given up, told and removed', async (t) => {
  const { put, abandoned, leftChunks } = await start(t, { timeoutMs: 50 });
  await put('a', 0, bytesOf(200_000));
  const { text, values } = await abandoned.take();
  assert.equal(text, 'TIMEOUT-parts');
  assert.deepEqual(values, { object: 'object a', parts: 1, timeoutMs: 50 });
  await assert.rejects(put('a', 1, bytesOf(1), true), { text: 'BAD_PARTS-first' });
  assert.equal(await leftChunks(), 0);
});

test('no more than 32 MiB of parts wait to be stored', async (t) => {
  const { put, bucket, puts, leftChunks } = await start(t, { largestBytes: 1e9 });
  await bucket.put('first', bytesOf(1));
  const part = bytesOf(1024 * 1024);
  const all = Array.from({ length: 40 }, (_, index) => put('a', index, part, index === 39));
  const ended = await Promise.allSettled(all);
  const failures = ended.flatMap((one) => (one.status === 'rejected' ? [(one.reason as CodedError).text] : []));
  assert(failures.length > 0);
  assert.deepEqual(new Set(failures), new Set(['OUTBOX_FULL-parts']));
  assert.equal(puts.waitingBytes, 0);
  await bucket.delete('first');
  assert.equal(await leftChunks(), 0);
});

test('only so many objects may be incomplete', async (t) => {
  const { put } = await start(t);
  await Promise.all(Array.from({ length: 100 }, (_, id) => put(`${id}`, 0, bytesOf(1))));
  await assert.rejects(put('more', 0, bytesOf(1)), { text: 'OUTBOX_FULL-objects' });
  await put('0', 1, bytesOf(1), true);
  await put('more', 0, bytesOf(1), true);
});

test('closing ends what is incomplete and removes it', async (t) => {
  const { put, puts, leftChunks } = await start(t);
  await put('a', 0, bytesOf(200_000));
  puts.close();
  await assert.rejects(put('a', 1, bytesOf(1)), { text: 'BAD_PARTS-first' });
  assert.equal(await leftChunks(), 0);
});

test('a part is what Split and Join call one of bytes', () => {
  const parts = { id: 'a', index: 0, type: 'buffer' };
  assert.deepEqual(partOf(parts, false), { id: 'a', index: 0, isLast: false });
  assert.equal(partOf(parts, true)?.isLast, true);
  assert.equal(partOf({ ...parts, count: 2 }, false)?.isLast, false);
  assert.equal(partOf({ ...parts, count: 2, index: 1 }, false)?.isLast, true);
  // As the read file node ends a file whose last part is as long as the others.
  assert.equal(partOf({ ...parts, count: 2, index: 2 }, false)?.isLast, true);
  for (const other of [undefined, null, 7, {}, { ...parts, type: 'string' }, { ...parts, type: 'array' }]) {
    assert.equal(partOf(other, false), undefined);
  }
  for (const bad of [{ id: '' }, { id: 7 }, { index: -1 }, { index: 1.5 }, { index: '0' }, { index: undefined }]) {
    assert.throws(() => partOf({ ...parts, ...bad }, false), { code: 'BAD_PARTS' }, JSON.stringify(bad));
  }
});
