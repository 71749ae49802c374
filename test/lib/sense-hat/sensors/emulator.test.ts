import assert from 'node:assert/strict';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Measured } from '../../../../lib/sense-hat/sensors/chip';
import { KINDS, type Kind, type SensorSource } from '../../../../lib/sense-hat/sensors/reading';
import { openSensors } from '../../../../lib/sense-hat/sensors/sensors';
import { deviceFolder } from '../../../support/device-file';
import { assertNear, fakeMachine } from '../../../support/fake-machine';
import { makePipe } from '../../../support/joystick';

const NO_LINUX = process.platform === 'linux' ? false : 'a pipe of Linux';
const ALL: ReadonlySet<Kind> = new Set(KINDS);

/** The files of an emulator whose clock shows these microseconds; its Python has 64 or 32 bits. */
function writeEmulator(folder: string, clock: number, { bits = 64, valid = 1 } = {}): void {
  const imu = Buffer.alloc(56);
  imu.writeBigUInt64LE(BigInt(clock), 24);
  [-996, 1992, 3984, 100, -200, -300, -1500, -700, -3000].forEach((value, n) => {
    imu.writeInt16LE(value, 32 + 2 * n);
  });
  const humidity = Buffer.alloc(28);
  humidity.writeInt16LE(50 * 256, 22);
  humidity.writeInt16LE(25 * 64, 24);
  humidity.fill(valid, 26);
  const pressure = Buffer.alloc(bits === 64 ? 28 : 20);
  if (bits === 64) pressure.writeBigInt64LE(4150272n, 16);
  else pressure.writeInt32LE(4150272, 12);
  pressure.fill(valid, pressure.length - 2);
  writeFileSync(join(folder, 'rpi-sense-emu-imu'), imu);
  writeFileSync(join(folder, 'rpi-sense-emu-humidity'), humidity);
  writeFileSync(join(folder, 'rpi-sense-emu-pressure'), pressure);
}

async function open(t: TestContext) {
  const emulator = deviceFolder(t);
  const machine = fakeMachine(t, { emulator });
  const source = (await openSensors({ device: 'emulator' }, machine)) as SensorSource;
  t.after(() => source.close());
  const read = async (kinds = ALL) => {
    const { time: _, ...measured } = await source.read(kinds);
    return measured;
  };
  return { emulator, machine, read, troubles: () => source.troubles.map(({ text }) => text) };
}

/** What the chips of `fakeHat` measure, too. */
const MEASURED: Measured = {
  temperature: 25,
  humidity: 50,
  pressure: 1013.25,
  gyroscope: { x: 0.030543, y: -0.061087, z: -0.09163 },
  acceleration: { x: -0.24402, y: 0.48804, z: 0.976081 },
  magnetometer: { x: -21, y: -9.8, z: -42 },
};

test("the emulator's files, of 64 and of 32 bits, hold what a HAT measures", async (t) => {
  for (const bits of [64, 32]) {
    const { emulator, read, troubles } = await open(t);
    writeEmulator(emulator, 1, { bits });
    assert.deepEqual(await read(), {}, 'its clock has not moved');
    writeEmulator(emulator, 2, { bits });
    assertNear(await read(), MEASURED, 1e-5);
    assertNear(await read(new Set(['environment'])), { temperature: 25, humidity: 50, pressure: 1013.25 });
    assert.deepEqual(await read(new Set(['colour'])), {});
    assert.deepEqual(troubles(), []);
  }
});

test('data that the emulator marks as invalid is left out', async (t) => {
  const { emulator, read } = await open(t);
  writeEmulator(emulator, 1, { valid: 0 });
  await read();
  writeEmulator(emulator, 2, { valid: 0 });
  assert.deepEqual(await read(new Set(['environment'])), {});
});

test('an emulator whose clock stands still for 5 s is stale, until it moves again', async (t) => {
  const { emulator, machine, read, troubles } = await open(t);
  writeEmulator(emulator, 1);
  await read();
  writeEmulator(emulator, 2);
  await read();
  machine.tick(4999);
  assert.notDeepEqual(await read(), {});
  machine.tick(1);
  assert.deepEqual(await read(), {});
  assert.deepEqual(troubles(), ['SENSOR-emulator-stale']);
  writeEmulator(emulator, 1);
  assertNear(await read(), MEASURED, 1e-5);
  assert.deepEqual(troubles(), []);
});

test('files that an emulator has left behind are never sent', async (t) => {
  const { emulator, machine, read, troubles } = await open(t);
  writeEmulator(emulator, 123456789);
  for (const ms of [1000, 3000, 1000, 60_000]) {
    assert.deepEqual(await read(), {});
    machine.tick(ms);
  }
  assert.deepEqual(await read(), {});
  assert.deepEqual(troubles(), ['SENSOR-emulator-stale']);
});

test('a file that cannot be read takes away only what is in it', async (t) => {
  const { emulator, read, troubles } = await open(t);
  writeEmulator(emulator, 1);
  await read();
  const { temperature, humidity, pressure, ...motion } = MEASURED as Required<Measured>;
  const left: Record<string, Omit<Measured, 'colour'>> = {
    humidity: { ...motion, pressure },
    pressure: { ...motion, temperature, humidity },
  };
  for (const [index, name] of Object.keys(left).entries()) {
    writeEmulator(emulator, 2 + index);
    writeFileSync(join(emulator, `rpi-sense-emu-${name}`), Buffer.alloc(8));
    assertNear(await read(), left[name] as Measured, 1e-5);
    assert.deepEqual(troubles(), ['SENSOR-emulator-file']);
  }
});

test('missing, foreign and special files have their texts', { skip: NO_LINUX }, async (t) => {
  const { emulator, read, troubles } = await open(t);
  assert.deepEqual(await read(), {});
  assert.deepEqual(troubles(), ['SENSOR-emulator-missing']);
  const imu = join(emulator, 'rpi-sense-emu-imu');
  for (const make of [() => writeFileSync(imu, 'short'), () => makePipe(imu), () => symlinkSync('/dev/zero', imu)]) {
    make();
    assert.deepEqual(await read(), {});
    assert.deepEqual(troubles(), ['SENSOR-emulator-file']);
    rmSync(imu);
  }
  writeEmulator(emulator, 1);
  await read();
  writeEmulator(emulator, 2);
  assertNear(await read(), MEASURED, 1e-5);
});
