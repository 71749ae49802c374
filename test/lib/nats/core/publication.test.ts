import assert from 'node:assert/strict';
import { test } from 'node:test';
import { own, type Publication } from '../../../../lib/nats/core/publication';

test('data that belongs to a flow is copied once, and other data never', () => {
  const data = Buffer.from('four');
  const publication: Publication = { subject: 'a', data, whenDown: 'hold', maxAgeMs: 0, confirm: false };
  assert.equal(own(publication).data, data);
  const borrowed = { ...publication, isBorrowed: true };
  assert.equal(own(borrowed), borrowed);
  data.fill('?');
  const { data: copy } = borrowed;
  assert.equal(String(copy), 'four');
  assert.equal(own(borrowed).data, copy);
});

test('a text gets bytes of its own, because it may be a part of a longer one', () => {
  const owning = own<Publication>({ subject: 'a', data: 'größe', whenDown: 'hold', maxAgeMs: 0, confirm: false });
  assert.deepEqual(owning.data, Buffer.from('größe'));
});
