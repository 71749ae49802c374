import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The size of a screen in pixels, and the bits of a pixel. */
export interface ScreenSize {
  width: number;
  height: number;
  bits: number;
}

/** The major number of all framebuffers: https://www.kernel.org/doc/html/latest/admin-guide/devices.html */
const FRAMEBUFFER_MAJOR = 29;

/** The number of a framebuffer, such as 1 of `/dev/fb1`, by its device number; `undefined` for any other device. */
export function framebufferNumber(rdev: bigint): number | undefined {
  const number = Number(rdev);
  return number >> 8 === FRAMEBUFFER_MAJOR ? number & 0xff : undefined;
}

/**
 * The size of a framebuffer, by its number, as the kernel states it below `sys`; `undefined` if it does not.
 * The files: https://www.kernel.org/doc/Documentation/ABI/testing/sysfs-class-graphics
 */
export function readScreenSize(number: number, sys: string): ScreenSize | undefined {
  try {
    const attribute = (name: string) => readFileSync(join(sys, `fb${number}`, name), 'utf8').trim();
    const [width = 0, height = 0] = attribute('virtual_size').split(',').map(Number);
    return { width, height, bits: Number(attribute('bits_per_pixel')) };
  } catch {
    return undefined;
  }
}
