// Runs the tests of tools/kernel/tests in a virtual machine with a framebuffer: npm run test:kernel
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Unavailable } from '../../scripts/apt';
import { type Parts, requireParts } from './debian';
import { writeInitramfs } from './initramfs';
import { runMachine } from './machine';

/** After this time the machine is taken to hang. */
const LIMIT_MS = 300_000;
const CACHE = join(__dirname, '..', '..', '..', 'node_modules', '.cache', 'natshat', 'kernel');

async function testIn(parts: Parts): Promise<void> {
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
    writeInitramfs(initramfs, parts);
    await runMachine(parts, initramfs, { limitMs: LIMIT_MS, onLine });
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

try {
  void testIn(requireParts(CACHE));
} catch (error) {
  if (!(error instanceof Unavailable)) throw error;
  console.log(`The tests on a kernel are skipped: ${error.message}`);
  console.log('0 passed, 0 failed, 1 skipped');
}
