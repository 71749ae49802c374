import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { CodedError } from '../../../../../lib/coded-error';
import { jetStreamOf } from '../../../../../lib/nats/jetstream/jetstream';
import { isDigestOf } from '../../../../../lib/nats/jetstream/objects/object-info';
import { Slots } from '../../../../../lib/nats/jetstream/objects/slots';
import { Upload } from '../../../../../lib/nats/jetstream/objects/upload';
import { bytesOf, startObjects } from '../../../../support/object-client';

async function start(t: TestContext, slots = new Slots(4)) {
  const objects = await startObjects(t);
  const { bucket, connection } = objects;
  await bucket.put('first', bytesOf(1));
  const { storing } = jetStreamOf(connection);
  const options = { stream: bucket.stream, bucket: 'FILES', chunkSize: 100, owner: {} };
  return { ...objects, make: () => new Upload(storing, slots, options) };
}

test('an upload stores its bytes in chunks of a size, and tells their digest', async (t) => {
  const { make, chunks } = await start(t);
  const upload = make();
  const data = bytesOf(950);
  for (const [from, to] of [
    [0, 10],
    [10, 510],
    [510, 950],
  ] as const) {
    await upload.add(data.subarray(from, to));
  }
  const { size, chunks: count, digest } = await upload.end();
  assert.deepEqual([size, count], [950, 10]);
  assert(isDigestOf(digest, createHash('sha256').update(data).digest()));
  assert.equal((await chunks())[`$O.FILES.C.${upload.nuid}`], 10);
});

test('chunks that are stored out of order fail the upload', async (t) => {
  const { make, peer } = await start(t);
  const upload = make();
  // As if the second one had been stored first.
  const { headers } = await import('nats');
  const own = headers();
  own.set('Nats-Msg-Id', `${upload.nuid}.2`);
  await peer.nc.request(`$O.FILES.C.${upload.nuid}`, bytesOf(100), { headers: own, timeout: 5000 });
  await upload.add(bytesOf(300));
  await assert.rejects(upload.end(), { text: 'UNCONFIRMED-order' });
  await assert.rejects(upload.add(bytesOf(1)), { text: 'UNCONFIRMED-order' });
});

test('no more chunks are on their way than there are slots, and a failed upload frees its own', async (t) => {
  const slots = new Slots(2);
  const { make } = await start(t, slots);
  const failed = make();
  failed.fail(new CodedError('CLOSED'));
  await assert.rejects(failed.add(bytesOf(500)), { code: 'CLOSED' });
  const uploads = [make(), make(), make()];
  await Promise.all(uploads.map((upload) => upload.add(bytesOf(1000))));
  for (const upload of uploads) assert.equal((await upload.end()).chunks, 10);
  await Promise.all([slots.take(), slots.take()]);
});
