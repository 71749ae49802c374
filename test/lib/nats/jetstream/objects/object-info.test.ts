import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { checkBucketName } from '../../../../../lib/nats/jetstream/kv/key';
import { digestOf, isDigestOf, readObject } from '../../../../../lib/nats/jetstream/objects/object-info';

const AT = { bucket: 'FILES', sequence: 7, time: '2026-01-31T08:00:00.000Z' };

const read = (described: unknown) => readObject(Buffer.from(JSON.stringify(described)), AT);

test('a description of an object is read with what it has', () => {
  const described = {
    name: 'a',
    bucket: 'another',
    nuid: 'ID',
    size: 5,
    chunks: 1,
    digest: 'SHA-256=x',
    mtime: 'never',
    description: 'text',
    metadata: { owner: 'me' },
    headers: { one: ['1'], two: ['1', '2'], none: [], wrong: 7 },
    options: { max_chunk_size: 10, link: { bucket: 'B', name: 'n' } },
  };
  const { info, nuid, isDeleted, sequence } = read(described);
  assert.deepEqual(info, {
    ...{ bucket: 'FILES', name: 'a', size: 5, chunks: 1, digest: 'SHA-256=x', time: AT.time },
    ...{ description: 'text', metadata: { owner: 'me' }, headers: { one: '1', two: ['1', '2'] } },
    link: { bucket: 'B', name: 'n' },
  });
  assert.deepEqual([nuid, isDeleted, sequence], ['ID', false, 7]);
  assert.equal(read({ ...described, deleted: true }).isDeleted, true);
});

test('the description of a link needs no chunks', () => {
  const { info, nuid } = read({ name: 'a', options: { link: { bucket: 'B' } } });
  assert.deepEqual([info.link, info.size, info.chunks, nuid], [{ bucket: 'B' }, 0, 0, undefined]);
});

test('a link to a bucket that has no name is one that leads nowhere', () => {
  for (const bucket of [{ toString: 1 }, ['a'], null, undefined]) {
    const { info } = read({ name: 'a', options: { link: { bucket, name: 'b' } } });
    assert.throws(() => checkBucketName(info.link?.bucket), { text: 'BAD_BUCKET' });
  }
});

test('what describes no object is an error that shows it', () => {
  const valid = { name: 'a', nuid: 'ID', size: 1, chunks: 1, digest: '' };
  assert.equal(read(valid).info.name, 'a');
  const wrong = [
    ...[null, 7, 'text', [], {}],
    ...[{ name: '' }, { name: 7 }, { size: -1 }, { size: '1' }, { size: 1.5 }, { chunks: 1e300 }, { digest: 7 }].map(
      (one) => ({
        ...valid,
        ...one,
      }),
    ),
    // The nuid is part of subjects, below which everything may be deleted.
    ...['>', '*', 'a.b', 'a b', '', undefined, 7, 'a\r\n'].map((nuid) => ({ ...valid, nuid })),
  ];
  for (const described of wrong) {
    assert.throws(() => read(described), { code: 'BAD_OBJECT' }, JSON.stringify(described));
  }
  for (const text of ['', '{', '\xff'])
    assert.throws(() => readObject(Buffer.from(text, 'latin1'), AT), { code: 'BAD_OBJECT' });
});

test('a digest is compared in all forms of base64, and only if it is SHA-256', () => {
  const hash = createHash('sha256').update('8').digest();
  const digest = digestOf(hash);
  assert.match(digest, /^SHA-256=[\w-]{43}=$/);
  for (const same of [digest, digest.slice(0, -1), `SHA-256=${hash.toString('base64')}`])
    assert(isDigestOf(same, hash), same);
  for (const other of ['', 'SHA-256=', digest.slice(8), digest.replace('256', '512'), digestOf(Buffer.alloc(32))]) {
    assert(!isDigestOf(other, hash), other);
  }
});
