import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { CodedError } from '../../../../lib/coded-error';
import { findJoystick, openJoystick } from '../../../../lib/sense-hat/joystick/joystick-device';
import { deviceFolder } from '../../../support/device-file';
import { Inbox } from '../../../support/inbox';
import {
  asStranger,
  children,
  clientsOf,
  makePipe,
  NO_PYTHON,
  openFiles,
  openPipe,
  pipePath,
  startEmulator,
  startTerminal,
  until,
} from '../../../support/joystick';

const NO_LINUX = process.platform === 'linux' ? false : 'a device of Linux';
const EVENT = Buffer.from('1d6d046b0000000050c00300000000000100670001000000', 'hex');

/** Makes a tree like `/sys/class/input`, with the content of each entry's file `device/name`, if it has one. */
function makeInputs(t: TestContext, entries: Record<string, string | undefined>): string {
  const inputs = deviceFolder(t);
  for (const [entry, name] of Object.entries(entries)) {
    mkdirSync(join(inputs, entry, 'device'), { recursive: true });
    if (name !== undefined) writeFileSync(join(inputs, entry, 'device', 'name'), name);
  }
  return inputs;
}

/** Opens a joystick until the test ends, and collects its events. */
function open(t: TestContext, path: string) {
  const events = new Inbox<'open' | 'end' | CodedError>();
  let received = Buffer.alloc(0);
  const arrived = new Inbox<number>();
  const close = openJoystick(path, {
    onOpen: () => events.put('open'),
    onBytes: (bytes) => {
      received = Buffer.concat([received, bytes]);
      arrived.put(received.length);
    },
    onShared: (error) => events.put(error),
    onEnd: (error) => events.put(error ?? 'end'),
  });
  t.after(close);
  const bytes = async (count: number) => {
    while (received.length < count) await arrived.take();
    return received;
  };
  return { events, bytes, close };
}

test('the joystick is found by the name given by its driver, whatever its number', (t) => {
  const name = 'Raspberry Pi Sense HAT Joystick\n';
  const cases: [Record<string, string | undefined>, string | undefined][] = [
    [{ event0: name }, '/dev/input/event0'],
    [{ event0: 'vc4-hdmi\n', event1: undefined, event12: name }, '/dev/input/event12'],
    [{ input3: name, js0: name, mice: undefined, event0: 'keyboard\n' }, undefined],
    [{ event0: 'Raspberry Pi Sense HAT Joystick 2\n' }, undefined],
    [{}, undefined],
  ];
  for (const [entries, device] of cases) {
    assert.equal(findJoystick(makeInputs(t, entries), '/dev/input'), device, JSON.stringify(entries));
  }
  assert.equal(findJoystick(join(deviceFolder(t), 'input')), undefined);
});

test('a pipe is opened without waiting for a writer, and read until the writer closes it', {
  skip: NO_LINUX,
}, async (t) => {
  const path = makePipe(pipePath(t));
  const joystick = open(t, path);
  assert.equal(await joystick.events.take(), 'open');
  const writer = openPipe(path);
  writer.write(EVENT);
  assert.deepEqual(await joystick.bytes(24), EVENT);
  writer.close();
  assert.equal(await joystick.events.take(), 'end');
});

test('a character device is read, and its end is reported', { skip: NO_LINUX || NO_PYTHON }, async (t) => {
  const terminal = await startTerminal(t);
  const joystick = open(t, terminal.path);
  assert.equal(await joystick.events.take(), 'open');
  terminal.write(EVENT);
  assert.deepEqual(await joystick.bytes(24), EVENT);
  await terminal.kill();
  assert.equal(await joystick.events.take(), 'end');
});

test("the emulator's socket is read, and its end is reported", { skip: NO_LINUX || NO_PYTHON }, async (t) => {
  const emulator = await startEmulator(t, join(deviceFolder(t), 'stick'));
  const joystick = open(t, emulator.path);
  assert.equal(await joystick.events.take(), 'open');
  await emulator.clients(1);
  emulator.write(EVENT);
  emulator.write(EVENT);
  assert.deepEqual(await joystick.bytes(48), Buffer.concat([EVENT, EVENT]));
  await emulator.kill();
  assert.equal(await joystick.events.take(), 'end');
  // A crash leaves a socket without a listener behind.
  assert.equal(await open(t, emulator.path).events.take(), 'end');
});

test("a path is passed to the emulator's client as data, never as code", { skip: NO_LINUX || NO_PYTHON }, async (t) => {
  const folder = deviceFolder(t);
  const emulator = await startEmulator(t, join(folder, `-c '"$(touch x);`));
  assert.equal(await open(t, emulator.path).events.take(), 'open');
});

test('without Python the emulator cannot be read, and the error says so', { skip: NO_LINUX }, async (t) => {
  const path = join(deviceFolder(t), 'stick');
  const server = createServer().listen(path);
  await once(server, 'listening');
  t.after(() => server.close());
  const { PATH } = process.env;
  process.env.PATH = deviceFolder(t);
  t.after(() => {
    process.env.PATH = PATH;
  });
  const error = await open(t, path).events.take();
  assert(error instanceof Error);
  assert.equal(error.text, 'DEVICE-emulator');
  assert.deepEqual(error.values, { path, reason: 'spawn python3 ENOENT' });
});

test('a stream socket is no emulator', { skip: NO_LINUX || NO_PYTHON }, async (t) => {
  const path = join(deviceFolder(t), 'stick');
  const server = createServer().listen(path);
  await once(server, 'listening');
  t.after(() => server.close());
  const error = await open(t, path).events.take();
  assert(error instanceof Error);
  assert.equal(error.code, 'DEVICE');
  assert.equal(error.values.reason, 'EPROTOTYPE');
});

test('a missing joystick ends without an error', async (t) => {
  assert.equal(await open(t, join(deviceFolder(t), 'event0')).events.take(), 'end');
});

test('a file, a folder and a link are refused', { skip: NO_LINUX }, async (t) => {
  const folder = deviceFolder(t);
  writeFileSync(join(folder, 'file'), EVENT);
  symlinkSync('/dev/zero', join(folder, 'link'));
  symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling'));
  const before = openFiles();
  for (const path of [folder, ...['file', 'link', 'dangling'].map((name) => join(folder, name))]) {
    const error = await open(t, path).events.take();
    assert(error instanceof Error, path);
    assert.equal(error.text, 'DEVICE-joystick', path);
    assert.equal(error.values.path, path);
  }
  assert(openFiles() <= before, 'refused files are closed');
});

test('without permission to read, the error advises to join a group', { skip: NO_LINUX }, async (t) => {
  const path = makePipe(pipePath(t));
  chmodSync(dirname(path), 0o755);
  chmodSync(path, 0);
  const error = await asStranger(() => open(t, path).events.take());
  assert(error instanceof Error);
  assert.equal(error.text, 'DEVICE-joystick-permission');
  assert.deepEqual(error.values, { path, reason: 'EACCES' });
});

test('closing releases everything at once, for each kind of joystick', { skip: NO_LINUX }, async (t) => {
  const paths = [makePipe(pipePath(t)), '/dev/zero'];
  if (!NO_PYTHON) {
    paths.push((await startTerminal(t)).path);
    paths.push((await startEmulator(t, join(deviceFolder(t), 'stick'))).path);
  }
  const files = openFiles();
  const others = children().length;
  for (const path of paths) {
    const joystick = open(t, path);
    assert.equal(await joystick.events.take(), 'open', path);
    const startedAt = performance.now();
    joystick.close();
    await until(() => openFiles() <= files && children().length <= others);
    const elapsed = performance.now() - startedAt;
    t.diagnostic(`${path}: released after ${elapsed.toFixed(1)} ms`);
    assert(elapsed < 1000, `${path}: ${elapsed} ms`);
    assert.equal(joystick.events.size, 0, 'no end is reported after close');
  }
});

test('closing before it has opened releases everything, too', { skip: NO_LINUX }, async (t) => {
  const files = openFiles();
  const others = children().length;
  const joystick = open(t, '/dev/zero');
  joystick.close();
  await until(() => openFiles() <= files && children().length <= others);
  assert.equal(joystick.events.size, 0);
});

test('idle devices do not block the thread pool', { skip: NO_LINUX || NO_PYTHON }, async (t) => {
  const terminal = await startTerminal(t);
  for (let count = 0; count < 8; count++) assert.equal(await open(t, terminal.path).events.take(), 'open');
  await readFile(__filename);
});

test("the emulator's client exits with Node-RED", { skip: NO_LINUX || NO_PYTHON }, async (t) => {
  const emulator = await startEmulator(t, join(deviceFolder(t), 'stick'));
  const script = `
    const { openJoystick } = require(${JSON.stringify(require.resolve('../../../../lib/sense-hat/joystick/joystick-device'))});
    openJoystick(${JSON.stringify(emulator.path)}, { onOpen: () => console.log('open'), onBytes() {}, onEnd() {} });`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await emulator.clients(1);
  assert.equal(clientsOf(emulator.path).length, 1);
  child.kill('SIGKILL');
  await until(() => clientsOf(emulator.path).length === 0);
});
