import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Animation, repeated, still } from '../../../lib/sense-hat/animation';
import { fill } from '../../../lib/sense-hat/frame';

const BLANK = fill([0, 0, 0]);

test('a standing picture is an animation of one picture, done at once', () => {
  const picture = fill([1, 2, 3]);
  const animation = still(picture);
  assert.equal(animation.length, 1);
  assert.equal(animation.periodMs, 0);
  assert.deepEqual(animation.pictureAt(0, BLANK), picture);
});

test('a standing picture may stay for a time', () => {
  assert.equal(still(fill([1, 2, 3]), 250).periodMs, 250);
});

test('a repeated animation begins again after its last picture, at the same pace', () => {
  const three: Animation = { length: 3, periodMs: 40, pictureAt: (index) => fill([index, 0, 0]) };
  const { length, periodMs, pictureAt } = repeated(three, 2);
  assert.deepEqual({ length, periodMs }, { length: 6, periodMs: 40 });
  const reds = Array.from({ length }, (_, index) => pictureAt(index, BLANK)[0]);
  assert.deepEqual(reds, [0, 1, 2, 0, 1, 2]);
});

test('a repeated animation hands on what is shown', () => {
  const brighter: Animation = { length: 1, periodMs: 10, pictureAt: (_, shown) => shown.map((part) => part + 1) };
  assert.deepEqual(repeated(brighter, 5).pictureAt(4, fill([4, 5, 6])), fill([5, 6, 7]));
});

test('repeating leaves the animation as it was', () => {
  const one = still(fill([1, 2, 3]), 50);
  repeated(one, 7);
  assert.deepEqual([one.length, one.periodMs], [1, 50]);
});
