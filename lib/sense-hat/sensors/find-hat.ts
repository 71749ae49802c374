import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findIioDevices } from './iio';
import { DRIVER_NAMES } from './kernel-chip';

/** What the kernel says about a HAT. */
export interface HatSigns {
  /** The number of the bus that a HAT would be on; `undefined` on a machine that is not a Pi and has no sign of one. */
  bus?: number;
  /** There is a HAT, whether or not its chips respond. */
  isCertain: boolean;
}

/** The bus of the pins of a Raspberry Pi. */
const PIN_BUS = 1;

/** The microcontroller of the HAT, which has the matrix and the joystick, in both drivers. */
const MATRIX_ADDRESS = '0046';
const MATRIX_NAMES = ['rpi-sense', 'sensehat'];

/**
 * Looks for a HAT without touching a bus, because other machines have unrelated devices on theirs: by the drivers of its
 * matrix and of its chips, and by the EEPROM of HATs, which the firmware reads.
 */
export async function findHat({ sys, proc }: { sys: string; proc: string }): Promise<HatSigns> {
  const bus = await busOfMatrix(join(sys, 'bus', 'i2c', 'devices'));
  if (bus !== undefined) return { bus, isCertain: true };
  const [sensor] = await findIioDevices(sys, DRIVER_NAMES);
  if (sensor) return { bus: sensor.bus ?? PIN_BUS, isCertain: true };
  const tree = join(proc, 'device-tree');
  const [model, hat] = await Promise.all([text(join(tree, 'model')), text(join(tree, 'hat', 'product'))]);
  const isHat = hat.startsWith('Sense HAT');
  return isHat || model.startsWith('Raspberry Pi') ? { bus: PIN_BUS, isCertain: isHat } : { isCertain: false };
}

async function busOfMatrix(devices: string): Promise<number | undefined> {
  for (const device of await readdir(devices).catch(() => [])) {
    const [, bus, address] = /^(\d+)-([0-9a-f]{4})$/.exec(device) ?? [];
    if (address === MATRIX_ADDRESS && MATRIX_NAMES.includes(await text(join(devices, device, 'name')))) {
      return Number(bus);
    }
  }
  return undefined;
}

/** The text of a file, without the NUL that ends those of the device tree; empty without the file. */
async function text(path: string): Promise<string> {
  const content = await readFile(path, 'utf8').catch(() => '');
  return content.replace(/\0/g, '').trim();
}
