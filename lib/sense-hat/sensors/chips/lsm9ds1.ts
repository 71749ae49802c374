import { setTimeout as sleep } from 'node:timers/promises';
import type { Calibration } from '../calibration';
import type { ChipModel } from '../chip';
import { freshness } from '../freshness';
import type { Vector } from '../reading';

/** Several bytes at once. */
const INCREMENT = 0x80;
const ACCELERATION_CONTROL = 0x20;

/** 119 Hz, up to 500 degrees a second. */
const GYROSCOPE_RUNNING = 0x69;
/** 119 Hz, up to 8 g, a filter of 50 Hz. */
const ACCELERATION_RUNNING = 0x7b;

const BOOT_MS = 100;

const HAS_ACCELERATION = 1;
const HAS_GYROSCOPE = 2;

const RADIANS_PER_DIGIT = (0.0175 * Math.PI) / 180;
const G_PER_DIGIT = 0.000244;

/** Accelerometer and gyroscope of the motion chip: https://www.st.com/resource/en/datasheet/lsm9ds1.pdf */
export const LSM9DS1: ChipModel = {
  name: 'LSM9DS1',
  kind: 'motion',
  addresses: [0x6a],
  identityRegister: 0x0f,
  identities: [0x68],
  start: async (registers) => {
    await registers.write(0x22, 0x84); // Boot, and return successive registers.
    await sleep(BOOT_MS);
    await registers.write(0x22, 0x44); // No half-read numbers.
    await registers.write(0x10, GYROSCOPE_RUNNING);
    await registers.write(0x12, 0x44); // The gyroscope's drift is filtered out.
    await registers.write(ACCELERATION_CONTROL, ACCELERATION_RUNNING);
    const isFresh = freshness(registers, { control: ACCELERATION_CONTROL, running: ACCELERATION_RUNNING });
    return async () => {
      const bytes = await registers.read(0x17 | INCREMENT, 7);
      // In one go the chip would return to the acceleration before its end.
      const acceleration = await registers.read(0x28 | INCREMENT, 6);
      const valid = await isFresh(bytes[0] as number, HAS_ACCELERATION | HAS_GYROSCOPE);
      return {
        ...(valid & HAS_ACCELERATION ? { acceleration: accelerationOf(vector(acceleration, G_PER_DIGIT)) } : {}),
        ...(valid & HAS_GYROSCOPE ? { gyroscope: gyroscopeOf(vector(bytes.subarray(1), RADIANS_PER_DIGIT)) } : {}),
      };
    };
  },
};

const MAGNETOMETER_CONTROL = 0x20;

/** 20 Hz. */
const MAGNETOMETER_RUNNING = 0x14;
const HAS_MAGNETOMETER = 8;
const MICROTESLA_PER_DIGIT = 0.014;

/** Magnetometer of the motion chip. `calibration` is read when the chip is set up. */
export function lsm9ds1Magnetometer(calibration: () => Promise<Calibration>): ChipModel {
  return {
    name: 'LSM9DS1 magnetometer',
    kind: 'motion',
    addresses: [0x1c],
    identityRegister: 0x0f,
    identities: [0x3d],
    start: async (registers) => {
      await registers.write(MAGNETOMETER_CONTROL, MAGNETOMETER_RUNNING);
      await registers.write(0x21, 0); // Up to 4 gauss.
      await registers.write(0x22, 0); // One measurement after the other.
      await registers.write(0x24, 0x40); // No half-read numbers.
      const calibrate = await calibration();
      const isFresh = freshness(registers, { control: MAGNETOMETER_CONTROL, running: MAGNETOMETER_RUNNING });
      return async () => {
        const bytes = await registers.read(0x27 | INCREMENT, 7);
        const valid = await isFresh(bytes[0] as number, HAS_MAGNETOMETER);
        if (!valid) return {};
        return { magnetometer: calibrate(magnetometerOf(vector(bytes.subarray(1), MICROTESLA_PER_DIGIT))) };
      };
    },
  };
}

/** The axes of the chip's acceleration as those of the HAT: x forward, y right, z down, where gravity is positive. */
export function accelerationOf({ x, y, z }: Vector): Vector {
  return { x: -x, y: -y, z };
}

/** The axes of the chip's gyroscope as those of the HAT. */
export function gyroscopeOf({ x, y, z }: Vector): Vector {
  return { x, y, z: -z };
}

/** The axes of the chip's magnetometer as those of the HAT. */
export function magnetometerOf({ x, y, z }: Vector): Vector {
  return { x: -x, y, z: -z };
}

function vector(bytes: Buffer, perDigit: number): Vector {
  return {
    x: bytes.readInt16LE(0) * perDigit,
    y: bytes.readInt16LE(2) * perDigit,
    z: bytes.readInt16LE(4) * perDigit,
  };
}
