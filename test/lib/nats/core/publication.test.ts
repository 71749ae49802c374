import assert from 'node:assert/strict';
import { test } from 'node:test';
import { owned, type Publication, sizeOf } from '../../../../lib/nats/core/publication';
import { encodeHeaders } from '../../../../lib/nats/message/headers';

test('the size of a message is that of its headers and data', () => {
  assert.equal(sizeOf({ data: Buffer.from('four') }), 4);
  const headers = encodeHeaders({ A: 'b' });
  assert.equal(sizeOf({ data: Buffer.from('four'), headers }), 'NATS/1.0\r\nA: b\r\n\r\n'.length + 4);
});

test('data that belongs to a flow is copied once, and other data never', () => {
  const data = Buffer.from('four');
  const publication: Publication = { subject: 'a', data, whenDown: 'hold', maxAgeMs: 0, confirm: false };
  assert.equal(owned(publication), publication);
  const copy = owned({ ...publication, isBorrowed: true });
  data.fill('?');
  assert.equal(String(copy.data), 'four');
  assert.equal(owned(copy), copy);
});
