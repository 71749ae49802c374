import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberField } from '../../lib/field';

test('numbers and numeric strings count, zero included', () => {
  const cases: [unknown, number][] = [
    [0, 0],
    [5, 5],
    [2.5, 2.5],
    ['0', 0],
    ['5', 5],
    [' 5 ', 5],
    ['1e3', 1000],
    [2 ** 31 - 1, 2_147_483_647],
  ];
  for (const [value, expected] of cases)
    assert.equal(numberField('timeout', value, 7), expected, JSON.stringify(value));
});

test('what is empty or missing is the fallback', () => {
  for (const value of [undefined, null, '', ' ', '\t\n']) {
    assert.equal(numberField('timeout', value, 7), 7, JSON.stringify(value));
  }
});

test('what is no number from zero on throws BAD_NUMBER with the field and the value', () => {
  const cases: [unknown, string][] = [
    ['abc', '"abc"'],
    ['5s', '"5s"'],
    ['1,5', '"1,5"'],
    [-1, '-1'],
    ['-0.1', '"-0.1"'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    ['Infinity', '"Infinity"'],
    [2 ** 31, '2147483648'],
    [true, 'true'],
    [[5], '[5]'],
    [{}, '{}'],
    [5n, '[object BigInt]'],
  ];
  for (const [value, shown] of cases) {
    assert.throws(() => numberField('timeout', value, 7), {
      code: 'BAD_NUMBER',
      values: { field: 'timeout', value: shown, max: 2_147_483_647 },
    });
  }
});
