import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkBucketName,
  checkKey,
  checkKeyFilter,
  checkKeyFilters,
  checkRevision,
} from '../../../../../lib/nats/jetstream/kv/key';

test('a key is parts of letters, digits and - / _ = with single dots between them', () => {
  for (const key of ['a', 'A.b.9', 'pi-1/led', 'x=1', '_', '-.=', 'a'.repeat(1600)]) assert.equal(checkKey(key), key);
  const bad = ['.a', 'a.', 'a..b', 'a b', 'a*', '>', 'ä', 'a\r\nPUB x 0', '$a', 'a:b', 'a\n', 7, {}, ['a'], true];
  for (const value of [...bad, 'a'.repeat(1601)]) assert.throws(() => checkKey(value), { text: 'BAD_KEY' });
  for (const value of ['', undefined, null]) assert.throws(() => checkKey(value), { text: 'BAD_KEY-missing' });
});

test('a filter is a key with wildcards', () => {
  for (const filter of ['>', '*', 'a', 'a.*', '*.b', 'a.>', '*.*.>', 'pi-1/led']) {
    assert.equal(checkKeyFilter(filter), filter);
  }
  for (const value of ['', 'a>', '>.a', 'a*', 'a..b', '.>', 'a b', 'ä', undefined, 7]) {
    assert.throws(() => checkKeyFilter(value), { text: 'BAD_KEY-filter' });
  }
});

test('filters are separated by commas or lines, and none of them is all keys', () => {
  assert.deepEqual(checkKeyFilters('a.*, b\nc.>'), ['a.*', 'b', 'c.>']);
  assert.deepEqual(checkKeyFilters(' , '), ['>']);
  assert.throws(() => checkKeyFilters('a, b b'), { code: 'BAD_KEY' });
});

test('the name of a bucket is letters, digits, - and _', () => {
  for (const name of ['pis', 'A-1_b', 'x'.repeat(252)]) assert.equal(checkBucketName(name), name);
  assert.equal(checkBucketName('x'.repeat(251), 'OBJ_'), 'x'.repeat(251));
  assert.throws(() => checkBucketName('x'.repeat(252), 'OBJ_'), { text: 'BAD_BUCKET' });
  for (const name of ['a.b', 'a b', '*', '>', 'ä', 'a/b', 'x'.repeat(253), 'a\n', 7]) {
    assert.throws(() => checkBucketName(name), { text: 'BAD_BUCKET' });
  }
  for (const name of ['', undefined, null]) assert.throws(() => checkBucketName(name), { text: 'BAD_BUCKET-missing' });
});

test('a revision is a whole number from 0', () => {
  for (const revision of [0, 1, 2 ** 40]) assert.equal(checkRevision(revision), revision);
  for (const value of [-1, 1.5, Number.NaN, '1', {}, true]) {
    assert.throws(() => checkRevision(value), { text: 'BAD_REVISION' });
  }
  for (const value of [undefined, null]) assert.throws(() => checkRevision(value), { text: 'BAD_REVISION-missing' });
});
