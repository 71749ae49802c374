import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startNatsServer } from '../../scripts/nats-server';
import { makeFolder } from '../support/folder';

const DEMO = join(__dirname, '..', '..', 'scripts', 'demo.js');
const ANSWERS = 'Message displayed by raspberrypi!\nMessage displayed by raspberrypi!\n';
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

for (const [event, signal] of [
  ['Ctrl-C', 'SIGINT'],
  ['closing the terminal', 'SIGHUP'],
] as const) {
  test(`the demo prints the address of its editor, and ${event} stops everything that it started`, async (t) => {
    const folder = makeFolder();
    // All its files are in the folder for temporary files, where Node.js may keep a cache.
    const demo = spawn(process.execPath, [DEMO], { env: { ...process.env, TMPDIR: folder, TEMP: folder } });
    t.after(() => demo.kill('SIGKILL'));
    const exit = once(demo, 'exit');
    let printed = '';
    demo.stdout.setEncoding('utf8');
    while (!printed.includes('Ctrl-C')) printed += (await once(demo.stdout, 'data'))[0];
    const [, nats, editor] = /NATS server +nats:\/\/(\S+)\nEditor +(\S+)\n/.exec(printed) ?? [];
    assert(nats && editor, printed);
    assert.equal((await fetch(editor)).status, 200);
    demo.kill(signal);
    assert.deepEqual(await exit, [0, null]);
    for (const url of [editor, `http://${nats}`]) {
      assert.equal((await fetch(url).catch(({ cause }) => cause)).code, 'ECONNREFUSED', url);
    }
    assert.deepEqual(
      readdirSync(folder).filter((entry) => entry.startsWith('natshat-')),
      [],
    );
  });
}

test('a demo that cannot reach the given NATS server reports that in one line', async () => {
  const NATS_SERVER = '/nowhere/nats-server';
  const failure = await run(process.execPath, [DEMO, '--check'], { env: { ...process.env, NATS_SERVER } }).catch(
    (e) => e,
  );
  assert.equal(failure.code, 1);
  assert.equal(failure.stderr, `NATS_SERVER is ${NATS_SERVER}, but there is no such file.\n`);
});
