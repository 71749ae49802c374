import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Measured } from '../../../../lib/sense-hat/sensors/chip';
import { KINDS, type Kind } from '../../../../lib/sense-hat/sensors/reading';
import { openSensors } from '../../../../lib/sense-hat/sensors/sensors';
import { timesOpen } from '../../../support/device-file';
import { FakeBus, fakeHat } from '../../../support/fake-chips';
import { assertNear, fakeMachine, linkIioDevice, makeTree } from '../../../support/fake-machine';
import { until } from '../../../support/joystick';

const NO_LINUX = process.platform === 'linux' ? false : 'links and drivers of Linux';
const ALL: ReadonlySet<Kind> = new Set(KINDS);

/** The attributes of each driver as it writes them, for what the chips of `fakeHat` measure. */
const DEVICES: Record<string, Record<string, string>> = {
  hts221: {
    in_temp_raw: '200',
    in_temp_offset: '633.333333333',
    in_temp_scale: '0.030000000',
    in_humidityrelative_raw: '4000',
    in_humidityrelative_offset: '4333.333333333',
    in_humidityrelative_scale: '0.006000000',
  },
  lps25h: {
    in_pressure_raw: '4150272',
    in_pressure_scale: '0.000024414',
    in_temp_raw: '-8496',
    in_temp_offset: '20400.000000',
    in_temp_scale: '2.083300',
  },
  lsm9ds1_accel: {
    in_accel_x_raw: '1000',
    in_accel_y_raw: '-2000',
    in_accel_z_raw: '4000',
    in_accel_scale: '0.002392823',
  },
  lsm9ds1_gyro: {
    in_anglvel_x_raw: '100',
    in_anglvel_y_raw: '-200',
    in_anglvel_z_raw: '300',
    in_anglvel_scale: '0.000305433',
  },
  lsm9ds1_magn: {
    in_magn_x_raw: '1500',
    in_magn_x_scale: '0.000140',
    in_magn_y_raw: '-700',
    in_magn_y_scale: '0.000140',
    in_magn_z_raw: '3000',
    in_magn_z_scale: '0.000140',
  },
  tcs3472: {
    in_intensity_red_raw: '50',
    in_intensity_green_raw: '25',
    in_intensity_blue_raw: '12',
    in_intensity_clear_raw: '100',
    in_intensity_calibscale: '60',
    in_intensity_integration_time: '0.002400',
  },
};

/** The devices of these drivers as the kernel lists them. */
function files(names: string[], folder = 'bus/iio/devices'): Record<string, string> {
  const all: Record<string, string> = { [`${folder}/iio:device9/name`]: 'bme280\n' };
  names.forEach((name, n) => {
    for (const [attribute, text] of Object.entries({ name, ...DEVICES[name] })) {
      all[`${folder}/iio:device${n}/${attribute}`] = `${text}\n`;
    }
  });
  return all;
}

async function open(t: TestContext, sys: string, bus = new FakeBus(fakeHat()), device = '') {
  const machine = fakeMachine(t, { sys, openI2c: bus.openI2c });
  const source = await openSensors({ device }, machine);
  assert(source);
  t.after(() => source.close());
  return { source, bus, machine };
}

const MEASURED: Measured = {
  temperature: 25,
  humidity: 50,
  pressure: 1013.25,
  gyroscope: { x: 0.0305, y: -0.0611, z: -0.0916 },
  acceleration: { x: -0.244, y: 0.488, z: 0.976 },
  magnetometer: { x: -21, y: -9.8, z: -42 },
};

test('kernel drivers measure what the bus does, each in its units', async (t) => {
  const { source, bus } = await open(t, makeTree(t, files(Object.keys(DEVICES))));
  const { time, colour, ...measured } = await source.read(ALL);
  assertNear(measured, MEASURED, 0.011);
  assert.deepEqual(colour, { red: 12, green: 6, blue: 3, clear: 25 });
  assert.deepEqual(source.troubles, []);
  assert.deepEqual(bus.opened, []);

  const raw = await openSensors({ device: '/dev/i2c-1' }, fakeMachine(t, { openI2c: bus.openI2c }));
  assert(raw && time > 0);
  t.after(() => raw.close());
  const { time: _, colour: __, ...onBus } = await raw.read(ALL);
  assertNear(onBus, measured, 0.011);
});

test('chips without a driver are read on the bus', async (t) => {
  const { source, bus } = await open(t, makeTree(t, files(['hts221'])));
  const { time: _, colour: __, ...measured } = await source.read(ALL);
  assertNear(measured, MEASURED, 0.001);
  assert.deepEqual(bus.opened, [0x5c, 0x6a, 0x1c, 0x29, 0x39]);
});

test('a driver on another bus is not the one of the HAT', { skip: NO_LINUX }, async (t) => {
  const sys = makeTree(t, files(['hts221', 'lps25h'], 'devices/i2c-22'));
  linkIioDevice(sys, 'iio:device0', 22);
  linkIioDevice(sys, 'iio:device1', 22);
  const kinds = new Set<Kind>(['environment']);
  const found = await open(t, sys);
  await found.source.read(kinds);
  assert.deepEqual(found.bus.opened, []);
  const given = await open(t, sys, new FakeBus(fakeHat()), '/dev/i2c-1');
  await given.source.read(kinds);
  assert.deepEqual(given.bus.opened, [0x5f, 0x5c]);
  const missing = await open(t, sys, new FakeBus([]));
  await missing.source.read(new Set(['motion']));
  assert.equal(missing.source.troubles[0]?.values.path, '/dev/i2c-22');
});

test('a chip that a driver takes later is read from there', async (t) => {
  const sys = makeTree(t, { 'bus/iio/devices/none': '' });
  const bus = new FakeBus(fakeHat());
  const { source, machine } = await open(t, sys, bus, '/dev/i2c-1');
  const kinds = new Set<Kind>(['environment']);
  bus.busy.add(0x5f);
  assert.deepEqual(Object.keys(await source.read(kinds)), ['time', 'pressure']);
  assert.deepEqual(
    source.troubles.map(({ text, values }) => [text, values.sensor]),
    [['SENSOR-busy', 'HTS221']],
  );
  makeTree(t, files(['hts221']), sys);
  machine.tick(1000);
  assert.equal((await source.read(kinds)).humidity?.toFixed(3), '50.000');
  assert.deepEqual(source.troubles, []);
  assert.deepEqual(bus.opened, [0x5c]);
});

test('a setting of a driver that is no number is a trouble, not a measurement', async (t) => {
  for (const [driver, setting, text] of [
    ['lsm9ds1_accel', 'in_accel_scale', 'nonsense'],
    ['lsm9ds1_gyro', 'in_anglvel_scale', ''],
    ['hts221', 'in_temp_offset', '1e999'],
  ] as const) {
    const tree = files([driver]);
    const { source } = await open(
      t,
      makeTree(t, { ...tree, [`bus/iio/devices/iio:device0/${setting}`]: text }),
      new FakeBus([]),
    );
    const { time: _, ...measured } = await source.read(ALL);
    assert.deepEqual(measured, {}, driver);
    assert(
      source.troubles.some(({ text, values }) => text === 'SENSOR' && values.reason === 'EIO'),
      driver,
    );
    source.close();
  }
});

test('a colour chip whose driver reports no gain or time still has numbers', async (t) => {
  const zeros = ['calibscale', 'integration_time', 'red_raw'];
  const tree = files(['tcs3472']);
  for (const name of zeros) tree[`bus/iio/devices/iio:device0/in_intensity_${name}`] = '0';
  const { source } = await open(t, makeTree(t, tree), new FakeBus([]));
  assert.equal((await source.read(ALL)).colour?.red, 0);
});

test('a driver that is unloaded is a trouble with its folder, and its files are closed', {
  skip: NO_LINUX,
}, async (t) => {
  const sys = makeTree(t, files(['lps25h']));
  const { source, machine } = await open(t, sys, new FakeBus([]));
  const kinds = new Set<Kind>(['environment']);
  const folder = join(sys, 'bus/iio/devices/iio:device0');
  const raw = join(folder, 'in_pressure_raw');
  assert.equal((await source.read(kinds)).pressure?.toFixed(1), '1013.2');
  assert.equal(timesOpen(raw), 1);
  writeFileSync(raw, 'nonsense');
  assert.equal('pressure' in (await source.read(kinds)), false);
  assert.deepEqual(
    source.troubles.map(({ text, values }) => [text, values.sensor, values.path, values.reason]).slice(-1),
    [['SENSOR', 'LPS25H', folder, 'EIO']],
  );
  await until(() => timesOpen(raw) === 0);
  writeFileSync(raw, '4096000\n');
  machine.tick(1000);
  assert.equal((await source.read(kinds)).pressure?.toFixed(1), '1000.0');
  rmSync(raw);
  source.close();
  assert.equal((await source.read(kinds)).pressure, undefined);
});
