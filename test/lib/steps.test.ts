import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atOnce, resultOf, type Steps } from '../../lib/steps';
import { finished } from '../support/finished';

function* sum(...numbers: (number | Promise<number>)[]): Steps<number> {
  let total = 0;
  for (const number of numbers) {
    total += typeof number === 'number' ? number : yield* resultOf(number);
    yield;
  }
  return total;
}

test('all steps are done at once, and the value is returned', () => {
  assert.equal(atOnce(sum(1, 2, 3)), 6);
  assert.equal(atOnce(sum()), 0);
});

test('steps that wait cannot be done at once', () => {
  assert.throws(() => atOnce(sum(1, Promise.resolve(2))), /cannot be done at once/);
});

test('a step waits for a promise and continues with its result, also if it is undefined', async () => {
  assert.equal(await finished(sum(1, Promise.resolve(2), 3)), 6);
  assert.equal(await finished(resultOf(Promise.resolve(undefined))), undefined);
});

test('a rejection is thrown inside the steps', async () => {
  const error = new Error('no');
  const caught = function* (): Steps<unknown> {
    try {
      return yield* resultOf(Promise.reject(error));
    } catch (failure) {
      return failure;
    }
  };
  assert.equal(await finished(caught()), error);
  await assert.rejects(finished(sum(Promise.reject(error))), error);
});
