import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findSenseHat, openFramebuffer } from '../../../lib/sense-hat/led/framebuffer';
import { actAs, DEVICE, filled, PERMITTED, STRANGER, shown } from './device';

/** A frame in which no two bytes are the same, different for each seed. */
const frame = (seed: number) => Buffer.from(Array.from({ length: 128 }, (_, n) => (n + seed) & 0xff));

function open(t: TestContext) {
  const framebuffer = openFramebuffer(DEVICE);
  t.after(() => framebuffer.close());
  return framebuffer;
}

test('the device has 8 by 8 pixels of 16 bits, like the matrix', () => {
  const attribute = (name: string) => readFileSync(join('/sys/class/graphics/fb0', name), 'utf8').trim();
  assert.deepEqual(['virtual_size', 'bits_per_pixel', 'stride'].map(attribute), ['8,8', '16', '16']);
  assert.equal(shown().length, 128);
});

for (const user of [...PERMITTED, STRANGER]) {
  test(`${user.name} finds the HAT by the name of its driver`, (t) => {
    actAs(t, user);
    assert.equal(findSenseHat(), DEVICE);
  });
}

for (const user of PERMITTED) {
  test(`${user.name} writes frame after frame, and the device has each byte for byte`, (t) => {
    actAs(t, user);
    const framebuffer = open(t);
    for (let seed = 0; seed < 20; seed++) {
      framebuffer.write(frame(seed));
      assert.deepEqual(shown(), frame(seed));
      assert.deepEqual(framebuffer.read(), frame(seed));
    }
  });

  test(`${user.name} reads a frame that another program drew`, (t) => {
    actAs(t, user);
    const framebuffer = open(t);
    framebuffer.write(frame(1));
    writeFileSync(DEVICE, frame(2), { flag: 'r+' });
    assert.deepEqual(framebuffer.read(), frame(2));
  });
}

test('a frame stays when the device is closed and opened again', (t) => {
  const framebuffer = openFramebuffer(DEVICE);
  framebuffer.write(frame(3));
  framebuffer.close();
  assert.deepEqual(shown(), frame(3));
  assert.deepEqual(open(t).read(), frame(3));
});

test('a user who is not in group video gets an error that says so, and the device is untouched', (t) => {
  open(t).write(frame(4));
  actAs(t, STRANGER);
  assert.throws(() => openFramebuffer(DEVICE), {
    code: 'DEVICE',
    text: 'DEVICE-permission',
    values: { path: DEVICE, reason: 'EACCES' },
  });
  assert.deepEqual(shown(), frame(4));
});

// This is why a frame is exactly 128 bytes at position 0.
test('the kernel refuses writes past the 128 bytes', (t) => {
  const fd = openSync(DEVICE, 'r+');
  t.after(() => closeSync(fd));
  const refusals: [string, string, () => void][] = [
    ['a byte at 128', 'ENOSPC', () => writeSync(fd, Buffer.alloc(1), 0, 1, 128)],
    ['a byte at 129', 'EFBIG', () => writeSync(fd, Buffer.alloc(1), 0, 1, 129)],
    ['another size', 'EINVAL', () => ftruncateSync(fd, 128)],
  ];
  for (const [what, code, action] of refusals) assert.throws(action, { code }, what);
});

test('the kernel keeps a position and refuses a second frame that does not begin at 0', (t) => {
  const fd = openSync(DEVICE, 'r+');
  t.after(() => closeSync(fd));
  writeSync(fd, filled('2533'));
  assert.throws(() => writeSync(fd, filled('0000')), { code: 'ENOSPC' });
  assert.deepEqual(shown(), filled('2533'));
});

test('the kernel writes the first 128 of 129 bytes and then fails', (t) => {
  open(t).write(filled('0000'));
  // Linux 6.1 reports an error although it has written a part; 6.12 accepts the part and refuses the rest.
  const isRefusal = ({ code }: NodeJS.ErrnoException) => code === 'EFBIG' || code === 'ENOSPC';
  assert.throws(() => writeFileSync(DEVICE, Buffer.alloc(129, 0xff)), isRefusal);
  assert.deepEqual(shown(), filled('ffff'));
});
