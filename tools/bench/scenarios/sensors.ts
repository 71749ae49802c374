import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFusion } from '../../../lib/sense-hat/sensors/fusion';
import { KINDS, type SensorSource } from '../../../lib/sense-hat/sensors/reading';
import { type Machine, openSensors } from '../../../lib/sense-hat/sensors/sensors';
import { watchEventLoop } from '../../../test/support/event-loop';
import { FakeBus, fakeHat } from '../../../test/support/fake-chips';
import { type Figure, figures } from '../figures';
import { interleave } from '../rounds';
import type { Setting } from '../setting';

/** Between readings, of which there are 50 a second. */
const INTERVAL_MS = 20;

/** The attributes of the drivers of the motion chip. */
const DRIVERS = { lsm9ds1_accel: 'in_accel', lsm9ds1_gyro: 'in_anglvel', lsm9ds1_magn: 'in_magn' };

/** For what the machine itself takes. */
const NOTHING: SensorSource = { troubles: [], read: async () => ({ time: Date.now() }), close: () => {} };

/** The load of 50 readings a second of all sensors, with the orientation, and how long they hold up the event loop. */
export async function sensors(setting: Setting): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'natshat-sensors-'));
  const file = await open(join(folder, 'bus'), 'w+');
  const bus = new FakeBus(fakeHat());
  // A call on a bus is a system call in a thread of the pool, and a read is two.
  bus.fail = async () => {
    await file.write('x', 0);
    await file.read(Buffer.alloc(1), 0, 1, 0);
  };
  const machine: Machine = {
    sys: makeDrivers(folder),
    proc: folder,
    dev: folder,
    emulator: folder,
    openI2c: bus.openI2c,
    calibrationFiles: [],
    now: () => performance.now(),
  };
  const ways: [name: string, SensorSource | undefined][] = [
    ['nothing', NOTHING],
    ['I2C', await openSensors({ device: join(folder, 'i2c-1') }, { ...machine, sys: folder })],
    ['kernel drivers', await openSensors({ device: '' }, machine)],
    ['emulator', await openSensors({ device: 'emulator' }, machine)],
  ];
  const contenders = ways.map(([name, source]) => ({ name, source: source as SensorSource }));
  try {
    const measured = await interleave(contenders, setting.rounds, async ({ name, source }) => {
      const prepare = name === 'emulator' ? () => writeEmulator(folder) : () => {};
      await readFor(0.2, source, prepare); // Sets up the chips.
      const startedAt = performance.now();
      const before = process.cpuUsage();
      await readFor(setting.seconds, source, prepare);
      const { user, system } = process.cpuUsage(before);
      const percent = (user + system) / 10 / (performance.now() - startedAt);
      // Watching takes all of a core.
      const watch = watchEventLoop();
      await readFor(setting.seconds, source, prepare);
      return { '% of a core': percent, 'ms, longest turn': watch.stop().longestMs };
    });
    return figures('sensors', '50 readings/s', measured);
  } finally {
    for (const { source } of contenders) source.close();
    await file.close();
    rmSync(folder, { recursive: true });
  }
}

async function readFor(seconds: number, source: SensorSource, prepare: () => void): Promise<void> {
  const fuse = createFusion();
  const kinds = new Set(KINDS);
  const endAt = performance.now() + seconds * 1000;
  do {
    prepare();
    fuse(await source.read(kinds));
    await sleep(INTERVAL_MS);
  } while (performance.now() < endAt);
}

/** A folder like `/sys` with the drivers of the motion chip. */
function makeDrivers(folder: string): string {
  Object.entries(DRIVERS).forEach(([name, channel], n) => {
    const device = join(folder, 'sys', 'bus', 'iio', 'devices', `iio:device${n}`);
    mkdirSync(device, { recursive: true });
    const attributes = {
      name,
      ...Object.fromEntries(['x', 'y', 'z'].map((axis) => [`${channel}_${axis}_raw`, '123'])),
    };
    for (const [attribute, text] of Object.entries(attributes)) writeFileSync(join(device, attribute), `${text}\n`);
  });
  return join(folder, 'sys');
}

/** The emulator's files, with the time of now on its clock. */
function writeEmulator(folder: string): void {
  const imu = Buffer.alloc(56);
  imu.writeBigUInt64LE(process.hrtime.bigint(), 24);
  writeFileSync(join(folder, 'rpi-sense-emu-imu'), imu);
  for (const name of ['humidity', 'pressure'])
    writeFileSync(join(folder, `rpi-sense-emu-${name}`), Buffer.alloc(28, 1));
}
