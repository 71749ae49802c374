import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '../../coded-error';
import type { Reading, SensorSource, Vector } from './reading';

/** An emulator whose clock stands still for this long has ended; its files outlive it. */
const STALE_MS = 5000;

const IMU_BYTES = 56;
const HUMIDITY_BYTES = 28;

/** By the size of the file: that of a long, and so the layout, is that of the emulator's Python. */
const PRESSURE_LAYOUTS: Record<number, { pressure: number; valid: number }> = {
  28: { pressure: 16, valid: 26 },
  20: { pressure: 12, valid: 18 },
};

const RADIANS = Math.PI / 180;

/**
 * Reads the official emulator's files, whose layouts are those of its programs:
 * https://github.com/astro-pi/python-sense-emu/tree/master/sense_emu. Nothing is read before its clock has moved.
 */
export function openEmulator(folder: string, now: () => number): SensorSource {
  const troubles: CodedError[] = [];
  let clock: { value: bigint; movedAt: number; hasMoved: boolean } | undefined;

  const isRunning = (value: bigint) => {
    if (value !== clock?.value) clock = { value, movedAt: now(), hasMoved: clock !== undefined };
    if (now() - clock.movedAt >= STALE_MS) throw new CodedError('SENSOR-emulator-stale', { path: folder });
    return clock.hasMoved;
  };

  /** The result; a failure becomes a trouble. */
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      troubles.push(error as CodedError);
      return undefined;
    }
  };

  const runningImu = () => {
    const imu = readWhole(join(folder, 'rpi-sense-emu-imu'), [IMU_BYTES]);
    return isRunning(imu.readBigUInt64LE(24)) ? imu : undefined;
  };

  return {
    troubles,
    read: async (kinds) => {
      const reading: Reading = { time: Date.now() };
      troubles.length = 0;
      const imu = attempt(runningImu);
      if (imu && kinds.has('motion')) Object.assign(reading, motionIn(imu));
      if (imu && kinds.has('environment')) {
        for (const read of [readHumidity, readPressure])
          Object.assign(
            reading,
            attempt(() => read(folder)),
          );
      }
      return reading;
    },
    close: () => {},
  };
}

/** The emulator's factors of its 16-bit numbers; its gyroscope has degrees a second, and its field 100 µT. */
function motionIn(imu: Buffer): Pick<Reading, 'acceleration' | 'gyroscope' | 'magnetometer'> {
  const vector = (at: number, factor: number): Vector => ({
    x: imu.readInt16LE(at) * factor,
    y: imu.readInt16LE(at + 2) * factor,
    z: imu.readInt16LE(at + 4) * factor,
  });
  return {
    acceleration: vector(32, 1 / 4081.6327),
    gyroscope: vector(38, RADIANS / 57.142857),
    magnetometer: vector(44, 100 / 7142.8571),
  };
}

function readHumidity(folder: string): Pick<Reading, 'temperature' | 'humidity'> {
  const bytes = readWhole(join(folder, 'rpi-sense-emu-humidity'), [HUMIDITY_BYTES]);
  return {
    ...(bytes[26] ? { humidity: bytes.readInt16LE(22) / 256 } : {}),
    ...(bytes[27] ? { temperature: bytes.readInt16LE(24) / 64 } : {}),
  };
}

function readPressure(folder: string): Pick<Reading, 'pressure'> {
  const bytes = readWhole(join(folder, 'rpi-sense-emu-pressure'), Object.keys(PRESSURE_LAYOUTS).map(Number));
  const { pressure, valid } = PRESSURE_LAYOUTS[bytes.length] as { pressure: number; valid: number };
  // The upper half of the longer number is zero, or the sign.
  return bytes[valid] ? { pressure: bytes.readInt32LE(pressure) / 4096 } : {};
}

/** The content of a file that has one of these sizes. */
function readWhole(path: string, sizes: readonly number[]): Buffer {
  let fd: number | undefined;
  try {
    // Opening a pipe would block until its other end is open.
    fd = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    const stats = fstatSync(fd);
    if (!stats.isFile() || !sizes.includes(stats.size)) throw new CodedError('SENSOR-emulator-file', { path });
    const bytes = Buffer.alloc(stats.size);
    readSync(fd, bytes, 0, bytes.length, 0);
    return bytes;
  } catch (error) {
    if (error instanceof CodedError) throw error;
    const reason = String((error as NodeJS.ErrnoException).code);
    if (reason === 'ENOENT') throw new CodedError('SENSOR-emulator-missing', { path });
    // A link.
    if (reason === 'ELOOP') throw new CodedError('SENSOR-emulator-file', { path });
    throw new CodedError('SENSOR', { sensor: 'emulator', path, reason }, { cause: error });
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
