// Runs the tests that need no browser, or those in matching files: node dist/scripts/test.js [FILE-PART ...]

import { setMaxListeners } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { killLeft, natsServerVersion } from './nats-server';

/** A test file that hangs fails after this time. Only Node 20 applies it to a file whose process does not exit. */
const FILE_TIMEOUT_MS = 240_000;
/** For all files together. */
const RUN_TIMEOUT_MS = 1_440_000;
const DIST = join(__dirname, '..');

function testFiles(wanted: string[]): string[] {
  const files = ['test', 'tools']
    .flatMap((folder) =>
      readdirSync(join(DIST, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
    )
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.test.js'))
    // These use the devices of a virtual machine.
    .filter((file) => !/^tools.(kernel|i2c)/.test(file));
  if (wanted.length > 0) return files.filter((file) => wanted.some((part) => file.includes(part)));
  return files.filter((file) => !file.startsWith('test/editor'));
}

const server = natsServerVersion();
// The tests expect English texts, whatever the locale.
process.env.LC_ALL = 'C.UTF-8';
// A test file that was killed leaves servers and folders behind; all of them are in this folder.
const temporary = mkdtempSync(join(tmpdir(), 'natshat-test-'));
process.on('exit', () => {
  killLeft(temporary);
  rmSync(temporary, { recursive: true, force: true });
});
// Some tests open files as another user.
chmodSync(temporary, 0o755);
Object.assign(process.env, { TMPDIR: temporary, TEMP: temporary });
const { version } = require(join(process.env.NODE_RED ?? 'node-red', 'package.json'));
console.log(`Node ${process.version}, Node-RED ${version}, nats-server ${server}`);
const files = testFiles(process.argv.slice(2))
  .sort()
  .map((file) => join(DIST, file));
if (files.length === 0) throw new Error(`No test below ${relative('.', DIST)} has such a name.`);

// Most tests are mostly idle, but those with a browser are not.
const concurrency = files.some((file) => file.includes(join(DIST, 'test', 'editor'))) ? 1 : cpus().length + 1;
const signal = AbortSignal.timeout(RUN_TIMEOUT_MS);
// Each file adds a listener.
setMaxListeners(0, signal);
const tests = run({ files, concurrency, timeout: FILE_TIMEOUT_MS, signal });
tests.on('test:fail', ({ todo }) => {
  if (todo === undefined || todo === false) process.exitCode = 1;
});
// The runner reports its sums at the end.
const sums = new Map<string, number>();
tests.on('test:diagnostic', ({ message }) => {
  const [, name, count] = /^(pass|fail|cancelled) (\d+)$/.exec(message) ?? [];
  if (name) sums.set(name, Number(count));
});
// A file that was killed reports nothing of the test that hung in it.
const running = new Set<string>();
const titleOf = ({ name, file = '' }: { name: string; file?: string }) => `${name}, in ${relative(DIST, file)}`;
tests.on('test:dequeue', (test) => {
  if (test.name !== test.file) running.add(titleOf(test));
});
for (const end of ['test:pass', 'test:fail'] as const) tests.on(end, (test) => running.delete(titleOf(test)));
tests.on('end', () => {
  const failed = (sums.get('fail') ?? 0) + (sums.get('cancelled') ?? 0);
  // After the report.
  setImmediate(() => {
    for (const test of running) console.log(`✖ did not end: ${test}`);
    console.log(`${sums.get('pass') ?? 0} passed, ${failed} failed`);
  });
});
tests.compose(new spec()).pipe(process.stdout);
