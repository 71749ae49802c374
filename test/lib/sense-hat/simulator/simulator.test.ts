import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KINDS } from '../../../../lib/sense-hat/sensors/reading';
import { isKey, openSimulator, Simulator } from '../../../../lib/sense-hat/simulator/simulator';
import { DEFAULT_VALUES } from '../../../../lib/sense-hat/simulator/values';

test('a source reads the groups that are asked for', async () => {
  const hat = new Simulator();
  const source = openSimulator(hat);
  const before = Date.now();
  const { time, ...environment } = await source.read(new Set(['environment']));
  assert(time >= before && time <= Date.now());
  assert.deepEqual(environment, { temperature: 22, humidity: 45, pressure: 1013 });
  const { time: _, ...motion } = await source.read(new Set(['motion']));
  assert.deepEqual(Object.keys(motion), ['acceleration', 'gyroscope', 'magnetometer']);
  assert.deepEqual(motion.acceleration, { x: 0, y: 0, z: 1 });
  hat.set({ red: 255, green: 0, blue: 45 });
  const { colour } = await source.read(new Set(['colour']));
  assert.deepEqual(colour, { red: 255, green: 0, blue: 45, clear: 100 });
  assert.equal(Object.keys(await source.read(new Set(KINDS))).length, 8);
  assert.deepEqual(source.troubles, []);
  source.close();
});

test('values change in part, and are told on a change only', () => {
  const hat = new Simulator();
  const told: unknown[] = [];
  hat.on('values', (values) => told.push(values));
  hat.set({ temperature: 30 });
  hat.set({ temperature: 30 });
  hat.set({});
  hat.set({ roll: 10, temperature: 30 });
  assert.deepEqual(told, [
    { ...DEFAULT_VALUES, temperature: 30 },
    { ...DEFAULT_VALUES, temperature: 30, roll: 10 },
  ]);
  assert.deepEqual(hat.values, told[1]);
  const { gyroscope } = hat.measure(new Set(['motion']));
  assert((gyroscope?.x ?? 0) > 0.8, 'it turns');
});

test('only the five keys are keys', () => {
  for (const key of ['UP', 'RIGHT', 'DOWN', 'LEFT', 'ENTER']) assert(isKey(key));
  for (const other of ['up', '', 'toString', undefined, null, 0, ['UP']]) assert(!isKey(other), String(other));
});

test('its keys are events', () => {
  const hat = new Simulator();
  const events: string[] = [];
  hat.on('key', ({ key, state }) => events.push(`${key} ${state}`));
  hat.press('UP');
  hat.release('UP');
  assert.deepEqual(events, ['UP press', 'UP release']);
});
