import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFusion } from '../../../../lib/sense-hat/sensors/fusion';
import type { Vector } from '../../../../lib/sense-hat/sensors/reading';
import { accelerationOf, magnetometerOf, type Pose, TURN_MS, Turn } from '../../../../lib/sense-hat/simulator/pose';

const DEGREES = 180 / Math.PI;

function close(actual: number, expected: number, what = ''): void {
  assert(Math.abs(actual - expected) < 1e-9, `${what}: ${actual}, expected ${expected}`);
}

function closeVector(actual: Vector, [x, y, z]: [number, number, number], what: string): void {
  close(actual.x, x, `${what} x`);
  close(actual.y, y, `${what} y`);
  close(actual.z, z, `${what} z`);
}

test('the accelerometer feels gravity as on a HAT', () => {
  const half = Math.SQRT1_2;
  const rows: [pose: Partial<Pose>, acceleration: [number, number, number]][] = [
    [{}, [0, 0, 1]],
    [{ heading: 123 }, [0, 0, 1]],
    [{ roll: 90 }, [0, 1, 0]],
    [{ roll: -90 }, [0, -1, 0]],
    [{ pitch: 90 }, [-1, 0, 0]],
    [{ pitch: -90 }, [1, 0, 0]],
    [{ roll: 45 }, [0, half, half]],
    [{ pitch: 45, roll: 45 }, [-half, 0.5, 0.5]],
  ];
  for (const [pose, expected] of rows) {
    closeVector(accelerationOf({ roll: 0, pitch: 0, heading: 0, ...pose }), expected, JSON.stringify(pose));
  }
});

/** The formulas of RTIMULib: RTMath.cpp, accelToEuler, and RTFusion.cpp, calculatePose. */
function anglesOf({ x, y, z }: Vector, field: Vector): Pose {
  const roll = Math.atan2(y, z);
  const pitch = -Math.atan2(x, Math.hypot(y, z));
  const north = field.x * Math.cos(pitch) + Math.sin(pitch) * (field.y * Math.sin(roll) + field.z * Math.cos(roll));
  const east = field.y * Math.cos(roll) - field.z * Math.sin(roll);
  return { roll: roll * DEGREES, pitch: pitch * DEGREES, heading: (-Math.atan2(east, north) * DEGREES + 360) % 360 };
}

test('gravity and the magnetic field together give the pose back', () => {
  for (const roll of [-89, -30, 0, 10, 80]) {
    for (const pitch of [-85, -20, 0, 45, 89]) {
      for (const heading of [0, 45, 90, 180, 271, 359]) {
        const pose = { roll, pitch, heading };
        const angles = anglesOf(accelerationOf(pose), magnetometerOf(pose));
        // A heading of 0 may come back as just below 360.
        assert(Math.abs(((angles.heading - heading + 540) % 360) - 180) < 1e-9, JSON.stringify([pose, angles]));
        close(angles.roll, roll, JSON.stringify(pose));
        close(angles.pitch, pitch, JSON.stringify(pose));
      }
    }
  }
});

test('the gyroscope measures a turn while it lasts, the short way round', () => {
  const level = { roll: 0, pitch: 0, heading: 0 };
  const speed = 1000 / TURN_MS / DEGREES;
  const rows: [from: Partial<Pose>, to: Partial<Pose>, gyroscope: [number, number, number]][] = [
    [{}, { roll: 30 }, [30 * speed, 0, 0]],
    [{}, { pitch: -20 }, [0, -20 * speed, 0]],
    [{}, { heading: 90 }, [0, 0, 90 * speed]],
    [{ heading: 350 }, { heading: 10 }, [0, 0, 20 * speed]],
    [{ heading: 10 }, { heading: 350 }, [0, 0, -20 * speed]],
    [{ roll: 90 }, { roll: 90, heading: 10 }, [0, 10 * speed, 0]],
  ];
  for (const [from, to, expected] of rows) {
    const [start, end] = [
      { ...level, ...from },
      { ...level, ...to },
    ];
    const turn = new Turn(start, end, 1000);
    closeVector(turn.gyroscopeAt(1000 + TURN_MS / 2), expected, JSON.stringify([from, to]));
    closeVector(turn.gyroscopeAt(1000 + TURN_MS), [0, 0, 0], 'at rest');
    assert.deepEqual(turn.poseAt(1000), start);
    assert.deepEqual(turn.poseAt(1000 + TURN_MS), end);
  }
  assert.equal(new Turn({ ...level, heading: 350 }, { ...level, heading: 10 }, 0).poseAt(TURN_MS / 2).heading, 0);
});

test('the gyroscope, added up, gives a turn about several axes', () => {
  const turn = new Turn({ roll: 0, pitch: 0, heading: 0 }, { roll: 40, pitch: -30, heading: 60 }, 0);
  const STEPS = 20_000;
  let down = { x: 0, y: 0, z: 1 };
  for (let step = 0; step < STEPS; step++) {
    // A vector that rests on Earth turns the other way for the HAT.
    const { x, y, z } = turn.gyroscopeAt(((step + 0.5) / STEPS) * TURN_MS);
    const seconds = TURN_MS / 1000 / STEPS;
    down = {
      x: down.x - seconds * (y * down.z - z * down.y),
      y: down.y - seconds * (z * down.x - x * down.z),
      z: down.z - seconds * (x * down.y - y * down.x),
    };
  }
  const expected = accelerationOf({ roll: 40, pitch: -30, heading: 60 });
  for (const axis of ['x', 'y', 'z'] as const) assert(Math.abs(down[axis] - expected[axis]) < 1e-3, axis);
});

/** The difference of two angles in degrees. */
const between = (one: number, other: number) => Math.abs(((one - other + 540) % 360) - 180);

test('the fusion follows a turn, and gives the pose back', () => {
  const rows: [from: Partial<Pose>, to: Partial<Pose>][] = [
    [{}, { roll: 60 }],
    [{}, { pitch: -60, heading: 90 }],
    [{ heading: 350 }, { roll: -30, pitch: 20, heading: 30 }],
  ];
  for (const [from, to] of rows) {
    const level = { roll: 0, pitch: 0, heading: 0 };
    const [start, end] = [
      { ...level, ...from },
      { ...level, ...to },
    ];
    const turn = new Turn(start, end, 0);
    const fuse = createFusion();
    let fused: ReturnType<typeof fuse> = {};
    for (let time = 0; time <= TURN_MS + 20; time += 20) {
      fused = fuse({
        time: 1000 + time,
        acceleration: accelerationOf(turn.poseAt(time)),
        gyroscope: turn.gyroscopeAt(time),
        magnetometer: magnetometerOf(turn.poseAt(time)),
      });
      if (time === 0) assert(between(fused.orientation?.yaw ?? Number.NaN, start.heading) < 1e-6);
    }
    const { roll, pitch, yaw } = fused.orientation ?? assert.fail('no orientation');
    const what = JSON.stringify([to, fused]);
    assert(between(fused.compass ?? Number.NaN, end.heading) < 1e-6, what);
    // Each rate counts for the 20 ms before it.
    for (const [angle, wanted] of [
      [roll, end.roll],
      [pitch, end.pitch],
      [yaw, end.heading],
    ] as const) {
      assert(between(angle, wanted) < 12, what);
    }
  }
});
