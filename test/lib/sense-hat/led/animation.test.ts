import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Animation, paced, repeated, still } from '../../../../lib/sense-hat/led/animation';
import type { Picture } from '../../../../lib/sense-hat/led/canvas';
import { fill } from '../../../../lib/sense-hat/led/frame';

const DARK = fill([0, 0, 0]);

/** The pictures of an animation that is shown from its start. */
function played({ length, pictureAt }: Animation, before: Picture = DARK): Picture[] {
  let shown = before;
  return Array.from({ length }, (_, index) => {
    shown = pictureAt(index, shown);
    return shown;
  });
}

test('a still picture is an animation of one picture that ends at once', () => {
  const picture = fill([1, 2, 3]);
  const animation = still(picture);
  assert.equal(animation.length, 1);
  assert.equal(animation.periodMs, 0);
  assert.equal(animation.ground, undefined);
  assert.deepEqual(animation.pictureAt(0, DARK), picture);
});

test('a still picture may be held for a time', () => {
  assert.equal(still(fill([1, 2, 3]), 250).periodMs, 250);
});

test('an animation without a period runs as fast as a HAT shows every picture, unless it is a still picture', () => {
  const animation: Animation = { length: 3, pictureAt: () => DARK, periodMs: 0 };
  assert.deepEqual(paced(animation), { ...animation, periodMs: 20, isUnhurried: true });
  for (const as of [still(DARK), { ...animation, periodMs: 1 }]) assert.equal(paced(as), as);
});

test('a repeated animation shows the same pictures again, with the same period and ground', () => {
  const pictures = [fill([1, 0, 0]), fill([2, 0, 0]), fill([3, 0, 0])];
  const ground = fill([9, 9, 9]);
  const animation: Animation = {
    length: 3,
    pictureAt: (index) => pictures[index] as Picture,
    periodMs: 70,
    ground,
  };
  for (const times of [1, 2, 5]) {
    const all = repeated(animation, times);
    assert.deepEqual(played(all), Array(times).fill(pictures).flat(), `${times} times`);
    assert.equal(all.periodMs, 70);
    assert.equal(all.ground, ground);
  }
});

test('a repeated change applies to the picture before it each time', () => {
  const brighter: Animation = { length: 1, pictureAt: (_, shown) => shown.map((byte) => byte + 10), periodMs: 0 };
  assert.deepEqual(played(repeated(brighter, 3), fill([1, 2, 3])), [
    fill([11, 12, 13]),
    fill([21, 22, 23]),
    fill([31, 32, 33]),
  ]);
});

test('repeating an animation two billion times takes no memory', () => {
  const all = repeated(still(fill([1, 2, 3])), 2 ** 31 - 1);
  assert.equal(all.length, 2 ** 31 - 1);
  assert.deepEqual(all.pictureAt(2 ** 31 - 2, DARK), fill([1, 2, 3]));
});
