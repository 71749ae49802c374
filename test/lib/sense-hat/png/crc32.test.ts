import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from '../../../../lib/sense-hat/png/crc32';

test('the checksum is the CRC-32 of PNG, whole or in parts', () => {
  // The check value in the catalogue of CRC algorithms, and the checksum of every IEND.
  const bytes = Buffer.from('123456789');
  assert.equal(crc32(bytes), 0xcbf43926);
  assert.equal(crc32(Buffer.from('IEND')), 0xae426082);
  assert.equal(crc32(Buffer.alloc(0)), 0);
  for (let at = 0; at <= bytes.length; at++)
    assert.equal(crc32(bytes.subarray(at), crc32(bytes.subarray(0, at))), 0xcbf43926);
});
