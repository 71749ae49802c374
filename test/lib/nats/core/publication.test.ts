import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sizeOf } from '../../../../lib/nats/core/publication';
import { encodeHeaders } from '../../../../lib/nats/message/headers';

test('the size of a message is that of its headers and data', () => {
  assert.equal(sizeOf({ data: Buffer.from('four') }), 4);
  const headers = encodeHeaders({ A: 'b' });
  assert.equal(sizeOf({ data: Buffer.from('four'), headers }), 'NATS/1.0\r\nA: b\r\n\r\n'.length + 4);
});
