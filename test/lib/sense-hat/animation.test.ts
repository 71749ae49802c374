import assert from 'node:assert/strict';
import { test } from 'node:test';
import { still } from '../../../lib/sense-hat/animation';
import { fill } from '../../../lib/sense-hat/frame';

test('a standing picture is an animation of one picture, done at once', () => {
  const picture = fill([1, 2, 3]);
  const animation = still(picture);
  assert.equal(animation.length, 1);
  assert.equal(animation.periodMs, 0);
  assert.deepEqual(animation.pictureAt(0), picture);
});

test('a standing picture may stay for a time', () => {
  assert.equal(still(fill([1, 2, 3]), 250).periodMs, 250);
});
