import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasChanged, readThresholds, type Thresholds } from '../../../../lib/sense-hat/sensors/changes';

test('a payload has changed where a quantity did, by at least its threshold', () => {
  const air = { temperature: 20, humidity: 40, dewPoint: 6 };
  const lying = { acceleration: { x: 0, y: 0, z: 1 }, orientation: { roll: 359, pitch: 0, yaw: 1 }, compass: 358 };
  const table: [string, object | undefined, object, Thresholds, boolean][] = [
    ['the first one', undefined, air, { temperature: 50 }, true],
    ['the same', air, { ...air }, {}, false],
    ['the same, with a threshold of zero', air, { ...air }, { temperature: 0 }, false],
    ['any change without a threshold', air, { ...air, humidity: 40.01 }, { temperature: 0.5 }, true],
    ['less than the threshold', air, { ...air, temperature: 20.49 }, { temperature: 0.5 }, false],
    ['exactly the threshold', { humidity: 0.2 }, { humidity: 0.3 }, { humidity: 0.1 }, true],
    ['downwards', air, { ...air, temperature: 19.5 }, { temperature: 0.5 }, true],
    ['a quantity that follows from others', air, { ...air, dewPoint: 7 }, {}, false],
    ['such a quantity with a threshold', air, { ...air, dewPoint: 7 }, { dewPoint: 1 }, true],
    ['a quantity that appears', { pressure: 1000 }, { pressure: 1000, temperature: 20 }, { temperature: 50 }, true],
    ['a quantity that is gone', air, { temperature: 20, dewPoint: 6 }, { humidity: 50 }, true],
    ['one axis', lying, { ...lying, acceleration: { x: 0, y: 0.1, z: 1 } }, { acceleration: 0.1 }, true],
    [
      'each axis a little',
      lying,
      { ...lying, acceleration: { x: 0.09, y: 0.09, z: 1.09 } },
      { acceleration: 0.1 },
      false,
    ],
    ['past north', lying, { ...lying, compass: 2 }, { compass: 5 }, false],
    ['far past north', lying, { ...lying, compass: 3 }, { compass: 5 }, true],
    ['a turn past zero', lying, { ...lying, orientation: { roll: 1, pitch: 359, yaw: 0 } }, { orientation: 3 }, false],
  ];
  for (const [name, before, now, thresholds, expected] of table) {
    assert.equal(hasChanged(before, now, thresholds), expected, name);
  }
});

test('thresholds are an object of numbers by quantity, as JSON as well', () => {
  for (const empty of [undefined, null, '', ' \t', '{}']) assert.deepEqual(readThresholds(empty), {});
  const thresholds = { temperature: 0.5, compass: 0 };
  for (const value of [thresholds, JSON.stringify(thresholds)]) assert.deepEqual(readThresholds(value), thresholds);
});

test('other thresholds throw BAD_THRESHOLD', () => {
  const table: [unknown, string][] = [
    ['0.5', 'BAD_THRESHOLD'],
    ['temperature', 'BAD_THRESHOLD'],
    ['[1]', 'BAD_THRESHOLD'],
    ['null', 'BAD_THRESHOLD'],
    [7, 'BAD_THRESHOLD'],
    ['{"temprature": 1}', 'BAD_THRESHOLD-name'],
    ['{"__proto__": 1}', 'BAD_THRESHOLD-name'],
    ['{"toString": 1}', 'BAD_THRESHOLD-name'],
    ['{"temperature": -1}', 'BAD_THRESHOLD-number'],
    ['{"temperature": "1"}', 'BAD_THRESHOLD-number'],
    [{ temperature: Number.NaN }, 'BAD_THRESHOLD-number'],
  ];
  for (const [value, text] of table) {
    assert.throws(() => readThresholds(value), { code: 'BAD_THRESHOLD', text }, JSON.stringify(value));
  }
});
