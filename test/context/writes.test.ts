import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Change } from '../../context/values';
import { Writes } from '../../context/writes';
import type { CodedError } from '../../lib/coded-error';

const put = (key: string, text: string) => new Change({ scope: 'global', key }, `global.${key}`, Buffer.from(text));

/** Writes without a connection. */
function start(): Writes {
  const bucket = { put: () => Promise.resolve(1), delete: () => Promise.resolve(1) };
  return new Writes(bucket, { onStored: () => {}, onFailed: () => {} });
}

test('any number of changes of a value for which nobody waits take the room of one', () => {
  const writes = start();
  let ended = 0;
  const outcome = () => ended++;
  for (let count = 0; count < 400_000; count++) {
    const change = put('count', String(count));
    writes.check([change]);
    writes.add(change, outcome);
  }
  assert.equal(writes.count, 1);
  writes.end();
  assert.equal(ended, 1);
});

test('those that wait for changes of a value are bounded, and each of them hears the outcome', () => {
  const writes = start();
  let added = 0;
  let ended = 0;
  const full = () => {
    for (;;) {
      const change = put('count', String(added));
      writes.check([change]);
      writes.add(change, () => ended++);
      added++;
    }
  };
  assert.throws(full, (error: CodedError) => error.code === 'OUTBOX_FULL');
  assert(added > 100_000, `${added}`);
  writes.end();
  assert.equal(ended, added);
});
