import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_VALUES, RANGES, readValues } from '../../../../lib/sense-hat/simulator/values';

test('values within their ranges are accepted, whole or in part', () => {
  assert.deepEqual(readValues({ ...DEFAULT_VALUES }), DEFAULT_VALUES);
  assert.deepEqual(readValues({}), {});
  for (const [name, [min, max]] of Object.entries(RANGES)) {
    for (const value of [min, max]) assert.deepEqual(readValues({ [name]: value }), { [name]: value });
  }
});

test('anything else is rejected with a code', () => {
  const refused: [input: unknown, text: string][] = [
    [undefined, 'BAD_SIMULATION'],
    [null, 'BAD_SIMULATION'],
    [[], 'BAD_SIMULATION'],
    ['22', 'BAD_SIMULATION'],
    [22, 'BAD_SIMULATION'],
    [{ wind: 3 }, 'BAD_SIMULATION-unknown'],
    [JSON.parse('{"__proto__": 1}'), 'BAD_SIMULATION-unknown'],
    [{ constructor: 1 }, 'BAD_SIMULATION-unknown'],
    [{ temperature: '22' }, 'BAD_SIMULATION-range'],
    [{ temperature: null }, 'BAD_SIMULATION-range'],
    [{ temperature: Number.NaN }, 'BAD_SIMULATION-range'],
    [{ temperature: Number.POSITIVE_INFINITY }, 'BAD_SIMULATION-range'],
    [{ humidity: 100.1 }, 'BAD_SIMULATION-range'],
    [{ temperature: 20, heading: -1 }, 'BAD_SIMULATION-range'],
  ];
  for (const [input, text] of refused) assert.throws(() => readValues(input), { text }, JSON.stringify(input));
});
