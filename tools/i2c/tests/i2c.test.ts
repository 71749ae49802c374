import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { HTS221 } from '../../../lib/sense-hat/sensors/chips/hts221';
import { LPS25H } from '../../../lib/sense-hat/sensors/chips/lps25h';
import { LSM9DS1 } from '../../../lib/sense-hat/sensors/chips/lsm9ds1';
import { TCS34725 } from '../../../lib/sense-hat/sensors/chips/tcs34725';
import { openI2c } from '../../../lib/sense-hat/sensors/i2c';
import { busNumber, findIioDevices } from '../../../lib/sense-hat/sensors/iio';
import { openRawChip } from '../../../lib/sense-hat/sensors/raw-chip';
import { isElsewhere } from '../../../lib/sense-hat/sensors/sensor-error';

const BUS = '/dev/i2c-0';

/** QEMU's chips. */
const MAGNETOMETER = 0x1e;
const CLOCK = 0x68;
const PRESSURE = 0x77;
const MAGNETOMETER_IDENTITY = { register: 0x0a, text: 'H43' };

/** The group i2c, as the init process has set it. */
const I2C = 998;

async function identity(): Promise<string> {
  const chip = await openI2c(BUS, MAGNETOMETER);
  try {
    return (await chip.read(MAGNETOMETER_IDENTITY.register, 3)).toString();
  } finally {
    chip.close();
  }
}

/** Has a kernel driver take the pressure chip, or leave it. */
function bind(): void {
  writeFileSync('/sys/bus/i2c/devices/i2c-0/new_device', `dps310 ${PRESSURE}`);
}
function unbind(): void {
  writeFileSync('/sys/bus/i2c/devices/i2c-0/delete_device', `${PRESSURE}`);
}

test('the registers of a chip are read', async () => {
  assert.equal(await identity(), MAGNETOMETER_IDENTITY.text);
});

test('each open chip keeps its address', async (t) => {
  const [magnetometer, clock] = await Promise.all([openI2c(BUS, MAGNETOMETER), openI2c(BUS, CLOCK)]);
  t.after(() => {
    magnetometer.close();
    clock.close();
  });
  await clock.write(0x08, 0x5a); // Its memory.
  for (let n = 0; n < 3; n++) {
    assert.equal((await magnetometer.read(0x0a, 3)).toString(), 'H43');
    assert.deepEqual([...(await clock.read(0x08, 1))], [0x5a]);
  }
});

test('chips that are not there are silent', async () => {
  for (const model of [HTS221, LPS25H, LSM9DS1]) {
    await assert.rejects(openRawChip(model, { bus: BUS, openI2c }), { text: 'SENSOR-silent' }, model.name);
  }
  // At its second address is the machine's DVI transmitter.
  await assert.rejects(openRawChip(TCS34725, { bus: BUS, openI2c }), isElsewhere);
  await assert.rejects(openRawChip({ ...TCS34725, addresses: [0x39] }, { bus: BUS, openI2c }), {
    text: 'SENSOR-unknown',
  });
});

test('a user in group i2c may use the bus, others may not', async (t) => {
  t.after(() => become(0, []));
  become(1000, [I2C]);
  assert.equal(await identity(), MAGNETOMETER_IDENTITY.text);
  become(1001, []);
  await assert.rejects(identity(), { code: 'EACCES' });
  await assert.rejects(openRawChip(HTS221, { bus: BUS, openI2c }), { text: 'SENSOR-permission' });
});

function become(id: number, groups: number[]): void {
  process.seteuid?.(0);
  process.setgroups?.(groups);
  process.setegid?.(id);
  process.seteuid?.(id);
}

test('a chip that a kernel driver has is busy, and is measured by the driver until it is unloaded', async () => {
  bind();
  await assert.rejects(openI2c(BUS, PRESSURE), { code: 'EBUSY' });
  const [device] = await findIioDevices('/sys', ['dps310'], busNumber(BUS));
  assert(device);
  assert.equal(device.bus, 0);
  assert.deepEqual(await findIioDevices('/sys', ['dps310'], 1), []);
  const file = await open(join(device.folder, 'in_temp_input'));
  // As a channel reads its value again.
  const read = async () => {
    const bytes = Buffer.alloc(64);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return bytes.toString('utf8', 0, bytesRead);
  };
  for (let n = 0; n < 3; n++) assert.match(await read(), /^-?\d+(\.\d+)?\n$/);
  unbind();
  await assert.rejects(read(), { code: 'ENODEV' });
  await file.close();
  (await openI2c(BUS, PRESSURE)).close();
});

test('without perl and python3 the error says so', async (t) => {
  const { PATH } = process.env;
  t.after(() => {
    process.env.PATH = PATH;
  });
  process.env.PATH = '/nowhere';
  await assert.rejects(identity(), { code: 'NO_HELPER' });
});
