import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tally } from './tally';

test('a tally counts what is missing and what has come twice, in any order', () => {
  const tally = new Tally();
  for (const number of [0, 1, 2, 3, 4]) assert.equal(tally.send(), number);
  for (const number of [2, 0, 2, 1, 1, 4]) tally.receive(number);
  assert.deepEqual([tally.sent, tally.received, tally.missing, tally.twice], [5, 4, 1, 2]);
  tally.receive(3);
  assert.deepEqual([tally.received, tally.missing, tally.twice], [5, 0, 2]);
});
