import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Outbound } from '../../../../lib/nats/client/outbound';

const CHUNK_BYTES = 65_536;

/** An `Outbound` whose socket never flushes, unless a test says otherwise. */
function start(isFlushed = () => false) {
  const outbound = new Outbound(isFlushed);
  const add = (line: string, data: string | Buffer, headers?: Buffer) =>
    outbound.addMessage(line, headers, data, Buffer.byteLength(data) + (headers?.length ?? 0));
  return { outbound, add };
}

test('lines, messages and their headers are written in their order, each with its end', () => {
  const { outbound, add } = start();
  outbound.fill(Buffer.from('SUB a 1\r\n'), Buffer.from('PING\r\n'));
  add('PUB größe 2', Buffer.from('hi'));
  add('HPUB b 4 4', Buffer.alloc(0), Buffer.from('HEAD'));
  add('PUB c 2', 'é');
  const written = 'SUB a 1\r\nPING\r\nPUB größe 2\r\nhi\r\nHPUB b 4 4\r\nHEAD\r\nPUB c 2\r\né\r\n';
  assert.equal(outbound.size(), Buffer.byteLength(written));
  assert.equal(Buffer.from(outbound.drain()).toString(), written);
  assert.equal(outbound.size(), 0);
});

test('what has been handed to the socket does not change, nor with the data of a message', () => {
  const { outbound, add } = start();
  const pieces: Uint8Array[] = [];
  const expected: string[] = [];
  for (let n = 0; n < 40; n++) {
    const data = Buffer.alloc(n * 500, String.fromCharCode(65 + n));
    add(`PUB a ${data.length}`, data);
    expected.push(`PUB a ${data.length}\r\n${data}\r\n`);
    data.fill(0);
    if (n % 3 === 2) pieces.push(outbound.drain());
  }
  pieces.push(outbound.drain());
  assert.equal(Buffer.concat(pieces).toString(), expected.join(''));
});

test('the memory of a large message is not retained', () => {
  const { outbound, add } = start();
  add('PUB a 10000000', Buffer.alloc(10_000_000));
  assert(outbound.drain().buffer.byteLength > 10_000_000);
  outbound.fill(Buffer.from('PING\r\n'));
  assert.equal(outbound.drain().buffer.byteLength, CHUNK_BYTES);
});

test('memory is used again only when the socket needs nothing of it', () => {
  let isFlushed = false;
  const { outbound, add } = start(() => isFlushed);
  const drain = () => Buffer.from(outbound.drain().buffer);
  const text = 'a'.repeat(200_000);
  add('PUB a 200000', text);
  const first = drain();
  add('PUB a 200000', text);
  const second = drain();
  isFlushed = true;
  add('PUB a 200000', text);
  const third = drain();
  assert.notEqual(first.buffer, second.buffer);
  assert.equal(second.buffer, third.buffer);
});

test('what waits keeps its place before what follows when memory is used again', () => {
  const { outbound, add } = start(() => true);
  let expected = '';
  let written = '';
  for (let n = 0; n < 2000; n++) {
    const data = String(n).repeat(20);
    add(`PUB a ${data.length}`, data);
    expected += `PUB a ${data.length}\r\n${data}\r\n`;
    // What is drained has been taken by the socket before the next message.
    if (n % 7 === 0) written += Buffer.from(outbound.drain());
  }
  written += Buffer.from(outbound.drain());
  assert(written === expected);
});

test('a message that is not as long as it says is not written', () => {
  const { outbound, add } = start();
  add('PUB a 2', 'hi');
  assert.throws(() => outbound.addMessage('PUB a 1', undefined, 'é', 1), /1 bytes was encoded as 2/);
  // For these there is no room.
  const grown = Buffer.alloc(2 * CHUNK_BYTES);
  assert.throws(() => outbound.addMessage('PUB a 1', undefined, grown, 1), RangeError);
  add('PUB a 2', 'ho');
  assert.equal(String(outbound.drain()), 'PUB a 2\r\nhi\r\nPUB a 2\r\nho\r\n');
});
