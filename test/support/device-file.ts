import fs, { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A new folder, which is removed when the test ends. */
export function deviceFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'natshat-device-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A file in place of a framebuffer, with 0xaa in all bytes: 128 like the device, or 160 like the emulator. */
export function deviceFile(t: TestContext, bytes = 128): string {
  const path = join(deviceFolder(t), 'fb1');
  writeFileSync(path, Buffer.alloc(bytes, 0xaa));
  return path;
}

/** How often this process has a file open. Works only on Linux. */
export function timesOpen(path: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(join('/proc/self/fd', fd)) === path;
    } catch {
      return false; // The descriptor that read the folder is closed by now.
    }
  }).length;
}

/** Lets each call of a system call on files fail with this errno until the mocks of the test are restored. */
export function breakDevice(t: TestContext, name: 'readSync' | 'writeSync', code: string): void {
  t.mock.method(fs, name, () => {
    throw Object.assign(new Error(code), { code });
  });
}
