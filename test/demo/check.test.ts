import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startNatsServer } from '../../scripts/nats-server';

const DEMO = join(__dirname, '..', '..', 'scripts', 'demo.js');
const ANSWERS = 'Message diplayed by raspberrypi!\nMessage diplayed by raspberrypi!\n';
const run = promisify(execFile);

test('the demo shows "hello world" and answers both words', async () => {
  const { stdout } = await run(process.execPath, [DEMO, '--check']);
  assert(stdout.startsWith(ANSWERS), stdout);
  // The last word in 8 rows, each of several frames side by side.
  const rows = stdout.slice(ANSWERS.length).trim().split('\n');
  assert.equal(rows.length, 8);
  assert(rows.some((row) => row.includes('#')));
});

test('the demo uses another NATS server', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const { stdout } = await run(process.execPath, [DEMO, '--check', '--host', `127.0.0.1:${server.port}`]);
  assert(stdout.startsWith(ANSWERS), stdout);
});
