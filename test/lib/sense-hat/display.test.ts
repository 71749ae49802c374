import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Animation, still } from '../../../lib/sense-hat/animation';
import { acquireDisplay, Display, releaseDisplay } from '../../../lib/sense-hat/display';
import { encodeFrame, type Frame, fill, type Picture } from '../../../lib/sense-hat/frame';
import { findSenseHat } from '../../../lib/sense-hat/framebuffer';
import { DEFAULT_LOOK } from '../../../lib/sense-hat/look';
import { deviceFile, deviceFolder, timesOpen } from '../../support/device-file';
import { type WatchedPlayback, watchPlayback } from '../../support/playback';

const NO_LINUX = process.platform === 'linux' ? false : 'a device of Linux';
const OFF = Buffer.alloc(128);

function encode(picture: Picture): Frame {
  return encodeFrame(picture, DEFAULT_LOOK);
}

/** The frame of a picture in one shade of red. */
function redFrame(red: number): Frame {
  return encode(fill([red, 0, 0]));
}

/** Pictures that grow redder, 10 ms each. */
function reddening(length: number): Animation {
  return { length, periodMs: 10, pictureAt: (index) => fill([8 * (index + 1), 0, 0]) };
}

function show(display: Display, animation: Animation): WatchedPlayback {
  const watched = watchPlayback(animation, { encode });
  display.play(watched.playback);
  return watched;
}

function openDisplay(t: TestContext, path: string | undefined): Display {
  const display = new Display(path);
  t.after(() => display.close());
  return display;
}

/** Acquires a display, and releases it when the test ends. */
function acquire(t: TestContext, name: string): Display {
  const display = acquireDisplay(name);
  t.after(() => releaseDisplay(name));
  return display;
}

test('each viewer sees each frame, and the device has it by then', async (t) => {
  for (const bytes of [128, 160]) {
    const path = deviceFile(t, bytes);
    const display = openDisplay(t, path);
    const seen: Frame[][] = [[], []];
    for (const frames of seen) {
      display.watch((frame) => {
        frames.push(frame);
        assert.deepEqual(readFileSync(path).subarray(0, 128), frame);
        assert.deepEqual(display.frame, frame);
      });
    }
    for (const red of [50, 100, 150]) assert.equal(await show(display, still(fill([red, 0, 0]))).ended, 'shown');
    assert.equal(await show(display, reddening(4)).ended, 'shown');
    assert.deepEqual(seen[0]?.slice(0, 4), [50, 100, 150, 8].map(redFrame));
    assert.deepEqual(seen[0]?.at(-1), redFrame(32));
    assert.deepEqual(seen[1], seen[0]);
  }
});

test('a viewer that has left sees no more', async (t) => {
  const display = openDisplay(t, deviceFile(t));
  const stayed: Frame[] = [];
  const left: Frame[] = [];
  const leaving = (frame: Frame) => {
    left.push(frame);
    display.unwatch(leaving);
  };
  display.watch(leaving);
  display.watch((frame) => stayed.push(frame));
  await show(display, still(fill([50, 0, 0]))).ended;
  await show(display, still(fill([100, 0, 0]))).ended;
  assert.deepEqual(left, [redFrame(50)]);
  assert.deepEqual(stayed, [redFrame(50), redFrame(100)]);
});

test('a display remembers what it shows, at first what its device shows', async (t) => {
  const path = deviceFile(t);
  const display = openDisplay(t, path);
  assert.deepEqual(display.frame, readFileSync(path));
  assert.deepEqual(openDisplay(t, undefined).frame, OFF);
  await show(display, still(fill([50, 0, 0]))).ended;
  assert.deepEqual(display.frame, redFrame(50));
});

test('without a HAT a display shows its frames to the viewers alone', async (t) => {
  const display = openDisplay(t, undefined);
  const seen: Frame[] = [];
  display.watch((frame) => seen.push(frame));
  assert.equal(display.path, undefined);
  assert.equal(await show(display, still(fill([50, 0, 0]))).ended, 'shown');
  assert.deepEqual(seen, [redFrame(50)]);
  assert.deepEqual(display.frame, redFrame(50));
});

test('a frame that the device refuses ends its animation with DEVICE and is seen by nobody', {
  skip: NO_LINUX,
}, async (t) => {
  const display = openDisplay(t, '/dev/full');
  const seen: Frame[] = [];
  display.watch((frame) => seen.push(frame));
  assert.equal(await show(display, reddening(3)).ended, 'DEVICE');
  assert.equal(await show(display, still(fill([50, 0, 0]))).ended, 'DEVICE');
  assert.deepEqual(seen, []);
  assert.deepEqual(display.frame, OFF);
});

test('what is withdrawn ends with CLOSED and its last frame stays', async (t) => {
  const path = deviceFile(t);
  const display = openDisplay(t, path);
  const [shown, waiting] = [show(display, reddening(30_000)), show(display, reddening(2))];
  display.withdraw(new Set([shown.playback, waiting.playback]));
  assert.equal(await shown.ended, 'CLOSED');
  assert.equal(await waiting.ended, 'CLOSED');
  assert.deepEqual(readFileSync(path), redFrame(8));
});

test('a display that closes ends with CLOSED what is shown and what waits, and draws no more', async (t) => {
  const path = deviceFile(t);
  const display = new Display(path);
  const seen: Frame[] = [];
  display.watch((frame) => seen.push(frame));
  const watched = [show(display, reddening(3)), show(display, reddening(2))];
  const bystander = openDisplay(t, undefined);
  const after = show(bystander, reddening(4));
  display.close();
  for (const { ended } of watched) assert.equal(await ended, 'CLOSED');
  assert.equal(await after.ended, 'shown');
  assert.deepEqual(
    watched.map(({ outcomes }) => outcomes),
    [['CLOSED'], ['CLOSED']],
  );
  assert.deepEqual(seen, [redFrame(8)]);
  assert.deepEqual(readFileSync(path), redFrame(8));
});

test('a device that can be opened but not read is closed again', {
  skip: NO_LINUX || (!existsSync('/dev/ptmx') && 'needs /dev/ptmx'),
}, () => {
  assert.throws(() => acquireDisplay('/dev/ptmx'), { code: 'DEVICE', values: { path: '/dev/ptmx', reason: 'ESPIPE' } });
  assert.equal(timesOpen('/dev/ptmx'), 0);
});

test('users of one name share one display, which is open once', { skip: NO_LINUX }, async (t) => {
  const path = deviceFile(t);
  const [first, second] = [acquire(t, path), acquire(t, path)];
  assert.equal(first, second);
  assert.equal(first.path, path);
  assert.equal(timesOpen(path), 1);
  const order: string[] = [];
  first.watch((frame) => order.push(frame.toString('hex', 0, 2)));
  const shown = [show(first, reddening(2)), show(second, still(fill([255, 0, 0])))];
  for (const { ended } of shown) assert.equal(await ended, 'shown');
  assert.deepEqual(order, ['0008', '0010', '00f8']);
});

test('users of different names have displays of their own', async (t) => {
  const paths = [deviceFile(t), deviceFile(t)] as const;
  const [first, second] = [acquire(t, paths[0]), acquire(t, paths[1])];
  assert.notEqual(first, second);
  await show(first, still(fill([50, 0, 0]))).ended;
  await show(second, still(fill([100, 0, 0]))).ended;
  assert.deepEqual(readFileSync(paths[0]), redFrame(50));
  assert.deepEqual(readFileSync(paths[1]), redFrame(100));
});

test('the display stays open until its last user has released it, and what was drawn stays', {
  skip: NO_LINUX,
}, async (t) => {
  const path = deviceFile(t);
  const display = acquireDisplay(path);
  acquireDisplay(path);
  releaseDisplay(path);
  assert.equal(await show(display, still(fill([50, 0, 0]))).ended, 'shown');
  assert.equal(timesOpen(path), 1);
  releaseDisplay(path);
  assert.equal(timesOpen(path), 0);
  assert.deepEqual(readFileSync(path), redFrame(50));
  assert.notEqual(acquire(t, path), display);
});

test('releasing a display that nobody has does nothing', (t) => {
  const path = deviceFile(t);
  releaseDisplay(path);
  const display = acquire(t, path);
  assert.equal(acquire(t, path), display);
});

test('a device that cannot be opened can be acquired once it is there', async (t) => {
  const path = join(deviceFolder(t), 'fb1');
  for (let time = 0; time < 2; time++)
    assert.throws(() => acquireDisplay(path), { code: 'DEVICE', values: { path, reason: 'ENOENT' } });
  writeFileSync(path, Buffer.alloc(128));
  const display = acquire(t, path);
  assert.equal(await show(display, still(fill([50, 0, 0]))).ended, 'shown');
  assert.deepEqual(readFileSync(path), redFrame(50));
});

test('the empty name is the HAT of this machine, or none', (t) => {
  const hat = findSenseHat();
  let display: Display;
  try {
    display = acquire(t, '');
  } catch (error) {
    assert.equal((error as { code: string }).code, 'DEVICE');
    assert(hat, 'an error without a HAT');
    return;
  }
  assert.equal(display.path, hat);
});
