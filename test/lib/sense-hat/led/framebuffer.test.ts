import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs, {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findSenseHat, openFramebuffer } from '../../../../lib/sense-hat/led/framebuffer';
import { breakDevice, deviceFile, deviceFolder, timesOpen } from '../../../support/device-file';

const NO_LINUX = process.platform === 'linux' ? false : 'a device of Linux';

/** Makes a tree like `/sys/class/graphics`, with the content of each entry's file `name`, if it has one. */
function makeGraphics(t: TestContext, entries: Record<string, string | undefined>): string {
  const graphics = deviceFolder(t);
  for (const [entry, name] of Object.entries(entries)) {
    mkdirSync(join(graphics, entry));
    if (name !== undefined) writeFileSync(join(graphics, entry, 'name'), name);
  }
  return graphics;
}

function open(t: TestContext, path: string) {
  const framebuffer = openFramebuffer(path);
  t.after(() => framebuffer.close());
  return framebuffer;
}

/** Runs an action as an unprivileged user if the tests run as root. */
function asStranger(action: () => void): void {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65534);
  try {
    action();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

test('the HAT is found by the name given by its driver, whatever its number', (t) => {
  const cases: [Record<string, string | undefined>, string | undefined][] = [
    [{ fb0: 'RPi-Sense FB\n' }, '/dev/fb0'],
    [{ fb0: 'BCM2708 FB\n', fb1: 'RPi-Sense FB\n' }, '/dev/fb1'],
    [{ fb0: 'vc4drmfb\n', fb1: 'other\n', fb10: 'RPi-Sense FB\n' }, '/dev/fb10'],
    [{ fb0: undefined, fb1: 'RPi-Sense FB\n' }, '/dev/fb1'],
    [{ fbcon: 'RPi-Sense FB\n', fb0: 'vc4drmfb\n' }, undefined],
    [{ fb0: 'RPi-Sense FB 2\n', fb1: 'not RPi-Sense FB\n' }, undefined],
    [{ fb0: 'vc4drmfb\n' }, undefined],
    [{}, undefined],
  ];
  for (const [entries, device] of cases) {
    assert.equal(findSenseHat(makeGraphics(t, entries), '/dev'), device, JSON.stringify(entries));
  }
});

test('the HAT is found through symbolic links, as in sysfs', (t) => {
  const devices = makeGraphics(t, { 'rpisense-fb': 'RPi-Sense FB\n' });
  const graphics = makeGraphics(t, {});
  symlinkSync(join(devices, 'rpisense-fb'), join(graphics, 'fb1'));
  assert.equal(findSenseHat(graphics, '/dev'), '/dev/fb1');
});

test('without a folder for graphics no HAT is found', (t) => {
  assert.equal(findSenseHat(join(deviceFolder(t), 'graphics')), undefined);
});

test('a frame is written in place at position 0, each time', (t) => {
  const path = deviceFile(t);
  const { ino } = statSync(path);
  const framebuffer = open(t, path);
  for (const byte of [1, 2, 3, 0]) {
    const frame = Buffer.alloc(128, byte);
    frame.writeUInt16LE(0xf800, 0);
    framebuffer.write(frame);
    assert.deepEqual(readFileSync(path), frame);
  }
  assert.equal(statSync(path).ino, ino);
});

test("the emulator's file keeps its size and its last 32 bytes", (t) => {
  const path = deviceFile(t, 160);
  const framebuffer = open(t, path);
  for (const byte of [1, 2]) {
    framebuffer.write(Buffer.alloc(128, byte));
    assert.deepEqual(readFileSync(path), Buffer.concat([Buffer.alloc(128, byte), Buffer.alloc(32, 0xaa)]));
  }
});

test('the current frame is read, also one of another program', (t) => {
  const drawn = Buffer.from(Array.from({ length: 128 }, (_, n) => n));
  for (const bytes of [128, 160]) {
    const path = deviceFile(t, bytes);
    const framebuffer = open(t, path);
    assert.deepEqual(framebuffer.read(), Buffer.alloc(128, 0xaa));
    framebuffer.write(Buffer.alloc(128, 1));
    assert.deepEqual(framebuffer.read(), Buffer.alloc(128, 1));
    writeFileSync(path, drawn, { flag: 'r+' });
    assert.deepEqual(framebuffer.read(), drawn);
    assert.equal(statSync(path).size, bytes);
  }
});

test('opening a file does not change it', (t) => {
  for (const bytes of [128, 160]) {
    const path = deviceFile(t, bytes);
    open(t, path);
    assert.deepEqual(readFileSync(path), Buffer.alloc(bytes, 0xaa));
  }
});

test('a file of another size is refused and left alone', (t) => {
  for (const bytes of [0, 1, 127, 129, 159, 161, 4096]) {
    const path = deviceFile(t, bytes);
    assert.throws(
      () => openFramebuffer(path),
      { code: 'DEVICE', text: 'DEVICE-kind', values: { path } },
      `${bytes} bytes`,
    );
    assert.deepEqual(readFileSync(path), Buffer.alloc(bytes, 0xaa));
  }
});

test('a refused file is closed', { skip: NO_LINUX }, (t) => {
  const path = deviceFile(t, 127);
  assert.throws(() => openFramebuffer(path), { code: 'DEVICE' });
  assert.equal(timesOpen(path), 0);
});

test('a symbolic link is refused and its target untouched', (t) => {
  const target = deviceFile(t);
  const link = join(dirname(target), 'link');
  symlinkSync(target, link);
  assert.throws(() => openFramebuffer(link), { code: 'DEVICE', text: 'DEVICE-kind' });
  assert.deepEqual(readFileSync(target), Buffer.alloc(128, 0xaa));
  assert(lstatSync(link).isSymbolicLink());
});

test('a link to nowhere is refused and nothing created behind it', (t) => {
  const folder = deviceFolder(t);
  symlinkSync(join(folder, 'target'), join(folder, 'link'));
  assert.throws(() => openFramebuffer(join(folder, 'link')), { code: 'DEVICE' });
  assert(!existsSync(join(folder, 'target')));
});

test('a missing file is refused and not created', (t) => {
  const path = join(deviceFolder(t), 'fb1');
  assert.throws(() => openFramebuffer(path), {
    code: 'DEVICE',
    text: 'DEVICE-missing',
    values: { path, reason: 'ENOENT' },
  });
  assert(!existsSync(path));
});

test('a folder is refused', (t) => {
  assert.throws(() => openFramebuffer(deviceFolder(t)), { code: 'DEVICE', text: 'DEVICE-kind' });
});

test('a pipe is refused without waiting for its other end', { skip: NO_LINUX, timeout: 10_000 }, (t) => {
  const path = join(deviceFolder(t), 'pipe');
  execFileSync('mkfifo', [path]);
  assert.throws(() => openFramebuffer(path), { code: 'DEVICE', text: 'DEVICE-kind' });
});

test('a socket is refused', { skip: NO_LINUX }, async (t) => {
  const path = join(deviceFolder(t), 'socket');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.after(() => server.close());
  assert.throws(() => openFramebuffer(path), { code: 'DEVICE', text: 'DEVICE-kind' });
});

test('what is no framebuffer is refused as such, also without permission', { skip: NO_LINUX }, (t) => {
  for (const path of ['/dev/null', '/dev/zero', '/dev/full', '/dev/tty']) {
    const expected = { code: 'DEVICE', text: 'DEVICE-kind', values: { path } };
    assert.throws(() => openFramebuffer(path), expected);
  }
  const path = deviceFile(t, 127);
  chmodSync(dirname(path), 0o755);
  chmodSync(path, 0);
  asStranger(() => assert.throws(() => openFramebuffer(path), { text: 'DEVICE-kind' }));
});

test('a framebuffer is refused unless it has 8 x 8 pixels of 16 bits', (t) => {
  const cases: [size: string | undefined, bits: string, text: string | undefined][] = [
    ['8,8', '16', undefined],
    ['1920,1080', '32', 'DEVICE-size'],
    ['8,16', '16', 'DEVICE-size'],
    ['8,8', '8', 'DEVICE-size'],
    ['', '', 'DEVICE-size'],
    [undefined, '16', 'DEVICE-kind'],
  ];
  for (const [size, bits, text] of cases) {
    const sys = makeGraphics(t, { fb2: 'any\n', fb0: 'other\n' });
    writeFileSync(join(sys, 'fb0', 'virtual_size'), '8,8\n');
    if (size !== undefined) writeFileSync(join(sys, 'fb2', 'virtual_size'), `${size}\n`);
    writeFileSync(join(sys, 'fb2', 'bits_per_pixel'), `${bits}\n`);
    const path = deviceFile(t);
    actAsFramebuffer(t, 2);
    if (text) {
      assert.throws(() => openFramebuffer(path, sys), { code: 'DEVICE', text }, `${size} ${bits}`);
    } else {
      const framebuffer = openFramebuffer(path, sys);
      assert.equal(framebuffer.id, `device ${29 * 256 + 2}`);
      framebuffer.close();
    }
    t.mock.restoreAll();
    assert.deepEqual(readFileSync(path), Buffer.alloc(128, 0xaa));
  }
});

/** Lets open files pass for the framebuffer of this number, which only a kernel with another screen has. */
function actAsFramebuffer(t: TestContext, number: number): void {
  const fstat = fs.fstatSync;
  t.mock.method(fs, 'fstatSync', (fd: number) =>
    Object.assign(fstat(fd, { bigint: true }), {
      rdev: BigInt(29 * 256 + number),
      isCharacterDevice: () => true,
      isFile: () => false,
    }),
  );
}

test('the paths of one device have the same id, other devices have others', (t) => {
  const path = deviceFile(t);
  const link = join(dirname(path), 'hard-link');
  linkSync(path, link);
  assert.equal(open(t, link).id, open(t, path).id);
  assert.notEqual(open(t, deviceFile(t)).id, open(t, path).id);
});

test('a framebuffer is current as long as its path leads to it', (t) => {
  const path = deviceFile(t);
  const framebuffer = open(t, path);
  writeFileSync(path, Buffer.alloc(128), { flag: 'r+' });
  chmodSync(path, 0o600);
  assert(framebuffer.isCurrent());
  renameSync(path, `${path}.old`);
  assert(!framebuffer.isCurrent());
  renameSync(`${path}.old`, path);
  assert(framebuffer.isCurrent());
  rmSync(path);
  assert(!framebuffer.isCurrent());
  writeFileSync(path, Buffer.alloc(128));
  assert(!framebuffer.isCurrent());
});

test('a device without permission to write is refused and left alone', { skip: NO_LINUX }, (t) => {
  const path = deviceFile(t);
  chmodSync(dirname(path), 0o755);
  chmodSync(path, 0o444);
  asStranger(() => {
    assert.throws(() => openFramebuffer(path), {
      code: 'DEVICE',
      text: 'DEVICE-permission',
      values: { path, reason: 'EACCES' },
    });
  });
  assert.deepEqual(readFileSync(path), Buffer.alloc(128, 0xaa));
});

test('a failed write is reported with the path and the cause', (t) => {
  const path = deviceFile(t);
  const framebuffer = open(t, path);
  breakDevice(t, 'writeSync', 'ENOSPC');
  for (let time = 0; time < 2; time++) {
    assert.throws(
      () => framebuffer.write(Buffer.alloc(128)),
      (error: Error & { code: string; values: unknown; cause: NodeJS.ErrnoException }) => {
        assert.equal(error.code, 'DEVICE');
        assert.deepEqual(error.values, { path, reason: 'ENOSPC' });
        assert.equal(error.cause.code, 'ENOSPC');
        return true;
      },
    );
  }
});

test('failures that a user can resolve have error texts of their own', (t) => {
  const cases: [string, string][] = [
    ['EACCES', 'DEVICE-permission'],
    ['EPERM', 'DEVICE-permission'],
    ['ENOENT', 'DEVICE-missing'],
    ['ENOTDIR', 'DEVICE-missing'],
    ['ENODEV', 'DEVICE-missing'],
    ['ENXIO', 'DEVICE-missing'],
    ['EIO', 'DEVICE'],
    ['EBUSY', 'DEVICE'],
  ];
  for (const [reason, text] of cases) {
    const path = deviceFile(t);
    const framebuffer = open(t, path);
    // Without a mock only a broken HAT fails like this.
    const fail = () => {
      throw Object.assign(new Error(reason), { code: reason });
    };
    const expected = { code: 'DEVICE', text, values: { path, reason } };
    t.mock.method(fs, 'writeSync', fail);
    assert.throws(() => framebuffer.write(Buffer.alloc(128)), expected);
    t.mock.method(fs, 'readSync', fail);
    assert.throws(() => framebuffer.read(), expected);
    t.mock.method(fs, 'openSync', fail);
    assert.throws(() => openFramebuffer(path), expected);
    t.mock.restoreAll();
    framebuffer.write(Buffer.alloc(128, 1));
    assert.deepEqual(readFileSync(path), Buffer.alloc(128, 1));
  }
});

test('a closed framebuffer writes nothing, not even into a file with the same descriptor', (t) => {
  const path = deviceFile(t);
  const other = deviceFile(t);
  const framebuffer = openFramebuffer(path);
  framebuffer.close();
  const fd = openSync(other, 'r+');
  t.after(() => closeSync(fd));
  assert.throws(() => framebuffer.write(Buffer.alloc(128, 1)), { code: 'DEVICE' });
  for (const file of [path, other]) assert.deepEqual(readFileSync(file), Buffer.alloc(128, 0xaa));
});

test('a file that is removed while it is open is not created again', (t) => {
  const path = deviceFile(t);
  const framebuffer = open(t, path);
  rmSync(path);
  framebuffer.write(Buffer.alloc(128, 1));
  assert(!existsSync(path));
});
