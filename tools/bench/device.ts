import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTemporaryFolder } from '../../scripts/temporary';

/** A file of 128 bytes in place of a HAT's framebuffer. */
export interface DeviceFile {
  path: string;
  fd: number;
  /** The frame that is shown. */
  read(): Buffer;
  remove(): void;
}

export function makeDevice(): DeviceFile {
  const folder = makeTemporaryFolder('bench');
  const path = join(folder.path, 'fb1');
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
      folder.remove();
    },
  };
}
