import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { currentTurn, inNextTurn } from '../../lib/next-turn';

test('functions are called in order in the next turn of the event loop, in one that is counted', async () => {
  const called: string[] = [];
  const before = currentTurn();
  for (const name of ['a', 'b']) inNextTurn(() => called.push(`${name} ${currentTurn() - before}`));
  assert.deepEqual(called, []);
  await nextTurn();
  assert.deepEqual(called, ['a 1', 'b 1']);
});

test('a function that asks again is called after the immediates of all functions of its turn', async () => {
  const called: string[] = [];
  const ask = (name: string) =>
    inNextTurn(() => {
      setImmediate(() => called.push(`work of ${name}`));
      inNextTurn(() => called.push(name));
    });
  ask('a');
  ask('b');
  await nextTurn();
  assert.deepEqual(called, []);
  await nextTurn();
  assert.deepEqual(called, ['work of a', 'work of b', 'a', 'b']);
});

test('what a function throws is a warning, and the others are called all the same', async () => {
  let isCalled = false;
  inNextTurn(() => {
    throw new Error('thrown in a turn');
  });
  inNextTurn(() => {
    isCalled = true;
  });
  const [warning] = (await once(process, 'warning')) as [Error];
  assert.equal(warning.message, 'thrown in a turn');
  assert(isCalled);
});
