import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  choiceSetting,
  countSetting,
  numberSetting,
  switchSetting,
  textSetting,
  variableName,
} from '../../lib/setting';

test('numbers and numeric strings are accepted, zero included', () => {
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
    assert.equal(numberSetting('timeout', value, 7), expected, JSON.stringify(value));
});

test('an empty or missing number is the fallback', () => {
  for (const value of [undefined, null, '', ' ', '\t\n']) {
    assert.equal(numberSetting('timeout', value, 7), 7, JSON.stringify(value));
  }
});

test('a value that is not a number, negative or too large throws BAD_NUMBER with the field and the value', () => {
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
    assert.throws(() => numberSetting('timeout', value, 7), {
      code: 'BAD_NUMBER',
      values: { field: 'timeout', value: shown, min: 0, max: 2_147_483_647 },
    });
  }
});

test('a number may be as large as its field allows, and no larger', () => {
  for (const value of [0, 100, '100', 99.5])
    assert.equal(numberSetting('brightness', value, 7, { max: 100 }), Number(value));
  for (const [value, shown] of [
    [101, '101'],
    ['100.01', '"100.01"'],
    [-1, '-1'],
  ]) {
    assert.throws(() => numberSetting('brightness', value, 7, { max: 100 }), {
      code: 'BAD_NUMBER',
      values: { field: 'brightness', value: shown, min: 0, max: 100 },
    });
  }
});

test('a number may be as small as its field allows, and no smaller', () => {
  for (const value of [1, '1', 1.5])
    assert.equal(numberSetting('timeout', value, 7, { min: 1, max: 100 }), Number(value));
  for (const read of [numberSetting, countSetting]) {
    assert.throws(() => read('timeout', 0, 7, { min: 1, max: 100 }), {
      code: 'BAD_NUMBER',
      values: { field: 'timeout', value: '0', min: 1, max: 100 },
    });
  }
});

test('a count is a whole number', () => {
  for (const value of [0, 5, '5', ' 5 ', '5.0', '1e3']) assert.equal(countSetting('max', value, 7), Number(value));
  for (const value of [undefined, null, '', ' ']) assert.equal(countSetting('max', value, 7), 7);
  for (const [value, shown, text] of [
    [2.5, '2.5', 'BAD_NUMBER-whole'],
    ['2.5', '"2.5"', 'BAD_NUMBER-whole'],
    [-1, '-1', 'BAD_NUMBER'],
    [101, '101', 'BAD_NUMBER'],
    ['two', '"two"', 'BAD_NUMBER'],
  ] as const) {
    const values = { field: 'max', value: shown, min: 0, max: 100 };
    assert.throws(() => countSetting('max', value, 7, { max: 100 }), { code: 'BAD_NUMBER', text, values });
  }
});

test('only a text that consists of a variable has a variable name', () => {
  assert.equal(variableName('${NAME}'), 'NAME');
  for (const text of ['', 'NAME', 'a ${NAME}', '${NAME} b', '${A}${B}', '${}'])
    assert.equal(variableName(text), undefined);
});

test('a choice is one of the given words, an empty or missing one is the fallback', () => {
  const choices = ['left', 'right'] as const;
  for (const choice of choices) assert.equal(choiceSetting('direction', choice, choices, 'left'), choice);
  for (const empty of [undefined, null, '']) assert.equal(choiceSetting('direction', empty, choices, 'right'), 'right');
  for (const [value, shown] of [
    ['up', '"up"'],
    ['Left', '"Left"'],
    [' left', '" left"'],
    [' ', '" "'],
    [0, '0'],
    [false, 'false'],
    [['left'], '["left"]'],
    ['toString', '"toString"'],
  ]) {
    assert.throws(() => choiceSetting('direction', value, choices, 'left'), {
      code: 'BAD_CHOICE',
      values: { field: 'direction', value: shown, choices: 'left, right' },
    });
  }
});

test('a switch is true or false, an empty or missing one is the fallback', () => {
  for (const fallback of [true, false]) {
    for (const value of [true, false]) assert.equal(switchSetting('flipH', value, fallback), value);
    for (const empty of [undefined, null, '']) assert.equal(switchSetting('flipH', empty, fallback), fallback);
  }
  for (const [value, shown] of [
    ['true', '"true"'],
    [0, '0'],
    [1, '1'],
    [Number.NaN, 'NaN'],
    [' ', '" "'],
    [[], '[]'],
    [{}, '{}'],
  ]) {
    assert.throws(() => switchSetting('flipH', value, false), {
      code: 'BAD_SWITCH',
      values: { field: 'flipH', value: shown },
    });
  }
});

test('a text stays as it is, another type becomes JSON, and an empty or missing one is the fallback', () => {
  for (const [value, text] of [
    ['a b', 'a b'],
    [5, '5'],
    [0, '0'],
    [false, 'false'],
    [{ a: 1 }, '{"a":1}'],
  ] as const) {
    assert.equal(textSetting(value, 'fallback'), text);
  }
  for (const empty of [undefined, null, '']) assert.equal(textSetting(empty, 'fallback'), 'fallback');
});
