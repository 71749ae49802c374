import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFusion, type Orientation } from '../../../../lib/sense-hat/sensors/fusion';
import type { Reading, Vector } from '../../../../lib/sense-hat/sensors/reading';

const RADIANS = Math.PI / 180;
const NONE: Vector = { x: 0, y: 0, z: 0 };

/** The field in the middle of Europe, in µT: north and down. */
const FIELD = { north: 20, down: 44 };

/** What a HAT in this attitude measures at rest, by the matrices of roll, pitch and yaw. */
function atRest({
  roll,
  pitch,
  yaw,
}: Orientation): Required<Pick<Reading, 'acceleration' | 'gyroscope' | 'magnetometer'>> {
  const inHat = (earth: Vector) =>
    turnedBack(earth, [
      ['z', yaw],
      ['y', pitch],
      ['x', roll],
    ]);
  return {
    acceleration: inHat({ x: 0, y: 0, z: 1 }),
    gyroscope: NONE,
    magnetometer: inHat({ x: FIELD.north, y: 0, z: FIELD.down }),
  };
}

/** A vector as seen after turns about these axes, in degrees. */
function turnedBack(vector: Vector, turns: ['x' | 'y' | 'z', number][]): Vector {
  let seen = { ...vector };
  for (const [axis, angle] of turns) {
    const [a, b] = ({ x: ['y', 'z'], y: ['z', 'x'], z: ['x', 'y'] } as const)[axis];
    const [sin, cos] = [Math.sin(angle * RADIANS), Math.cos(angle * RADIANS)];
    seen = { ...seen, [a]: cos * seen[a] + sin * seen[b], [b]: cos * seen[b] - sin * seen[a] };
  }
  return seen;
}

const away = (a: number, b: number) => Math.abs(((a - b + 540) % 360) - 180);

function assertAngles(actual: Orientation | undefined, expected: Orientation, within = 0.001): void {
  for (const angle of ['roll', 'pitch', 'yaw'] as const) {
    const value = actual?.[angle] ?? Number.NaN;
    assert(value >= 0 && value < 360, `${angle} ${value}`);
    assert(away(value, expected[angle]) <= within, `${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`);
  }
}

const ATTITUDES: Orientation[] = [
  { roll: 0, pitch: 0, yaw: 0 },
  { roll: 90, pitch: 0, yaw: 0 },
  { roll: 270, pitch: 0, yaw: 0 },
  { roll: 180, pitch: 0, yaw: 0 },
  { roll: 0, pitch: 90, yaw: 0 },
  { roll: 0, pitch: 270, yaw: 0 },
  { roll: 0, pitch: 0, yaw: 90 },
  { roll: 0, pitch: 0, yaw: 180 },
  { roll: 0, pitch: 0, yaw: 270 },
  { roll: 30, pitch: 40, yaw: 200 },
  { roll: 330, pitch: 320, yaw: 359.9 },
];

test('a HAT at rest has its attitude at once and keeps it, and the compass is the yaw whatever the tilt', () => {
  for (const attitude of ATTITUDES) {
    const fuse = createFusion();
    for (let time = 0; time < 2000; time += 20) {
      const { orientation, compass } = fuse({ time, ...atRest(attitude) });
      assertAngles(orientation, attitude, 0.05);
      if (attitude.pitch % 180 !== 90) assert(away(compass ?? Number.NaN, attitude.yaw) < 0.001, `${compass}`);
    }
  }
});

test('z points down, x forward and y to the right: the signs of acceleration and field', () => {
  const cases: [Vector, Vector, Orientation][] = [
    [
      { x: 0, y: 0, z: 1 },
      { x: 20, y: 0, z: 44 },
      { roll: 0, pitch: 0, yaw: 0 },
    ],
    [
      { x: 0, y: 1, z: 0 },
      { x: 20, y: 44, z: 0 },
      { roll: 90, pitch: 0, yaw: 0 },
    ],
    [
      { x: -0.5, y: 0, z: Math.sqrt(0.75) },
      { x: 0, y: -20, z: 0 },
      { roll: 0, pitch: 30, yaw: 90 },
    ],
    [
      { x: 0, y: 0, z: 1 },
      { x: 0, y: 20, z: 44 },
      { roll: 0, pitch: 0, yaw: 270 },
    ],
  ];
  for (const [acceleration, magnetometer, expected] of cases) {
    assertAngles(createFusion()({ time: 0, acceleration, magnetometer }).orientation, expected);
  }
});

test('a turn is followed at once by its rate, and drift is corrected', () => {
  for (const axis of ['x', 'y', 'z'] as const) {
    const fuse = createFusion();
    const angle = ({ x: 'roll', y: 'pitch', z: 'yaw' } as const)[axis];
    let pose = {} as ReturnType<typeof fuse>;
    // 60 degrees in 1 s.
    for (let n = 0; n <= 50; n++) {
      const attitude = { roll: 0, pitch: 0, yaw: 0, [angle]: n * 1.2 };
      pose = fuse({ time: n * 20, ...atRest(attitude), gyroscope: { ...NONE, [axis]: n ? 60 * RADIANS : 0 } });
    }
    assertAngles(pose.orientation, { roll: 0, pitch: 0, yaw: 0, [angle]: 60 }, 0.5);
    // The gyroscope misses a turn of 20 degrees back.
    for (let n = 0; n < 500; n++) {
      pose = fuse({ time: 1020 + n * 20, ...atRest({ roll: 0, pitch: 0, yaw: 0, [angle]: 40 }) });
    }
    assertAngles(pose.orientation, { roll: 0, pitch: 0, yaw: 0, [angle]: 40 }, 0.5);
  }
});

test('a shake does not tilt the horizon, and iron nearby turns only the compass at once', () => {
  const fuse = createFusion();
  const level = { roll: 0, pitch: 0, yaw: 0 };
  for (let n = 0; n < 50; n++) fuse({ time: n * 20, ...atRest(level) });
  const shaken = fuse({ time: 1000, ...atRest(level), acceleration: { x: 1, y: 1, z: 0.2 } });
  assertAngles(shaken.orientation, level, 1);
  const disturbed = fuse({ time: 1020, ...atRest(level), magnetometer: { x: 0, y: -40, z: 44 } });
  assertAngles(disturbed.orientation, level, 1);
  assert(away(disturbed.compass ?? Number.NaN, 90) < 0.001);
});

test('through straight up no angle is NaN, and the HAT looks the same way', () => {
  const fuse = createFusion();
  for (let pitch = 0; pitch <= 180; pitch += 1) {
    const gyroscope = { ...NONE, y: pitch ? 50 * RADIANS : 0 };
    const { orientation } = fuse({ time: pitch * 20, ...atRest({ roll: 0, pitch, yaw: 0 }), gyroscope });
    assert(orientation);
    const [seen, real] = [atRest(orientation), atRest({ roll: 0, pitch, yaw: 0 })];
    for (const quantity of ['acceleration', 'magnetometer'] as const) {
      for (const axis of ['x', 'y', 'z'] as const) {
        const off = Math.abs(seen[quantity][axis] - real[quantity][axis]);
        assert(off < 1.5, `${quantity} at ${pitch}: ${JSON.stringify(orientation)}`);
      }
    }
  }
});

test('a pause or a step of the clock starts anew instead of turning on', () => {
  for (const time of [1e6, -1e6, 0, 260]) {
    const fuse = createFusion();
    fuse({ time: 0, ...atRest({ roll: 0, pitch: 0, yaw: 0 }) });
    const next = { roll: 20, pitch: 0, yaw: 100 };
    const { orientation } = fuse({ time, ...atRest(next), gyroscope: { x: 3, y: 3, z: 3 } });
    assertAngles(orientation, next);
  }
});

test('what is missing is left out', () => {
  const all = { time: 0, ...atRest({ roll: 10, pitch: 0, yaw: 50 }) };
  const { magnetometer, acceleration, gyroscope } = all;
  const keys = (reading: Reading) => Object.keys(createFusion()(reading));
  assert.deepEqual(keys({ time: 0 }), []);
  assert.deepEqual(keys({ time: 0, gyroscope }), []);
  assert.deepEqual(keys({ time: 0, magnetometer }), ['compass']);
  assert.deepEqual(keys({ time: 0, acceleration }), ['orientation']);
  assert.deepEqual(keys({ time: 0, acceleration, magnetometer }), ['orientation', 'compass']);
  assert.deepEqual(keys({ time: 0, acceleration: NONE, magnetometer: NONE }), ['compass']);
  const fuse = createFusion();
  fuse({ time: 0, acceleration, gyroscope });
  assertAngles(fuse({ time: 20, acceleration, gyroscope }).orientation, { roll: 10, pitch: 0, yaw: 0 }, 0.01);
});
