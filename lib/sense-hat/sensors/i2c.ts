import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { setI2cAddress } from './i2c-address';

/** The registers of a chip. Calls must not overlap, because each read is a write of the register and then a read. */
export interface Registers {
  /** Reads successive registers, or those that the chip returns after this one. */
  read(register: number, count: number): Promise<Buffer>;
  write(register: number, value: number): Promise<void>;
  close(): void;
}

/** The major number of the devices of i2c-dev: https://docs.kernel.org/admin-guide/devices.html */
const I2C_MAJOR = 89;

/**
 * Opens a chip on an I2C bus such as `/dev/i2c-1`. Rejects with the errno of a system call as `code`; `ENOTTY` for any
 * other file, which is not opened.
 */
export async function openI2c(path: string, address: number): Promise<Registers> {
  const stats = await lstat(path);
  // Some devices do something when they are merely opened.
  if (!stats.isCharacterDevice() || major(stats.rdev) !== I2C_MAJOR) {
    throw Object.assign(new Error(`${path} is not an I2C bus`), { code: 'ENOTTY' });
  }
  const bus = await open(path, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
  try {
    await setI2cAddress(bus.fd, address);
  } catch (error) {
    await bus.close();
    throw error;
  }
  return registersOf(bus);
}

function registersOf(bus: FileHandle): Registers {
  return {
    read: async (register, count) => {
      await bus.write(Uint8Array.of(register), 0, 1, null);
      const bytes = Buffer.alloc(count);
      const { bytesRead } = await bus.read(bytes, 0, count, null);
      if (bytesRead < count) throw Object.assign(new Error(`${bytesRead} of ${count} bytes`), { code: 'EIO' });
      return bytes;
    },
    write: async (register, value) => {
      await bus.write(Uint8Array.of(register, value), 0, 2, null);
    },
    // Takes effect when a call that is under way has ended.
    close: () => void bus.close().catch(() => {}),
  };
}

/** As Linux encodes it: https://man7.org/linux/man-pages/man3/makedev.3.html */
function major(rdev: number): number {
  return (rdev >>> 8) & 0xfff;
}
