import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import type { Kind, SensorSource } from '../../../../lib/sense-hat/sensors/reading';
import { openSensors } from '../../../../lib/sense-hat/sensors/sensors';
import { errno, FakeBus, type FakeChip, fakeHat, fakeHts221 } from '../../../support/fake-chips';
import { fakeMachine, makeTree } from '../../../support/fake-machine';
import { until } from '../../../support/joystick';

const ENVIRONMENT: ReadonlySet<Kind> = new Set(['environment']);

const PI = { 'device-tree/model': 'Raspberry Pi 4 Model B Rev 1.4\0' };
const EEPROM = { 'device-tree/hat/product': 'Sense HAT\0' };
const MATRIX = { 'bus/i2c/devices/3-0046/name': 'rpi-sense\n', 'bus/i2c/devices/3-001c/name': 'other\n' };

/** Opens the sensors of a machine; `code` is the errno of its bus. */
async function find(t: TestContext, { sys = {}, proc = {}, chips = [] as FakeChip[], code = '' }) {
  const bus = new FakeBus(chips);
  if (code) {
    bus.fail = () => {
      throw errno(code);
    };
  }
  const machine = fakeMachine(t, { sys: makeTree(t, sys), proc: makeTree(t, proc), openI2c: bus.openI2c });
  const source = await openSensors({ device: '' }, machine);
  t.after(() => source?.close());
  return { source, bus };
}

test('a HAT is found by its drivers, its EEPROM or its chips, and then its troubles are told', async (t) => {
  const cases: [name: string, Parameters<typeof find>[1], isFound: boolean, trouble?: string][] = [
    ['a laptop, whose buses are not touched', { chips: fakeHat() }, false],
    ['a Pi without I2C', { proc: PI, code: 'ENOENT' }, false],
    ['a Pi without a HAT', { proc: PI, chips: [] }, false],
    ['a Pi with an unrelated chip', { proc: PI, chips: [{ ...fakeHts221(), read: () => Buffer.alloc(1, 7) }] }, false],
    ['a Pi with a HAT', { proc: PI, chips: fakeHat() }, true],
    ['a Pi with a HAT of which one chip is left', { proc: PI, chips: [fakeHts221()] }, true, 'SENSOR-silent'],
    ['a Pi whose bus is forbidden', { proc: PI, code: 'EACCES' }, true, 'SENSOR-permission'],
    ['the EEPROM of a HAT, and I2C is off', { proc: { ...PI, ...EEPROM }, code: 'ENOENT' }, true, 'SENSOR-bus-missing'],
    ['the driver of the matrix, and silent sensors', { sys: MATRIX, chips: [] }, true, 'SENSOR-silent'],
    ['the driver of the matrix', { sys: MATRIX, chips: fakeHat() }, true],
  ];
  for (const [name, machine, isFound, trouble] of cases) {
    const { source, bus } = await find(t, machine);
    assert.equal(source !== undefined, isFound, name);
    if (!source) assert.equal(bus.open, 0, name);
    await source?.read(ENVIRONMENT);
    assert.equal(source?.troubles[0]?.text, trouble, name);
    if (name.startsWith('a laptop')) assert.equal(bus.calls, 0);
  }
});

test('the bus is that of the matrix, or else that of the pins', async (t) => {
  for (const [machine, path] of [
    [{ sys: MATRIX, code: 'EACCES' }, '/dev/i2c-3'],
    [{ proc: PI, code: 'EACCES' }, '/dev/i2c-1'],
  ] as const) {
    const { source } = await find(t, machine);
    await source?.read(ENVIRONMENT);
    assert.equal(source?.troubles[0]?.values.path, path);
  }
});

test('sources of one bus share its chips until the last is closed, and each has the troubles of its groups', async (t) => {
  const bus = new FakeBus([fakeHts221()]);
  const machine = fakeMachine(t, { openI2c: bus.openI2c });
  const open = async () => {
    const source = await openSensors({ device: '/dev/i2c-1' }, machine);
    assert(source);
    return source;
  };
  const [a, b] = await Promise.all([open(), open()]);
  await Promise.all([a.read(ENVIRONMENT), b.read(ENVIRONMENT), a.read(ENVIRONMENT)]);
  assert.deepEqual(bus.opened, [0x5f, 0x5c]);
  assert.equal(bus.mostAtOnce, 1);
  await b.read(new Set(['motion']));
  const chipsOf = ({ troubles }: typeof a) => troubles.map(({ values }) => values.sensor);
  assert.deepEqual(chipsOf(a), ['LPS25H']);
  assert.deepEqual(chipsOf(b), ['LSM9DS1', 'LSM9DS1 magnetometer']);
  a.close();
  a.close();
  assert.equal((await b.read(ENVIRONMENT)).humidity, 50);
  assert.deepEqual(Object.keys(await a.read(ENVIRONMENT)), ['time']);
  b.close();
  assert.equal(bus.open, 0);
  const c = await open();
  await c.read(ENVIRONMENT);
  assert.equal(bus.open, 1);
  c.close();
});

test('a bus that hangs is left alone until its call has ended, also by the sources of the next deploy', async (t) => {
  const bus = new FakeBus(fakeHat());
  const machine = fakeMachine(t, { openI2c: bus.openI2c });
  const open = async () => (await openSensors({ device: '/dev/i2c-hangs' }, machine)) as SensorSource;
  let release = () => {};
  bus.fail = () => new Promise<void>((resolve) => (release = resolve));
  const reading: Promise<unknown>[] = [];
  for (let deploy = 0; deploy < 3; deploy++) {
    const source = await open();
    reading.push(source.read(ENVIRONMENT));
    if (deploy === 0) await until(() => bus.calls > 0);
    // Each would first look for drivers of the kernel.
    else for (let wait = 0; wait < 3; wait++) await readdir('.');
    source.close();
  }
  assert.equal(bus.calls, 1);
  bus.fail = undefined;
  release();
  await Promise.all(reading);
  assert.equal(bus.open, 0);
  const source = await open();
  t.after(() => source.close());
  assert.equal((await source.read(ENVIRONMENT)).humidity, 50);
});

test('a source that is closed while it reads leaves nothing open', async (t) => {
  const bus = new FakeBus(fakeHat());
  const source = await openSensors({ device: '/dev/i2c-1' }, fakeMachine(t, { openI2c: bus.openI2c }));
  assert(source);
  let release = () => {};
  bus.fail = () => new Promise<void>((resolve) => (release = resolve));
  const reading = source.read(ENVIRONMENT);
  source.close();
  await new Promise(setImmediate);
  bus.fail = undefined;
  release();
  await reading;
  assert.equal(bus.open, 0);
});
