import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '../../../../../lib/coded-error';
import { metaSubject } from '../../../../../lib/nats/jetstream/objects/object-name';
import { ObjectWriter } from '../../../../../lib/nats/jetstream/objects/object-writer';
import { bytesOf, startObjects } from '../../../../support/object-client';

const ANY_SIZE = Number.MAX_SAFE_INTEGER;

test('an object is there only when it is complete, and the one before it until then', async (t) => {
  const { bucket, chunks } = await startObjects(t);
  await bucket.put('a', bytesOf(10));
  const writer = await bucket.open('a');
  await writer.add(bytesOf(300_000, 2));
  assert.equal((await bucket.get('a', ANY_SIZE)).data.length, 10);
  await writer.commit();
  assert.equal((await bucket.get('a', ANY_SIZE)).data.length, 300_000);
  await bucket.sweeper.settled();
  assert.deepEqual(Object.values(await chunks()), [3]);
});

test('an object that is given up leaves nothing, and the one before it stays', async (t) => {
  const { bucket, chunks } = await startObjects(t);
  await bucket.put('a', bytesOf(10));
  const writer = await bucket.open('a');
  await writer.add(bytesOf(300_000, 2));
  writer.abort(new CodedError('CLOSED'));
  writer.abort(new CodedError('CLOSED'));
  await assert.rejects(writer.commit(), { code: 'CLOSED' });
  await bucket.sweeper.settled();
  assert.deepEqual(Object.values(await chunks()), [1]);
  assert.equal((await bucket.get('a', ANY_SIZE)).data.length, 10);
});

test('chunks that somebody has deleted meanwhile fail the object', async (t) => {
  const { bucket, api, chunks } = await startObjects(t);
  const writer = await bucket.open('a');
  await writer.add(bytesOf(400_000));
  while (!Object.values(await chunks()).includes(3));
  await api('STREAM.PURGE.OBJ_FILES', {});
  await assert.rejects(writer.commit(), { text: 'UNCONFIRMED-chunks' });
  writer.abort(new CodedError('CLOSED'));
  await assert.rejects(bucket.info('a'), { code: 'NO_OBJECT' });
});

test('an object is replaced also if another client replaces it in between, but not for ever', async (t) => {
  const { bucket, peer, chunks } = await startObjects(t);
  const subject = metaSubject('FILES', 'a');
  await bucket.put('a', bytesOf(10));
  await bucket.delete('a');
  await bucket.sweeper.settled();
  /** The bucket, in which somebody is quicker so many times. */
  const disturbed = (times: number) => {
    let left = times;
    const current: typeof bucket.current = async (name) => {
      const found = await bucket.current(name);
      if (left-- > 0) await peer.nc.request(subject, JSON.stringify({ name: 'a', nuid: `other${left}`, digest: '' }));
      return found;
    };
    return new Proxy(bucket, { get: (of, name) => (name === 'current' ? current : Reflect.get(of, name)) });
  };
  const lucky = new ObjectWriter(disturbed(5), 'a');
  await lucky.add(bytesOf(20));
  assert.equal((await lucky.commit()).size, 20);
  assert.equal((await bucket.get('a', ANY_SIZE)).data.length, 20);
  const unlucky = new ObjectWriter(disturbed(1000), 'a');
  await unlucky.add(bytesOf(30));
  await assert.rejects(unlucky.commit(), { text: 'CONFLICT-object' });
  unlucky.abort(new CodedError('CLOSED'));
  await bucket.sweeper.settled();
  assert.equal(Object.values(await chunks()).length, 1);
});

test('chunks are smaller where the server takes only small messages', async (t) => {
  const { bucket } = await startObjects(t, {}, { config: 'max_payload: 4096' });
  const { chunks } = await bucket.put('a', bytesOf(10_000));
  assert.equal(chunks, Math.ceil(10_000 / 3072));
  assert((await bucket.get('a', ANY_SIZE)).data.equals(bytesOf(10_000)));
});

test('a server that tells no size of its largest message gets chunks of the usual size', async (t) => {
  const { bucket } = await startObjects(t);
  await bucket.put('a', bytesOf(10));
  for (const maxPayload of [0, -1, null, 'many', {}, Number.NaN, undefined]) {
    const writer = new ObjectWriter(Object.create(bucket, { maxPayload: { value: maxPayload } }), 'a');
    const adding = writer.add(bytesOf(300_000));
    const late = setTimeout(() => writer.abort(new Error(`an endless upload for ${maxPayload}`)), 5000);
    await adding;
    assert.equal((await writer.commit()).chunks, 3, String(maxPayload));
    clearTimeout(late);
  }
});
