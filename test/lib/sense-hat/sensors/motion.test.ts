import assert from 'node:assert/strict';
import { test } from 'node:test';
import { motionOf } from '../../../../lib/sense-hat/sensors/motion';

test('a motion has 4 decimals, and a compass without any, all from 0 to below 360 degrees', () => {
  const reading = {
    time: 0,
    acceleration: { x: 0.123456, y: -0.00001, z: 1 },
    gyroscope: { x: 0, y: 0.00005, z: -0.00005 },
    magnetometer: { x: 12.34567, y: -30, z: 40.5 },
  };
  const attitude = { orientation: { roll: -0.00001, pitch: 359.99999, yaw: 725.5 }, compass: 359.6 };
  assert.deepEqual(motionOf(reading, attitude), {
    acceleration: { x: 0.1235, y: 0, z: 1 },
    gyroscope: { x: 0, y: 0.0001, z: -0.0001 },
    magnetometer: { x: 12.3457, y: -30, z: 40.5 },
    orientation: { roll: 0, pitch: 0, yaw: 5.5 },
    compass: 0,
  });
});

test('what a reading lacks, a motion lacks', () => {
  assert.deepEqual(motionOf({ time: 0 }, {}), {});
  const acceleration = { x: 0, y: 0, z: 1 };
  assert.deepEqual(motionOf({ time: 0, acceleration }, { compass: -1 }), { acceleration, compass: 359 });
});
