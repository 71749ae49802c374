import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choiceField, MAX_NUMBER, numberField, switchField } from '../../lib/field';

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

test('a number may have a maximum of its own', () => {
  for (const value of [0, 99.9, 100, '100']) assert.equal(numberField('brightness', value, 7, 100), Number(value));
  for (const value of [100.1, '101', MAX_NUMBER]) {
    assert.throws(() => numberField('brightness', value, 7, 100), {
      code: 'BAD_NUMBER',
      values: { field: 'brightness', value: JSON.stringify(value), max: 100 },
    });
  }
});

const BUSY = ['queue', 'replace'] as const;

test('a choice is one of its words, and what is empty or missing the fallback', () => {
  for (const word of BUSY) assert.equal(choiceField('busy', word, BUSY, 'queue'), word);
  for (const value of [undefined, null, '']) assert.equal(choiceField('busy', value, BUSY, 'replace'), 'replace');
});

test('what is none of the words throws BAD_CHOICE with the field, the value and the words', () => {
  const cases: [unknown, string][] = [
    ['wait', '"wait"'],
    ['Queue', '"Queue"'],
    [' queue', '" queue"'],
    [0, '0'],
    [false, 'false'],
    [['queue'], '["queue"]'],
    [{}, '{}'],
  ];
  for (const [value, shown] of cases) {
    assert.throws(() => choiceField('busy', value, BUSY, 'queue'), {
      code: 'BAD_CHOICE',
      values: { field: 'busy', value: shown, choices: 'queue, replace' },
    });
  }
});

test('a switch is true or false, and what is empty or missing the fallback', () => {
  for (const fallback of [true, false]) {
    for (const value of [true, false]) assert.equal(switchField('flipH', value, fallback), value);
    for (const value of [undefined, null, '']) assert.equal(switchField('flipH', value, fallback), fallback);
  }
});

test('what merely counts as true or false throws BAD_SWITCH with the field and the value', () => {
  const cases: [unknown, string][] = [
    ['true', '"true"'],
    ['false', '"false"'],
    [0, '0'],
    [1, '1'],
    [[], '[]'],
    [{}, '{}'],
  ];
  for (const [value, shown] of cases) {
    assert.throws(() => switchField('flipH', value, false), {
      code: 'BAD_SWITCH',
      values: { field: 'flipH', value: shown },
    });
  }
});
