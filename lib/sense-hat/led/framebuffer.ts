import { closeSync, constants, fstatSync, openSync, readSync, type Stats, writeSync } from 'node:fs';
import { CodedError } from '../../coded-error';
import { deviceError } from '../device-error';
import { findDevice } from '../find-device';
import { FRAME_BYTES, type Frame } from './frame';

/** The name of the driver rpisense-fb, as in `/sys/class/graphics/fb1/name`. */
const DRIVER_NAME = 'RPi-Sense FB';

/** The official emulator stores 32 bytes of gamma after the frame: https://sense-emu.readthedocs.io */
const EMULATOR_BYTES = FRAME_BYTES + 32;

/** Finds the path of the HAT's framebuffer; `undefined` if there is no HAT. */
export function findSenseHat(sys = '/sys/class/graphics', dev = '/dev'): string | undefined {
  return findDevice({ sys, entry: /^fb\d+$/, nameFile: 'name', name: DRIVER_NAME, dev });
}

/** An open framebuffer. */
export interface Framebuffer {
  /** The frame that the device shows, also one of another program. Throws `DEVICE`. */
  read(): Frame;
  /** Throws `DEVICE`. */
  write(frame: Frame): void;
  close(): void;
}

/**
 * Opens a character device, or a file of 128 bytes or of the emulator's 160; any other file is refused and left alone.
 * Throws `DEVICE`. A frame is one write at position 0: the driver keeps a position and refuses to write past 128 bytes.
 */
export function openFramebuffer(path: string): Framebuffer {
  // A link could point anywhere, and opening a pipe would block until its other end is open.
  const flags = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  let fd = attempt(path, () => openSync(path, flags));
  if (!isFramebuffer(fstatSync(fd))) {
    closeSync(fd);
    throw new CodedError('DEVICE-kind', { path });
  }
  return {
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

function isFramebuffer(stats: Stats): boolean {
  return stats.isCharacterDevice() || (stats.isFile() && (stats.size === FRAME_BYTES || stats.size === EMULATOR_BYTES));
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw deviceError('framebuffer', path, cause as NodeJS.ErrnoException);
  }
}
