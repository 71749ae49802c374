import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Measured } from '../../../../lib/sense-hat/sensors/chip';
import { KINDS, type Kind } from '../../../../lib/sense-hat/sensors/reading';
import { openSensors } from '../../../../lib/sense-hat/sensors/sensors';
import { deviceFolder } from '../../../support/device-file';
import {
  errno,
  FakeBus,
  type FakeChip,
  fakeHat,
  fakeHts221,
  fakeLps25h,
  fakeTcs,
  i16,
} from '../../../support/fake-chips';
import { assertNear, fakeMachine } from '../../../support/fake-machine';

const ALL: ReadonlySet<Kind> = new Set(KINDS);
const ENVIRONMENT: ReadonlySet<Kind> = new Set(['environment']);

/** What the chips of `fakeHat` measure by the formulas and signs of python-sense-hat. */
const MEASURED: Measured = {
  temperature: 25,
  humidity: 50,
  pressure: 1013.25,
  gyroscope: { x: 0.030543, y: -0.061087, z: -0.09163 },
  acceleration: { x: -0.244, y: 0.488, z: 0.976 },
  magnetometer: { x: -21, y: -9.8, z: -42 },
  colour: { red: 11, green: 5, blue: 2, clear: 23 },
};

/** Opens the sensors of a bus with these chips. */
async function open(t: TestContext, chips: FakeChip[]) {
  const bus = new FakeBus(chips);
  const machine = fakeMachine(t, { openI2c: bus.openI2c });
  const source = await openSensors({ device: '/dev/i2c-1' }, machine);
  assert(source);
  t.after(() => source.close());
  const read = async (kinds = ALL) => {
    const { time, ...measured } = await source.read(kinds);
    assert(Math.abs(time - Date.now()) < 5000);
    return measured;
  };
  const troubles = () => source.troubles.map(({ text, values }) => `${text} ${values.sensor}`);
  return { bus, source, machine, read, troubles };
}

test('all chips are set up and read as their data sheets say', async (t) => {
  const { read, troubles, bus } = await open(t, fakeHat());
  assertNear(await read(), MEASURED);
  assertNear(await read(), MEASURED);
  assert.deepEqual(troubles(), []);
  assert.equal(bus.open, 5);
  assert.equal(bus.mostAtOnce, 1);
});

test('only the chips of the wanted groups are touched', async (t) => {
  const { read, bus } = await open(t, fakeHat());
  assertNear(await read(ENVIRONMENT), { temperature: 25, humidity: 50, pressure: 1013.25 });
  assert.deepEqual(bus.opened, [0x5f, 0x5c]);
  assert.deepEqual(await read(new Set()), {});
});

test("humidity and temperature lie on the line through a chip's two calibrated points", async (t) => {
  const chip = fakeHts221();
  const { read } = await open(t, [chip]);
  const cases: [raw: [humidity: number, temperature: number], expected: Measured][] = [
    [[-1000, -300], { humidity: 20, temperature: 10 }],
    [[9000, 700], { humidity: 80, temperature: 40 }],
    [[0, 0], { humidity: 26, temperature: 19 }],
    [[32767, -3000], { humidity: 100, temperature: -71 }],
    [[-32768, 2000], { humidity: 0, temperature: 79 }],
  ];
  for (const [raw, expected] of cases) {
    chip.registers.set(i16(...raw), 0x28);
    assertNear(await read(ENVIRONMENT), expected);
  }
});

test('a chip whose calibrated points are equal gives their value, not NaN', async (t) => {
  const chip = fakeHts221();
  chip.reset = () => {};
  chip.registers.set(i16(-1000), 0x3a);
  chip.registers.set(i16(-300), 0x3e);
  const { read } = await open(t, [chip]);
  assertNear(await read(ENVIRONMENT), { humidity: 20, temperature: 10 });
});

test('pressure is a signed number of 24 bits', async (t) => {
  const chip = fakeLps25h();
  const { read } = await open(t, [chip]);
  for (const [bytes, pressure] of [
    [[0x00, 0x00, 0x10], 256],
    [[0xff, 0xff, 0xff], -1 / 4096],
    [[0x01, 0x00, 0x3f], 1008 + 1 / 4096],
  ] as const) {
    chip.registers.set(bytes, 0x28);
    assert.deepEqual(await read(ENVIRONMENT), { pressure });
  }
});

test('both colour chips, with their gains of 60 and 64, at both addresses', async (t) => {
  for (const [address, identity, red, clear] of [
    [0x29, 0x44, 12, 25],
    [0x39, 0x4d, 12, 25],
    [0x29, 0x93, 11, 23],
    [0x39, 0x90, 11, 23],
  ] as const) {
    const chip = fakeTcs(address, identity);
    const { read } = await open(t, [chip]);
    const { colour } = await read();
    assert.deepEqual([colour?.red, colour?.clear], [red, clear], `${address}`);
    chip.registers.set(i16(65535, 65535, 65535, 0), 0x14);
    assert.deepEqual(
      (await read()).colour,
      identity >= 0x90 ? { red: 239, green: 239, blue: 0, clear: 239 } : { red: 255, green: 255, blue: 0, clear: 255 },
    );
  }
});

test('nothing is measured before a chip says that its data is valid', async (t) => {
  const chips = fakeHat();
  for (const chip of chips) chip.measures = false;
  const { read, troubles } = await open(t, chips);
  assert.deepEqual(await read(), {});
  const [humidity] = chips as [FakeChip];
  humidity.registers[0x27] = 1;
  assertNear(await read(), { temperature: 25 });
  assert.deepEqual(troubles(), []);
});

test('what a chip measured last stays valid until it measures again', async (t) => {
  const chips = fakeHat();
  const { read } = await open(t, chips);
  await read();
  for (const chip of chips) chip.measures = false;
  assertNear(await read(), MEASURED);
  assertNear(await read(), MEASURED);
});

test('a chip that was reset sends nothing until it is set up anew', async (t) => {
  const chips = fakeHat();
  const { read, troubles, machine } = await open(t, chips);
  await read();
  for (const chip of chips) chip.reset();
  assert.deepEqual(await read(), {});
  const names = ['HTS221', 'LPS25H', 'LSM9DS1', 'LSM9DS1 magnetometer', 'TCS34725'];
  assert.deepEqual(
    troubles(),
    names.map((name) => `SENSOR-reset ${name}`),
  );
  machine.tick(1000);
  assertNear(await read(), MEASURED);
  assert.deepEqual(troubles(), []);
});

test('a missing colour chip is no trouble, any other is one, and each is told apart', async (t) => {
  const { read, troubles } = await open(t, [fakeLps25h()]);
  assertNear(await read(), { pressure: 1013.25 });
  assert.deepEqual(troubles(), ['SENSOR-silent HTS221', 'SENSOR-silent LSM9DS1', 'SENSOR-silent LSM9DS1 magnetometer']);
  await read(ENVIRONMENT);
  assert.deepEqual(troubles(), ['SENSOR-silent HTS221']);
});

test('an unrelated chip at an address of the colour chip is no trouble, and no colour', async (t) => {
  const stranger = fakeTcs(0x29, 0x07);
  const { read, troubles } = await open(t, [stranger]);
  const colours = new Set<Kind>(['colour']);
  assert.deepEqual(await read(colours), {});
  assert.deepEqual(troubles(), []);
  const both = await open(t, [stranger, fakeTcs(0x39, 0x90)]);
  assert.deepEqual(await both.read(colours), { colour: MEASURED.colour });
});

test('a colour chip that goes away is a trouble', async (t) => {
  const chips = [fakeTcs()];
  const { read, troubles, bus } = await open(t, chips);
  await read(new Set(['colour']));
  bus.chips.length = 0;
  assert.deepEqual(await read(new Set(['colour'])), {});
  assert.deepEqual(troubles(), ['SENSOR-silent TCS34725']);
});

test('another chip at the address is named by its identity', async (t) => {
  const chip = fakeHts221();
  chip.registers[0x0f] = 0xb1;
  const { read, source } = await open(t, [chip]);
  await read(ENVIRONMENT);
  const [error] = source.troubles;
  assert.equal(error?.text, 'SENSOR-unknown');
  assert.deepEqual(error.values, { sensor: 'HTS221', path: '/dev/i2c-1', address: '0x5f', value: '0xb1' });
  assert.equal(error.code, 'SENSOR');
});

test('each errno has its text, and nothing is repeated while reads fail', async (t) => {
  const texts: [code: string, text: string][] = [
    ['ENOENT', 'SENSOR-bus-missing'],
    ['EACCES', 'SENSOR-permission'],
    ['EPERM', 'SENSOR-permission'],
    ['EBUSY', 'SENSOR-busy'],
    ['ENXIO', 'SENSOR-silent'],
    ['EREMOTEIO', 'SENSOR-silent'],
    ['EIO', 'SENSOR-silent'],
    ['ETIMEDOUT', 'SENSOR-stuck'],
    ['ENOTTY', 'SENSOR-bus-kind'],
    ['NO_HELPER', 'SENSOR-helper'],
    ['EMFILE', 'SENSOR'],
  ];
  for (const [code, text] of texts) {
    const { read, troubles, bus, source } = await open(t, fakeHat());
    await read(ENVIRONMENT);
    bus.fail = () => {
      throw errno(code);
    };
    assert.deepEqual(await read(ENVIRONMENT), {}, code);
    assert.deepEqual(troubles(), [`${text} HTS221`, `${text} LPS25H`]);
    assert.equal(source.troubles[0]?.values.path, '/dev/i2c-1');
    assert.equal(bus.open, 0);
  }
});

test('a chip that fails is tried again after 1 s, 2 s and so on up to 30 s, and is set up anew', async (t) => {
  const { read, bus, machine, troubles } = await open(t, [fakeLps25h(), fakeHts221()]);
  await read(ENVIRONMENT);
  bus.fail = () => {
    throw errno('EREMOTEIO');
  };
  await read(ENVIRONMENT);
  for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
    const before = bus.calls;
    machine.tick(seconds * 1000 - 1);
    await read(ENVIRONMENT);
    assert.equal(bus.calls, before, `not before ${seconds} s`);
    machine.tick(1);
    await read(ENVIRONMENT);
    assert(bus.calls > before, `after ${seconds} s`);
  }
  bus.fail = undefined;
  for (const chip of bus.chips) chip.reset();
  machine.tick(30_000);
  assertNear(await read(ENVIRONMENT), { temperature: 25, humidity: 50, pressure: 1013.25 });
  assert.deepEqual(troubles(), []);
});

test("the compass is corrected by python-sense-hat's calibration", async (t) => {
  const file = join(deviceFolder(t), 'RTIMULib.ini');
  const calibration = { MinX: -41, MaxX: -1, MinY: -20, MaxY: 20, MinZ: -62, MaxZ: 18 };
  const lines = Object.entries(calibration).map(([name, value]) => `CompassCal${name}=${value}`);
  const cases: [text: string, expected: Measured][] = [
    [`CompassCalValid=true\n${lines.join('\n')}\n`, { magnetometer: { x: 0, y: -19.6, z: -20 } }],
    [`# ${lines.join('\n')}\nCompassCalValid=false\n`, { magnetometer: { x: -21, y: -9.8, z: -42 } }],
    ['CompassCalValid=true\n', { magnetometer: { x: -21, y: -9.8, z: -42 } }],
    [`CompassCalValid=true\n${lines.join('\n').replace('-41', '-1')}`, { magnetometer: { x: -21, y: -9.8, z: -42 } }],
    ['\0', { magnetometer: { x: -21, y: -9.8, z: -42 } }],
  ];
  for (const [text, expected] of cases) {
    writeFileSync(file, text);
    const bus = new FakeBus(fakeHat());
    const machine = fakeMachine(t, { openI2c: bus.openI2c, calibrationFiles: [join(file, 'missing'), file] });
    const source = await openSensors({ device: '/dev/i2c-1' }, machine);
    assert(source);
    t.after(() => source.close());
    const measured = await source.read(ALL);
    assert(measured.magnetometer);
    assertNear({ magnetometer: measured.magnetometer }, expected);
  }
});
