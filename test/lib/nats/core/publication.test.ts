import assert from 'node:assert/strict';
import { test } from 'node:test';
import { owned, type Publication } from '../../../../lib/nats/core/publication';

test('data that belongs to a flow is copied once, and other data never', () => {
  const data = Buffer.from('four');
  const publication: Publication = { subject: 'a', data, whenDown: 'hold', maxAgeMs: 0, confirm: false };
  assert.equal(owned(publication), publication);
  const copy = owned({ ...publication, isBorrowed: true });
  data.fill('?');
  assert.equal(String(copy.data), 'four');
  assert.equal(owned(copy), copy);
});

test('a text gets bytes of its own, because it may be a part of a longer one', () => {
  const owning = owned<Publication>({ subject: 'a', data: 'größe', whenDown: 'hold', maxAgeMs: 0, confirm: false });
  assert.deepEqual(owning.data, Buffer.from('größe'));
});
