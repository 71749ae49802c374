import { openEmulator } from './emulator';
import { findHat } from './find-hat';
import { Hat, type HatPlace } from './hat';
import { openI2c } from './i2c';
import type { SensorSource } from './reading';

/** Which sensors to open. */
export interface SensorOptions {
  /** Empty: the HAT's chips; `emulator`: the official emulator; or the path of an I2C bus, such as `/dev/i2c-1`. */
  device: string;
}

/** Where the sensors of this machine are, which a test replaces. */
export interface Machine extends Omit<HatPlace, 'bus'> {
  proc: string;
  dev: string;
  /** The folder of the emulator's files. */
  emulator: string;
}

const THIS_MACHINE: Machine = {
  sys: '/sys',
  proc: '/proc',
  dev: '/dev',
  emulator: '/dev/shm',
  openI2c,
  now: () => performance.now(),
};

const hats = new Set<Hat>();

/**
 * Opens the sensors; `undefined` if `device` is empty and there is no sign of a HAT, which may change when a driver is
 * loaded later. A HAT that cannot be read, or a bus or an emulator that is missing, is a source with `troubles`, which
 * is tried again as it is read. Sources of one bus share its chips. Never rejects.
 */
export async function openSensors(
  { device }: SensorOptions,
  machine: Machine = THIS_MACHINE,
): Promise<SensorSource | undefined> {
  if (device === 'emulator') return openEmulator(machine.emulator, machine.now);
  if (device) return sourceOf(hatOn(device, machine));
  const { bus, isCertain } = await findHat(machine);
  if (bus === undefined) return undefined;
  const hat = hatOn(`${machine.dev}/i2c-${bus}`, machine);
  const source = sourceOf(hat);
  if (isCertain || (await hat.isThere())) return source;
  source.close();
  return undefined;
}

function hatOn(bus: string, machine: Machine): Hat {
  const open = [...hats].find(({ place }) => place.bus === bus && place.openI2c === machine.openI2c);
  const hat = open ?? new Hat({ ...machine, bus });
  hats.add(hat);
  return hat;
}

function sourceOf(hat: Hat): SensorSource {
  return hat.source(() => hats.delete(hat));
}
