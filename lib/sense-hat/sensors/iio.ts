import { type FileHandle, open, readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';

/** A device of the kernel's Industrial I/O: https://docs.kernel.org/driver-api/iio/core.html */
export interface IioDevice {
  /** As its driver names it, such as `hts221`. */
  name: string;
  folder: string;
  /** The number of its I2C bus, if it is on one. */
  bus: number | undefined;
}

/** The devices whose names are wanted, without those that are known to be on another bus. */
export async function findIioDevices(sys: string, names: readonly string[], bus?: number): Promise<IioDevice[]> {
  const devices = join(sys, 'bus', 'iio', 'devices');
  const entries = await readdir(devices).catch(() => [] as string[]);
  const found: IioDevice[] = [];
  for (const entry of entries.filter((entry) => entry.startsWith('iio:device')).sort()) {
    const folder = join(devices, entry);
    const name = await readText(join(folder, 'name')).catch(() => '');
    if (!names.includes(name)) continue;
    const device = { name, folder, bus: busNumber(await realpath(folder).catch(() => '')) };
    if (bus === undefined || device.bus === undefined || device.bus === bus) found.push(device);
  }
  return found;
}

/** The number of the bus in a path such as `/dev/i2c-1`, or `.../i2c-1/1-005f/iio:device0`. */
export function busNumber(path: string): number | undefined {
  const number = /\/i2c-(\d+)(\/|$)/.exec(path)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** A quantity of a device that is read again and again. */
export interface IioChannel {
  /** Measures; the result has the unit of the driver. */
  read(): Promise<number>;
  close(): void;
}

/** More characters than any number that a driver writes. */
const LONGEST = 64;

/** Opens a channel such as `in_pressure`, or one axis of a channel: `in_accel` and `x`. */
export async function openIioChannel(folder: string, channel: string, axis = ''): Promise<IioChannel> {
  const own = axis ? `${channel}_${axis}` : channel;
  const offset = (await readSetting(folder, 'offset', [own, channel])) ?? 0;
  const scale = (await readSetting(folder, 'scale', [own, channel])) ?? 1;
  const file = await open(join(folder, `${own}_raw`), 'r');
  return {
    read: async () => (numberIn(await readAgain(file)) + offset) * scale,
    close: () => void file.close().catch(() => {}),
  };
}

/** A number that a driver has for a channel, or for all of its axes; `undefined` without one. Rejects with `EIO`. */
export async function readSetting(
  folder: string,
  setting: string,
  channels: readonly string[],
): Promise<number | undefined> {
  for (const channel of channels) {
    const text = await readText(join(folder, `${channel}_${setting}`)).catch(() => undefined);
    if (text !== undefined) return numberIn(text);
  }
  return undefined;
}

async function readText(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).trim();
}

/** Reads an attribute from its start, which measures anew. */
async function readAgain(file: FileHandle): Promise<string> {
  const bytes = Buffer.alloc(LONGEST);
  const { bytesRead } = await file.read(bytes, 0, LONGEST, 0);
  return bytes.toString('latin1', 0, bytesRead).trim();
}

/** Rejects anything but a number, which would silently become others. */
function numberIn(text: string): number {
  if (text === '' || !Number.isFinite(Number(text))) throw Object.assign(new Error(text), { code: 'EIO' });
  return Number(text);
}
