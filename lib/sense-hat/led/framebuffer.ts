import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync, readSync, writeSync } from 'node:fs';
import { CodedError } from '../../coded-error';
import { deviceError } from '../device-error';
import { findDevice } from '../find-device';
import { FRAME_BYTES, type Frame } from './frame';
import { framebufferNumber, readScreenSize } from './screen-size';

/** Where Linux lists the framebuffers. */
const GRAPHICS = '/sys/class/graphics';

/** The name of the driver rpisense-fb, as in `/sys/class/graphics/fb1/name`. */
const DRIVER_NAME = 'RPi-Sense FB';

/** The official emulator stores 32 bytes of gamma after the frame: https://sense-emu.readthedocs.io */
const EMULATOR_BYTES = FRAME_BYTES + 32;

/** Finds the path of the HAT's framebuffer; `undefined` if there is no HAT. */
export function findSenseHat(sys = GRAPHICS, dev = '/dev'): string | undefined {
  return findDevice({ sys, entry: /^fb\d+$/, nameFile: 'name', name: DRIVER_NAME, dev });
}

/** An open framebuffer. */
export interface Framebuffer {
  /** The same for all paths of one device. */
  readonly id: string;
  /** Whether the path still leads to it: not once a file is replaced or deleted, or the driver is reloaded. */
  isCurrent(): boolean;
  /** The frame that the device shows, whoever wrote it. Throws `DEVICE`. */
  read(): Frame;
  /** Throws `DEVICE`. */
  write(frame: Frame): void;
  close(): void;
}

/**
 * Opens a framebuffer of 8x8 pixels, or a file of 128 bytes or of the emulator's 160; anything else is refused and left
 * alone. Throws `DEVICE`. `sys` is where the kernel lists framebuffers. A frame is one write at position 0: the driver
 * keeps a position and refuses to write past 128 bytes.
 */
export function openFramebuffer(path: string, sys = GRAPHICS): Framebuffer {
  let fd = open(path);
  const stats = fstatSync(fd, { bigint: true });
  const isCurrent = () => lstat(path)?.ino === stats.ino;
  try {
    check(path, stats, sys);
    // Where a link is followed, as on Windows, it has a number of its own.
    if (!isCurrent()) throw new CodedError('DEVICE-kind', { path });
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return {
    id: stats.isFile() ? `file ${stats.dev} ${stats.ino}` : `device ${stats.rdev}`,
    isCurrent,
    read: () => {
      const frame = Buffer.alloc(FRAME_BYTES);
      attempt(path, () => readSync(fd, frame, 0, FRAME_BYTES, 0));
      return frame;
    },
    write: (frame) => {
      attempt(path, () => writeSync(fd, frame, 0, FRAME_BYTES, 0));
    },
    close: () => {
      closeSync(fd);
      fd = -1; // The system reuses the number for other files.
    },
  };
}

function open(path: string): number {
  // A link could point anywhere, and opening a pipe would block until its other end is open.
  const flags = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  return attempt(path, () => {
    try {
      return openSync(path, flags);
    } catch (cause) {
      // The errno does not tell a socket from a missing device, or a foreign device from one without permission.
      const stats = lstat(path);
      if (stats && !isCandidate(stats)) throw new CodedError('DEVICE-kind', { path }, { cause });
      throw cause;
    }
  });
}

/** Throws `DEVICE` for anything but a framebuffer of 8x8 pixels of 16 bits. */
function check(path: string, stats: BigIntStats, sys: string): void {
  if (stats.isFile() && isCandidate(stats)) return;
  const number = stats.isCharacterDevice() ? framebufferNumber(stats.rdev) : undefined;
  const size = number === undefined ? undefined : readScreenSize(number, sys);
  if (!size) throw new CodedError('DEVICE-kind', { path });
  const { width, height, bits } = size;
  if (width !== 8 || height !== 8 || bits !== 16) throw new CodedError('DEVICE-size', { path, width, height, bits });
}

/** Whether something may be a framebuffer, as far as can be told without opening it. */
function isCandidate(stats: BigIntStats): boolean {
  if (stats.isCharacterDevice()) return framebufferNumber(stats.rdev) !== undefined;
  const bytes = Number(stats.size);
  return stats.isFile() && (bytes === FRAME_BYTES || bytes === EMULATOR_BYTES);
}

function lstat(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw cause instanceof CodedError ? cause : deviceError('framebuffer', path, cause as NodeJS.ErrnoException);
  }
}
