import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Outbound } from '../../../../lib/nats/client/outbound';

const CHUNK_BYTES = 65_536;

test('lines, messages and their headers are written in their order, each with its end', () => {
  const outbound = new Outbound();
  outbound.fill(Buffer.from('SUB a 1\r\n'), Buffer.from('PING\r\n'));
  outbound.addMessage('PUB größe 2', undefined, Buffer.from('hi'));
  outbound.addMessage('HPUB b 4 4', Buffer.from('HEAD'), Buffer.alloc(0));
  const written = 'SUB a 1\r\nPING\r\nPUB größe 2\r\nhi\r\nHPUB b 4 4\r\nHEAD\r\n';
  assert.equal(outbound.size(), Buffer.byteLength(written));
  assert.equal(Buffer.from(outbound.drain()).toString(), written);
  assert.equal(outbound.size(), 0);
});

test('what has been handed to the socket does not change, nor with the data of a message', () => {
  const outbound = new Outbound();
  const pieces: Uint8Array[] = [];
  const expected: string[] = [];
  for (let n = 0; n < 40; n++) {
    const data = Buffer.alloc(n * 500, String.fromCharCode(65 + n));
    outbound.addMessage(`PUB a ${data.length}`, undefined, data);
    expected.push(`PUB a ${data.length}\r\n${data}\r\n`);
    data.fill(0);
    if (n % 3 === 2) pieces.push(outbound.drain());
  }
  pieces.push(outbound.drain());
  assert.equal(Buffer.concat(pieces).toString(), expected.join(''));
});

test('the memory of a large message is not retained', () => {
  const outbound = new Outbound();
  outbound.addMessage('PUB a 10000000', undefined, Buffer.alloc(10_000_000));
  assert(outbound.drain().buffer.byteLength > 10_000_000);
  outbound.fill(Buffer.from('PING\r\n'));
  assert.equal(outbound.drain().buffer.byteLength, CHUNK_BYTES);
});
