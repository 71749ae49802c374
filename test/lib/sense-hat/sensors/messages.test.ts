import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MessageOptions, SensorMessages } from '../../../../lib/sense-hat/sensors/messages';
import { KINDS, type Kind, type Reading } from '../../../../lib/sense-hat/sensors/reading';

const OPTIONS: MessageOptions = { correction: { kind: 'none' }, samples: 1 };
const ALL: ReadonlySet<Kind> = new Set(KINDS);
const MOTION: ReadonlySet<Kind> = new Set(['motion']);

const READING: Reading = {
  time: 1_700_000_000_000,
  temperature: 21.504,
  humidity: 45.25,
  pressure: 1013.111,
  acceleration: { x: 0, y: 0, z: 1 },
  gyroscope: { x: 0, y: 0, z: 0 },
  magnetometer: { x: 20, y: 0, z: 44 },
  colour: { red: 10.4, green: 20.6, blue: 255, clear: 0 },
};

test('each kind becomes a message of its own, with its time', () => {
  const { time } = READING;
  const level = { roll: 0, pitch: 0, yaw: 0 };
  const { acceleration, gyroscope, magnetometer } = READING;
  assert.deepEqual(new SensorMessages(OPTIONS).of(READING, ALL), [
    {
      topic: 'environment',
      payload: { temperature: 21.5, humidity: 45.25, pressure: 1013.11, dewPoint: 9.15 },
      time,
    },
    { topic: 'motion', payload: { acceleration, gyroscope, magnetometer, orientation: level, compass: 0 }, time },
    { topic: 'colour', payload: { red: 10, green: 21, blue: 255, clear: 0 }, time },
  ]);
});

test('what was not asked for or is not known becomes no message', () => {
  const topics = (reading: Reading, kinds: Kind[]) =>
    new SensorMessages(OPTIONS).of(reading, new Set(kinds)).map(({ topic }) => topic);
  assert.deepEqual(topics(READING, ['colour', 'environment']), ['environment', 'colour']);
  assert.deepEqual(topics({ time: 1 }, [...KINDS]), []);
  assert.deepEqual(topics({ time: 1, pressure: 1000 }, [...KINDS]), ['environment']);
});

test('only changes: a kind is sent when one of its quantities differs from what was last sent', () => {
  const messages = new SensorMessages({ ...OPTIONS, changes: { temperature: 0.5 } });
  const topics = (changes: Partial<Reading>) => messages.of({ ...READING, ...changes }, ALL).map(({ topic }) => topic);
  assert.deepEqual(topics({}), ['environment', 'motion', 'colour']);
  assert.deepEqual(topics({}), []);
  assert.deepEqual(topics({ temperature: 21.9 }), []);
  assert.deepEqual(
    topics({ temperature: 22 }),
    ['environment'],
    'compared with what was sent, not with the last reading',
  );
  assert.deepEqual(topics({ temperature: 22, humidity: 45.26 }), ['environment']);
  assert.deepEqual(topics({ temperature: 22, humidity: 45.26, colour: { red: 11, green: 21, blue: 255, clear: 0 } }), [
    'colour',
  ]);
});

test('several samples of motion are one message, with an array for each quantity and the time of each', () => {
  const messages = new SensorMessages({ ...OPTIONS, samples: 3 });
  const at = (time: number, x: number) =>
    messages.of({ time, acceleration: { x, y: 0, z: 1 }, pressure: 1000 }, new Set(['motion', 'environment']));
  assert.deepEqual(
    at(1, 0.1).map(({ topic }) => topic),
    ['environment'],
    'other kinds do not wait',
  );
  at(2, 0.2);
  const { payload, ...rest } = at(3, 0.3).find(({ topic }) => topic === 'motion') ?? assert.fail('no motion');
  assert.deepEqual(rest, { topic: 'motion', time: 3, times: [1, 2, 3] });
  const { acceleration, orientation } = payload as Record<string, { x: number }[]>;
  assert.deepEqual(
    acceleration?.map(({ x }) => x),
    [0.1, 0.2, 0.3],
  );
  assert.equal(orientation?.length, 3);
  assert.equal(at(4, 0.4).length, 1, 'the next message begins anew');
});

test('only changes: samples are sent together if one of them differs', () => {
  const messages = new SensorMessages({ ...OPTIONS, samples: 2, changes: { acceleration: 0.1, orientation: 30 } });
  const at = (x: number) => messages.of({ time: 1, acceleration: { x, y: 0, z: 1 } }, MOTION).length;
  const counts = [0, 0, 0.05, 0.05, 0.5, 0, 0, 0].map(at);
  assert.deepEqual(counts, [0, 1, 0, 0, 0, 1, 0, 0]);
});
