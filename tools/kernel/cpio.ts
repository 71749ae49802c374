import { closeSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const DIRECTORY = 0o040_755;
const PROGRAM = 0o100_755;
const FILE = 0o100_644;
const LINK = 0o120_777;

/** An archive to write. Its entries belong to root and are readable for all. */
export interface Archive {
  /** Adds a file and its parent folders; `path` has no leading slash. */
  add(path: string, data: Uint8Array, isProgram?: boolean): void;
  /** Adds a symbolic link to `target`. */
  link(path: string, target: string): void;
  close(): void;
}

/** Creates a cpio archive for the kernel: https://docs.kernel.org/driver-api/early-userspace/buffer-format.html */
export function createArchive(file: string): Archive {
  const fd = openSync(file, 'w');
  const folders = new Set(['.']);
  let entries = 0;
  const put = (path: string, mode: number, data: Uint8Array) => {
    const name = Buffer.from(`${path}\0`);
    const fields = [++entries, mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, name.length, 0];
    const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
    writeSync(fd, Buffer.concat([padded(Buffer.concat([Buffer.from(header), name])), padded(data)]));
  };
  const addFolder = (path: string) => {
    if (folders.has(path)) return;
    addFolder(dirname(path));
    folders.add(path);
    put(path, DIRECTORY, Buffer.alloc(0));
  };
  return {
    add: (path, data, isProgram = false) => {
      addFolder(dirname(path));
      put(path, isProgram ? PROGRAM : FILE, data);
    },
    link: (path, target) => {
      addFolder(dirname(path));
      put(path, LINK, Buffer.from(target));
    },
    close: () => {
      put('TRAILER!!!', 0, Buffer.alloc(0));
      closeSync(fd);
    },
  };
}

/** Pads a name or a file to a multiple of 4 bytes. */
function padded(data: Uint8Array): Buffer {
  return Buffer.concat([data, Buffer.alloc(-data.length & 3)]);
}
