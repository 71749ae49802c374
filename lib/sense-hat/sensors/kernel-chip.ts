import { CodedError } from '../../coded-error';
import type { Calibration } from './calibration';
import type { Measured, OpenChip } from './chip';
import type { HatPlace } from './hat';
import { busNumber, findIioDevices } from './iio';
import { KERNEL_DRIVERS, type KernelDriver } from './kernel-drivers';

/** The names of all drivers of the HAT's chips. */
export const DRIVER_NAMES: readonly string[] = Object.keys(KERNEL_DRIVERS);

/**
 * Opens a chip that kernel drivers have; `undefined` if none of its drivers is there. Opening and measuring reject with
 * `SENSOR`.
 */
export async function openKernelChip(
  name: string,
  { sys, bus }: Pick<HatPlace, 'sys' | 'bus'>,
  calibration: () => Promise<Calibration>,
): Promise<OpenChip | undefined> {
  const names = DRIVER_NAMES.filter((driver) => KERNEL_DRIVERS[driver]?.chip === name);
  const parts: (OpenChip & { folder: string })[] = [];
  const close = () => {
    for (const part of parts) part.close();
  };
  for (const { name: driver, folder } of await findIioDevices(sys, names, busNumber(bus))) {
    try {
      parts.push({ ...(await (KERNEL_DRIVERS[driver] as KernelDriver).open(folder, calibration)), folder });
    } catch (cause) {
      close();
      throw driverError(name, folder, cause);
    }
  }
  if (parts.length === 0) return undefined;
  const measure = async () => {
    const measured: Measured = {};
    for (const { folder, measure } of parts) {
      try {
        Object.assign(measured, await measure());
      } catch (cause) {
        throw driverError(name, folder, cause);
      }
    }
    return measured;
  };
  return { measure, close };
}

function driverError(sensor: string, path: string, cause: unknown): CodedError {
  return new CodedError('SENSOR', { sensor, path, reason: String((cause as NodeJS.ErrnoException).code) }, { cause });
}
