import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Unavailable } from '../../scripts/apt';

/** After this time a machine is taken to hang. */
const LIMIT_MS = 300_000;

/** A virtual machine that runs tests. */
export interface Machine {
  qemu: string;
  /** The arguments for its hardware, its kernel and the kernel's command line. */
  args: string[];
  /** Writes its initial file system, whose init prints `The machine is up.` and `The tests ended with status 0.` */
  writeInitramfs(file: string): void;
}

/**
 * Boots a machine, prints what its tests print, and then their sum. `require` throws `Unavailable` where there can be no
 * such machine; its tests are skipped then.
 */
export async function runTests(require: () => Machine): Promise<void> {
  try {
    await testIn(require());
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    console.log(`The tests on a kernel are skipped: ${error.message}`);
    console.log('0 passed, 0 failed, 1 skipped');
  }
}

async function testIn(machine: Machine): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'natshat-kernel-'));
  const sums = { pass: 0, fail: 0, cancelled: 0 };
  const boot: string[] = []; // The output of firmware and kernel, printed only if they fail.
  let isUp = false;
  let status: string | undefined;
  const onLine = (line: string) => {
    if (isUp) console.log(line);
    else boot.push(line);
    isUp ||= line === 'The machine is up.';
    status ??= /^The tests ended with status (\d)/.exec(line)?.[1];
    const [, name, count] = /^ℹ (pass|fail|cancelled) (\d+)$/.exec(line) ?? [];
    if (name) sums[name as keyof typeof sums] += Number(count);
  };
  try {
    const initramfs = join(folder, 'initramfs.cpio');
    machine.writeInitramfs(initramfs);
    await run(machine, initramfs, onLine);
  } finally {
    rmSync(folder, { recursive: true });
  }
  if (!isUp) console.log(boot.join('\n'));
  if (status === undefined) {
    console.log(`The machine stopped before the end of the tests, or took over ${LIMIT_MS / 1000} s.`);
  }
  const isGood = status === '0' && sums.pass > 0;
  // A run that ends without a count has failed, too.
  const failed = Math.max(sums.fail + sums.cancelled, isGood ? 0 : 1);
  console.log(`${sums.pass} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

/** Resolves when the machine is off, or was killed at the limit. */
async function run({ qemu, args }: Machine, initramfs: string, onLine: (line: string) => void): Promise<void> {
  const machine = spawn(
    qemu,
    [
      // Emulated, because a host that is a virtual machine itself may offer KVM that does not work.
      ...['-accel', 'tcg', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
      ...['-initrd', initramfs, ...args],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const limit = setTimeout(() => machine.kill('SIGKILL'), LIMIT_MS);
  createInterface(machine.stdout).on('line', (line) => onLine(line.replace(/\r$/, '')));
  await once(machine, 'close');
  clearTimeout(limit);
}
