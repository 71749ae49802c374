import assert from 'node:assert/strict';
import { test } from 'node:test';
import { round, roundAngle } from '../../../../lib/sense-hat/sensors/rounding';

test('numbers are rounded half away from zero, and zero has no sign', () => {
  const table: [number, number, number][] = [
    [1.005, 1, 1],
    [0.25, 1, 0.3],
    [-0.25, 1, -0.3],
    [-0.001, 2, 0],
    [1013.256, 2, 1013.26],
    [7.5, 0, 8],
  ];
  for (const [value, decimals, expected] of table) assert.equal(round(value, decimals), expected, `${value}`);
});

test('what is no number does not become one', () => {
  assert(Number.isNaN(round(Number.NaN, 2)));
});

test('an angle that rounds to a full turn is zero', () => {
  for (const degrees of [0, -0, 360, 359.99999, -0.00001, 719.99999]) assert.equal(roundAngle(degrees, 4), 0);
  assert.equal(roundAngle(-90, 4), 270);
  assert.equal(roundAngle(359.4, 0), 359);
});
