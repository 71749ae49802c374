import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A new folder, for the time of the test. */
export function deviceFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'natshat-device-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What stands in for a framebuffer: a file of 0xaa bytes, 128 of them as the device has or 160 as the emulator. */
export function deviceFile(t: TestContext, bytes = 128): string {
  const path = join(deviceFolder(t), 'fb1');
  writeFileSync(path, Buffer.alloc(bytes, 0xaa));
  return path;
}

/** How often this process has a file open; only on Linux. */
export function timesOpen(path: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(join('/proc/self/fd', fd)) === path;
    } catch {
      return false; // The one that read the folder is closed by now.
    }
  }).length;
}
