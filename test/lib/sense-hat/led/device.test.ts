import assert from 'node:assert/strict';
import fs, { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Device } from '../../../../lib/sense-hat/led/device';
import { breakDevice, deviceFile, deviceFolder, timesOpen } from '../../../support/device-file';

const OFF = Buffer.alloc(128);
const NO_LINUX = process.platform === 'linux' ? false : 'a device of Linux';

/** Opens a device with mocked timers, and records its states. */
function open(t: TestContext, path: string, find?: () => string | undefined) {
  t.mock.timers.reset();
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const states: string[] = [];
  /** The frames that the device gets when it is opened for the first, the second ... time. */
  const restored: (Buffer | undefined)[] = [];
  const onOpen = () => restored.shift();
  const onChange = () => {
    states.push(describe(device));
  };
  const device = new Device(path, { onOpen, onChange }, find);
  t.after(() => device.close());
  device.open();
  return { device, states, restored, pass: (ms: number) => t.mock.timers.tick(ms) };
}

function describe({ state }: Device): string {
  return state.name === 'failed' ? state.error.text : state.name;
}

test('an existing device is open at once', (t) => {
  const path = deviceFile(t);
  const { device, states } = open(t, path);
  assert.deepEqual(device.state, { name: 'open', path });
  assert.deepEqual(states, ['open']);
  device.write(Buffer.alloc(128, 1));
  assert.deepEqual(readFileSync(path), Buffer.alloc(128, 1));
  assert.deepEqual(device.read(), Buffer.alloc(128, 1));
});

test('a missing device is looked for again after 1, 2, 4 ... 30 seconds', (t) => {
  let attempts = 0;
  const { states, pass } = open(t, '', () => {
    attempts++;
    return undefined;
  });
  assert.equal(attempts, 1);
  for (const seconds of [1, 2, 4, 8, 16, 30, 30, 30]) {
    const before: number = attempts;
    pass(seconds * 1000 - 1);
    assert.equal(attempts, before, `before ${seconds} s`);
    pass(1);
    assert.equal(attempts, before + 1, `after ${seconds} s`);
  }
  assert.deepEqual(states, [], 'nothing has changed');
});

test('without a HAT there is nothing to read, and writes do nothing', (t) => {
  const { device } = open(t, '', () => undefined);
  assert.deepEqual(device.state, { name: 'missing' });
  assert.equal(device.read(), undefined);
  device.write(Buffer.alloc(128));
});

test('a HAT that appears later is used, and one that goes away has failed', (t) => {
  const path = deviceFile(t);
  let found: string | undefined;
  const { device, states, pass } = open(t, '', () => found);
  found = path;
  pass(1000);
  assert.deepEqual(device.state, { name: 'open', path });

  rmSync(path);
  found = undefined;
  for (let time = 0; time < 2; time++) {
    assert.throws(() => device.write(Buffer.alloc(128)), { code: 'DEVICE', text: 'DEVICE-gone' });
  }
  pass(1000);
  writeFileSync(path, Buffer.alloc(128));
  found = path;
  pass(2000);
  assert.deepEqual(states, ['open', 'DEVICE-gone', 'open']);
});

/** Replaces a file by another one, as an editor does that writes safely. */
function replace(path: string, content = OFF): void {
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
}

test('a file that was replaced or deleted and made again is opened anew at its next use, without a failure', (t) => {
  for (const again of [
    (path: string) => replace(path),
    (path: string) => {
      renameSync(path, `${path}.old`);
      writeFileSync(path, OFF);
    },
    (path: string) => {
      rmSync(path);
      writeFileSync(path, OFF);
    },
  ]) {
    const path = deviceFile(t);
    const { device, states } = open(t, path);
    const id = device.id;
    again(path);
    device.write(Buffer.alloc(128, 1));
    assert.deepEqual(readFileSync(path), Buffer.alloc(128, 1));
    assert.notEqual(device.id, id);
    again(path);
    assert.deepEqual(device.read(), OFF);
    assert.deepEqual(states, ['open']);
  }
});

test('a device that nothing uses is looked at, and gets its frame when it was replaced', (t) => {
  const path = deviceFile(t);
  const { states, restored, pass } = open(t, path);
  restored.push(Buffer.alloc(128, 7));
  replace(path);
  pass(2000);
  assert.deepEqual(readFileSync(path), Buffer.alloc(128, 7));
  pass(2000);
  rmSync(path);
  pass(2000);
  assert.deepEqual(states, ['open', 'DEVICE-missing']);
  assert(!existsSync(path));
});

test('looking at an idle device neither reads nor writes it', (t) => {
  const { pass } = open(t, deviceFile(t));
  const used = ['openSync', 'readSync', 'writeSync', 'readFileSync', 'readdirSync'].map((name) =>
    t.mock.method(fs, name as 'openSync'),
  );
  const looked = t.mock.method(fs, 'lstatSync');
  for (let time = 0; time < 10; time++) pass(2000);
  assert.equal(looked.mock.callCount(), 10);
  for (const { mock } of used) assert.equal(mock.callCount(), 0);
});

test('a use that fails is tried once more at once, with a fresh handle', (t) => {
  const path = deviceFile(t);
  const { device, states, restored } = open(t, path);
  restored.push(undefined);
  // What a handle answers after its driver was loaded again.
  const fail = () => {
    throw Object.assign(new Error('ENODEV'), { code: 'ENODEV' });
  };
  t.mock.method(fs, 'writeSync').mock.mockImplementationOnce(fail);
  device.write(Buffer.alloc(128, 1));
  assert.deepEqual(readFileSync(path), Buffer.alloc(128, 1));
  t.mock.method(fs, 'readSync').mock.mockImplementationOnce(fail);
  assert.deepEqual(device.read(), Buffer.alloc(128, 1));
  assert.deepEqual(states, ['open']);
});

test('a HAT that is found under another number at once is no failure', (t) => {
  const [first, second] = [deviceFile(t), deviceFile(t)];
  let found = first;
  const { device, states } = open(t, '', () => found);
  rmSync(first);
  found = second;
  device.write(OFF);
  assert.deepEqual(readFileSync(second), OFF);
  assert.deepEqual(device.state, { name: 'open', path: second });
  assert.deepEqual(states, ['open', 'open']);
});

test('a missing file is used once it appears, and never created', (t) => {
  const path = join(deviceFolder(t), 'fb1');
  const { device, states, pass } = open(t, path);
  assert.equal(describe(device), 'DEVICE-missing');
  pass(1000);
  assert(!existsSync(path));
  writeFileSync(path, Buffer.alloc(128));
  pass(2000);
  assert.deepEqual(states, ['DEVICE-missing', 'open']);
});

test('a repeated failure is no change, but another one is', (t) => {
  const path = join(deviceFolder(t), 'fb1');
  const { states, pass } = open(t, path);
  pass(100_000);
  assert.deepEqual(states, ['DEVICE-missing']);
  writeFileSync(path, Buffer.alloc(127));
  pass(30_000);
  assert.deepEqual(states, ['DEVICE-missing', 'DEVICE-kind']);
});

test('a device without permission is used once permission is given', {
  skip: NO_LINUX || process.getuid?.() === 0,
}, (t) => {
  const path = deviceFile(t);
  chmodSync(path, 0);
  const { states, pass } = open(t, path);
  chmodSync(path, 0o600);
  pass(1000);
  assert.deepEqual(states, ['DEVICE-permission', 'open']);
});

test('after a failed write the device fails until the next retry', (t) => {
  const path = deviceFile(t);
  const { device, states, pass } = open(t, path);
  breakDevice(t, 'writeSync', 'EIO');
  for (let time = 0; time < 2; time++) {
    assert.throws(() => device.write(Buffer.alloc(128)), { code: 'DEVICE', values: { path, reason: 'EIO' } });
  }
  pass(1000);
  assert.deepEqual(states, ['open', 'DEVICE', 'open']);
});

test('a device that cannot take its frame fails, and no file stays open', { skip: NO_LINUX }, (t) => {
  for (const name of ['readSync', 'writeSync'] as const) {
    const path = deviceFile(t);
    const { device, restored, states, pass } = open(t, path);
    restored.push(OFF, OFF);
    replace(path);
    breakDevice(t, name, 'EIO');
    pass(3000);
    assert.deepEqual(states, ['open', 'DEVICE'], name);
    assert.equal(timesOpen(path), 0);
    t.mock.restoreAll();
    device.close();
  }
});

test('a closed device is not looked for, and no file stays open', { skip: NO_LINUX }, (t) => {
  const path = deviceFile(t);
  const { device } = open(t, path);
  assert.equal(timesOpen(path), 1);
  device.close();
  assert.equal(timesOpen(path), 0);
  let attempts = 0;
  const missing = open(t, '', () => {
    attempts++;
    return undefined;
  });
  missing.device.close();
  missing.pass(100_000);
  assert.equal(attempts, 1);
});
