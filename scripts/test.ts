// Runs every test that needs no browser, or the ones named: node dist/scripts/test.js [FILE-PART ...]

import { readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { requireNatsServer } from './nats-server';

/** A test that waits for what never comes fails after so long. */
const TIMEOUT_MS = 120_000;
const TESTS = join(__dirname, '..', 'test');

function testFiles(wanted: string[]): string[] {
  const files = readdirSync(TESTS, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.js'));
  if (wanted.length > 0) return files.filter((file) => wanted.some((part) => file.includes(part)));
  return files.filter((file) => !file.startsWith('browser'));
}

requireNatsServer();
const { version } = require(join(process.env.NODE_RED ?? 'node-red', 'package.json'));
console.log(`Node ${process.version}, Node-RED ${version}`);
const files = testFiles(process.argv.slice(2))
  .sort()
  .map((file) => join(TESTS, file));
if (files.length === 0) throw new Error(`No test below ${relative('.', TESTS)} has such a name.`);

let passed = 0;
let failed = 0;
const tests = run({ files, concurrency: cpus().length, timeout: TIMEOUT_MS });
// A suite or a file counts by the tests in it.
const isTest = (event: { details: { type?: string }; file?: string; name: string }) =>
  event.details.type !== 'suite' && !files.includes(event.name);
tests.on('test:pass', (event) => {
  if (isTest(event)) passed++;
});
tests.on('test:fail', (event) => {
  if (isTest(event) || event.details.error.cause === undefined) failed++;
  process.exitCode = 1;
});
tests.on('end', () => {
  // Last, below the report.
  setImmediate(() => console.log(`${passed} passed, ${failed} failed`));
});
tests.compose(new spec()).pipe(process.stdout);
