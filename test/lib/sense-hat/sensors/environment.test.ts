import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Environment,
  type EnvironmentOptions,
  environmentOf,
} from '../../../../lib/sense-hat/sensors/environment';
import type { Reading } from '../../../../lib/sense-hat/sensors/reading';

const READING: Reading = { time: 0, temperature: 35.0049, humidity: 25.006, pressure: 1001.2345 };
const NONE: EnvironmentOptions = { correction: { kind: 'none' } };

test('an environment has the units and decimals of node-red-node-pi-sense-hat, and what follows from them', () => {
  const cpu: EnvironmentOptions = { correction: { kind: 'cpu', factor: 1.5 } };
  const offset: EnvironmentOptions = { correction: { kind: 'offset', offsetC: -13 }, altitudeM: 100 };
  const plain = { temperature: 35, humidity: 25.01, pressure: 1001.23, dewPoint: 12.04 };
  const table: [string, Reading, EnvironmentOptions, number | undefined, Environment][] = [
    ['as measured', READING, NONE, 60, plain],
    [
      'by the processor',
      READING,
      cpu,
      54.5,
      { temperature: 22.01, humidity: 53.2, pressure: 1001.23, temperatureRaw: 35, dewPoint: 12.04 },
    ],
    [
      'by an offset, at an altitude',
      READING,
      offset,
      undefined,
      {
        temperature: 22,
        humidity: 53.22,
        pressure: 1001.23,
        temperatureRaw: 35,
        dewPoint: 12.04,
        pressureSeaLevel: 1013.19,
      },
    ],
    ['without the processor', READING, cpu, undefined, { pressure: 1001.23, temperatureRaw: 35 }],
    [
      'at sea level',
      { time: 0, pressure: 1000 },
      { ...NONE, altitudeM: 0 },
      60,
      { pressure: 1000, pressureSeaLevel: 1000 },
    ],
    ['without a humidity chip', { time: 0, pressure: 1000 }, cpu, 60, { pressure: 1000 }],
    ['without a temperature', { time: 0, humidity: 40 }, NONE, 60, { humidity: 40 }],
    ['a humidity that cannot be corrected', { time: 0, humidity: 40 }, cpu, 60, {}],
    ['dry air', { time: 0, temperature: 20, humidity: 0 }, NONE, 60, { temperature: 20, humidity: 0 }],
    ['nothing', { time: 0 }, NONE, 60, {}],
  ];
  for (const [name, reading, options, temperature, expected] of table) {
    assert.deepEqual(environmentOf(reading, options, temperature), expected, name);
  }
});
