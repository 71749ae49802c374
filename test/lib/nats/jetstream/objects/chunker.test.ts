import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chunker } from '../../../../../lib/nats/jetstream/objects/chunker';
import { bytesOf } from '../../../../support/object-client';

test('pieces of any size become chunks of one size and a rest', () => {
  const data = bytesOf(1000);
  for (const piece of [1, 7, 99, 100, 101, 250, 1000]) {
    const chunker = new Chunker(100);
    const chunks: Buffer[] = [];
    for (let at = 0; at < 950; at += piece) {
      chunks.push(...chunker.add(data.subarray(at, Math.min(950, at + piece))));
    }
    assert.deepEqual(new Set(chunks.map(({ length }) => length)), new Set([100]));
    const rest = chunker.rest();
    assert.equal(rest?.length, 50);
    assert(Buffer.concat([...chunks, rest as Buffer]).equals(data.subarray(0, 950)), `${piece}`);
    assert.equal(chunker.rest(), undefined);
  }
});

test('a chunk is a copy, which does not change with what it was made of', () => {
  const data = Buffer.alloc(20, 'a');
  const [chunk] = new Chunker(10).add(data);
  data.fill('b');
  assert.equal(chunk?.toString(), 'a'.repeat(10));
});
