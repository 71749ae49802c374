import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { guarded } from '../../../../lib/nats/server/guard';
import { makeTemporary } from '../../../../scripts/temporary';

/** The guard of Windows works on other systems as well. */
const PLATFORMS = ['linux', 'win32'] as const;

const isAlive = async (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Starts a script of the shell with a guard; resolves with the process id that the script prints first. */
async function start(t: TestContext, script: string, platform: NodeJS.Platform) {
  const { command, fd } = guarded(['/bin/sh', '-c', `echo $$ >&2; ${script}`, 'a "b', '$c'], platform);
  const [file, ...args] = command;
  const child = spawn(file, args, { stdio: ['pipe', 'ignore', 'pipe', 'pipe'] });
  t.after(makeTemporary(child));
  const lines = createInterface({ input: child.stderr as Readable })[Symbol.asyncIterator]();
  const line = async () => String((await lines.next()).value);
  const pid = Number(await line());
  t.after(async () => (await isAlive(pid)) && process.kill(pid, 'SIGKILL'));
  const pipe = child.stdio[fd] as Writable;
  pipe.on('error', () => {});
  t.after(() => pipe.destroy());
  return { pid, line, pipe, exited: once(child, 'exit') };
}

for (const platform of PLATFORMS) {
  test(`the end of the pipe stops the program (${platform})`, async (t) => {
    const { pid, pipe, exited } = await start(t, 'exec sleep 60', platform);
    pipe.end();
    await exited;
    assert.equal(await isAlive(pid), false);
  });

  test(`a program keeps its arguments and its exit code (${platform})`, async (t) => {
    const { line, exited } = await start(t, 'echo "$0|$1" >&2; exit 7', platform);
    assert.equal(await line(), 'a "b|$c');
    assert.deepEqual((await exited)[0], 7);
  });
}

test('a program that does not stop when it is asked to is killed after three seconds', async (t) => {
  const script = "trap '' TERM; echo trapped >&2; while :; do sleep 0.1; done";
  const { pid, line, pipe, exited } = await start(t, script, 'linux');
  assert.equal(await line(), 'trapped');
  pipe.destroy();
  assert.deepEqual(await exited, [null, 'SIGKILL']);
  assert.equal(await isAlive(pid), false);
});

test('a guard that is dismissed after the end of its program ends without killing anything', async (t) => {
  const { pipe, exited } = await start(t, 'exit 0', 'linux');
  await exited;
  const gone = once(pipe, 'close');
  pipe.end('\n');
  await gone;
});

test('a guard without its program ends at once', async (t) => {
  for (const platform of PLATFORMS) {
    const { command } = guarded(['/nowhere/nats-server'], platform);
    const [file, ...args] = command;
    const child = spawn(file, args, { stdio: ['pipe', 'ignore', 'ignore', 'pipe'] });
    t.after(makeTemporary(child));
    const [code] = await once(child, 'exit');
    (child.stdio[3] as Writable).destroy();
    assert.equal(code, 127);
  }
});
