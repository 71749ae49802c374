import { closeSync, constants, fstatSync, openSync, readSync, type Stats, writeSync } from 'node:fs';
import { CodedError } from '../../coded-error';
import { deviceError } from '../device-error';
import { findDevice } from '../find-device';
import { FRAME_BYTES, type Frame } from './frame';

/** What the driver rpisense-fb writes into the file `name` of its folder in `/sys/class/graphics`. */
const DRIVER_NAME = 'RPi-Sense FB';

/** The official emulator keeps 32 bytes of gamma behind the frame: https://sense-emu.readthedocs.io */
const EMULATOR_BYTES = FRAME_BYTES + 32;

/** The path of the HAT's framebuffer, found by its name; `undefined` where there is no HAT. */
export function findSenseHat(sys = '/sys/class/graphics', dev = '/dev'): string | undefined {
  return findDevice({ sys, entry: /^fb\d+$/, nameFile: 'name', name: DRIVER_NAME, dev });
}

/** An open framebuffer. */
export interface Framebuffer {
  /** What is shown, whoever drew it. Throws `DEVICE`. */
  read(): Frame;
  /** Writes one frame in place. Throws `DEVICE`. */
  write(frame: Frame): void;
  close(): void;
}

/**
 * Opens a character device, or a file of 128 bytes or of the emulator's 160; anything else is refused and left as
 * it is. Throws `DEVICE`. A frame is one write at position 0: the driver counts a position and ends at 128 bytes.
 */
export function openFramebuffer(path: string): Framebuffer {
  // A link could point anywhere, and opening a pipe would wait for its other end.
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
      fd = -1; // Its number may become that of another file.
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
