import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file of 128 bytes, where the framebuffer of a HAT would be. */
export interface DeviceFile {
  path: string;
  fd: number;
  /** What is shown. */
  read(): Buffer;
  remove(): void;
}

export function makeDevice(): DeviceFile {
  const folder = mkdtempSync(join(tmpdir(), 'natshat-bench-'));
  const path = join(folder, 'fb1');
  writeFileSync(path, Buffer.alloc(128));
  const fd = openSync(path, 'r+');
  return {
    path,
    fd,
    read: () => {
      const frame = Buffer.alloc(128);
      readSync(fd, frame, 0, 128, 0);
      return frame;
    },
    remove: () => {
      closeSync(fd);
      rmSync(folder, { recursive: true });
    },
  };
}
