import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Device } from '../../../../lib/sense-hat/led/device';
import { deviceFile, deviceFolder, timesOpen } from '../../../support/device-file';

const NO_LINUX = process.platform === 'linux' ? false : 'a device of Linux';

/** Opens a device with mocked timers, and records its states. */
function open(t: TestContext, path: string, find?: () => string | undefined) {
  t.mock.timers.reset();
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const states: string[] = [];
  const device = new Device(path, () => states.push(describe(device)), find);
  t.after(() => device.close());
  device.open();
  return { device, states, pass: (ms: number) => t.mock.timers.tick(ms) };
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
  breakOpenDevice(device);
  assert.equal(describe(device), 'DEVICE');
  pass(1000);
  assert.equal(describe(device), 'DEVICE-gone');
  assert.throws(() => device.write(Buffer.alloc(128)), { code: 'DEVICE', text: 'DEVICE-gone' });
  writeFileSync(path, Buffer.alloc(128));
  found = path;
  pass(2000);
  assert.deepEqual(states, ['open', 'DEVICE', 'DEVICE-gone', 'open']);
});

/** Makes the next use of an open device fail, as if it were unplugged. */
function breakOpenDevice(device: Device): void {
  const { framebuffer } = device as unknown as { framebuffer: { close(): void } };
  framebuffer.close();
  framebuffer.close = () => {};
  assert.throws(() => device.write(Buffer.alloc(128)), { code: 'DEVICE' });
}

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

test('after a failed write the device fails until the next retry', { skip: NO_LINUX }, (t) => {
  const { device, states, pass } = open(t, '/dev/full');
  for (let time = 0; time < 2; time++) {
    assert.throws(() => device.write(Buffer.alloc(128)), {
      code: 'DEVICE',
      values: { path: '/dev/full', reason: 'ENOSPC' },
    });
  }
  pass(1000);
  assert.deepEqual(states, ['open', 'DEVICE', 'open']);
});

test('a device that cannot be read fails, and no file stays open', {
  skip: NO_LINUX || (!existsSync('/dev/ptmx') && 'needs /dev/ptmx'),
}, (t) => {
  const { device } = open(t, '/dev/ptmx');
  assert.equal(device.state.name, 'failed');
  assert.equal(timesOpen('/dev/ptmx'), 0);
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
