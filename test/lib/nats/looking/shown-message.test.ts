import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headers as makeHeaders } from 'nats';
import { showMessage } from '../../../../lib/nats/looking/shown-message';

const PARTS = { subject: 'a', time: '2026-01-01T00:00:00.000Z', data: Buffer.from('x') };

test('reply subject and headers are shown if there are any', () => {
  const plain = { subject: 'a', time: PARTS.time, text: 'x', size: 1, isCut: false };
  assert.deepEqual(showMessage(PARTS, 'text'), plain);
  const headers = makeHeaders();
  headers.append('A', '1');
  headers.append('A', '2');
  headers.append('B', '3');
  assert.deepEqual(showMessage({ ...PARTS, reply: 'r', headers }, 'text'), {
    ...plain,
    reply: 'r',
    headers: 'A: 1\nA: 2\nB: 3',
  });
  headers.append('C', 'x'.repeat(10_000));
  assert.equal(showMessage({ ...PARTS, headers }, 'text').headers?.length, 2048);
});
