import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Animation, type Label, still } from '../../../../lib/sense-hat/led/animation';
import { BLACK } from '../../../../lib/sense-hat/led/colour';
import { acquireDisplay, Display, findDisplay, releaseDisplay } from '../../../../lib/sense-hat/led/display';
import { encodeFrame, type Frame, fill, type Picture } from '../../../../lib/sense-hat/led/frame';
import { DEFAULT_OPTIONS } from '../../../../lib/sense-hat/led/options';
import type { Rotation } from '../../../../lib/sense-hat/rotation';
import { deviceFile, deviceFolder, timesOpen } from '../../../support/device-file';
import { type WatchedOptions, type WatchedPlayback, watchPlayback } from '../../../support/playback';

const NO_LINUX = process.platform === 'linux' ? false : 'a device of Linux';
const OFF = Buffer.alloc(128);
const NO_HAT = () => undefined;

function encode(picture: Picture): Frame {
  return encodeFrame(picture, DEFAULT_OPTIONS);
}

/** The frame of a picture in one shade of red. */
function redFrame(red: number): Frame {
  return encode(fill([red, 0, 0]));
}

/** Pictures that grow redder, 10 ms each. */
function reddening(length: number): Animation {
  return { length, periodMs: 10, pictureAt: (index) => fill([8 * (index + 1), 0, 0]) };
}

function show(display: Display, animation: Animation, options?: WatchedOptions): WatchedPlayback {
  const watched = watchPlayback(animation, options);
  display.play(watched.playback);
  return watched;
}

/** Opens a display until the test ends; an empty path is that of a HAT that is not there. */
function openDisplay(t: TestContext, path: string, find: () => string | undefined = NO_HAT): Display {
  const display = new Display(path, find);
  t.after(() => display.close());
  return display;
}

/** Acquires a display, and releases it when the test ends. */
function acquire(t: TestContext, path: string): Display {
  const display = acquireDisplay(path);
  t.after(() => releaseDisplay(display));
  return display;
}

test('each listener hears of each frame, and the device has it by then', async (t) => {
  for (const bytes of [128, 160]) {
    const path = deviceFile(t, bytes);
    const display = openDisplay(t, path);
    const seen: Frame[][] = [[], []];
    for (const frames of seen) {
      display.on('frame', (frame) => {
        frames.push(frame);
        assert.deepEqual(readFileSync(path).subarray(0, 128), frame);
        assert.deepEqual(display.frame, frame);
      });
    }
    for (const red of [50, 100, 150]) assert.equal(await show(display, still(fill([red, 0, 0]))).ended, 'shown');
    assert.equal(await show(display, reddening(4)).ended, 'shown');
    assert.deepEqual(seen[0]?.slice(0, 3), [50, 100, 150].map(redFrame));
    assert.deepEqual(seen[0]?.at(-1), redFrame(32));
    assert.deepEqual(seen[1], seen[0]);
    assert.deepEqual(readFileSync(path).subarray(128), Buffer.alloc(bytes - 128, 0xaa), 'the gamma of the emulator');
  }
});

test('a display knows what it shows, at first what its device shows, and what others draw on it', async (t) => {
  const path = deviceFile(t);
  const display = openDisplay(t, path);
  assert.deepEqual(display.frame, readFileSync(path));
  assert.deepEqual(openDisplay(t, '').frame, OFF);
  await show(display, still(fill([50, 0, 0]))).ended;
  assert.deepEqual(display.frame, redFrame(50));
  writeFileSync(path, redFrame(200));
  assert.deepEqual(display.frame, redFrame(200));
});

test('what is shown is a picture again, however it lies', async (t) => {
  const picture = Uint8Array.from({ length: 192 }, (_, at) => (at % 3 === 0 ? 248 : 4 * (at % 63)) & 0xf8);
  const display = openDisplay(t, deviceFile(t));
  for (const rotation of [0, 90, 180, 270] as Rotation[]) {
    for (const flipH of [false, true]) {
      const projection = { ...DEFAULT_OPTIONS, rotation, flipH };
      const frame = encodeFrame(picture, projection);
      display.write(frame);
      assert.deepEqual(encodeFrame(display.readPicture(projection), projection), frame);
    }
  }
});

test('a display knows the label of what is on, or was on and can still be seen, and how many wait', async (t) => {
  const display = openDisplay(t, deviceFile(t));
  assert.deepEqual(display.activity, { queued: 0 }, 'whatever the device shows is no message');
  const play = (label: Label, animation: Animation) => {
    const watched = watchPlayback(animation);
    watched.playback.sequence.label = label;
    display.play(watched.playback);
    return watched.ended;
  };
  const picture: Label = { kind: 'picture' };
  const text: Label = { kind: 'text', text: 'Hi' };
  await play(picture, still(fill([50, 0, 0])));
  assert.deepEqual(display.activity, { showing: picture, queued: 0 });
  const ended = [
    play(text, still(fill(BLACK), 20)),
    play(picture, still(fill([50, 0, 0]), 1)),
    play(text, reddening(1)),
  ];
  assert.deepEqual(display.activity, { showing: text, queued: 2 });
  await Promise.all(ended);
  await play(text, still(fill(BLACK)));
  assert.deepEqual(display.activity, { queued: 0 }, 'nothing of it is seen any more');
});

test('a display tells that its activity may have changed', async (t) => {
  const display = openDisplay(t, '');
  const queued: number[] = [];
  display.on('activity', () => queued.push(display.activity.queued));
  const playbacks = [20, 1, 1].map((periodMs) => show(display, still(fill([50, 0, 0]), periodMs)).ended);
  assert.equal(queued.at(-1), 2);
  await Promise.all(playbacks);
  assert.equal(queued.at(-1), 0);
});

test('a display is found by its path as long as somebody uses it', (t) => {
  const path = deviceFile(t);
  assert.equal(findDisplay(path), undefined);
  const display = acquireDisplay(path);
  assert.equal(findDisplay(path), display);
  releaseDisplay(display);
  assert.equal(findDisplay(path), undefined);
});

test('without a HAT a display shows its frames to its listeners alone', async (t) => {
  const display = openDisplay(t, '');
  const seen: Frame[] = [];
  display.on('frame', (frame) => seen.push(frame));
  assert.deepEqual(display.deviceState, { name: 'missing' });
  assert.equal(display.failure, undefined);
  assert.equal(await show(display, still(fill([50, 0, 0]))).ended, 'shown');
  assert.deepEqual(seen, [redFrame(50)]);
  assert.deepEqual(display.frame, redFrame(50));
});

test('a HAT that comes later gets what is shown', async (t) => {
  const path = deviceFile(t);
  let found: string | undefined;
  const display = openDisplay(t, '', () => found);
  assert.equal(await show(display, still(fill([50, 0, 0]))).ended, 'shown');
  found = path;
  await once(display, 'device');
  assert.deepEqual(display.deviceState, { name: 'open', path });
  assert.deepEqual(readFileSync(path), redFrame(50));
});

test('a device that has shown nothing of ours keeps what it shows when it comes', async (t) => {
  const path = join(deviceFolder(t), 'fb1');
  const display = openDisplay(t, path);
  assert.equal(display.deviceState.name, 'failed');
  writeFileSync(path, redFrame(77));
  await once(display, 'device');
  assert.deepEqual(readFileSync(path), redFrame(77));
});

test('a frame that the device refuses ends its show with DEVICE and is heard of by nobody', {
  skip: NO_LINUX,
}, async (t) => {
  const display = openDisplay(t, '/dev/full');
  const seen: Frame[] = [];
  display.on('frame', (frame) => seen.push(frame));
  assert.equal(await show(display, reddening(3)).ended, 'DEVICE');
  assert.equal(await show(display, still(fill([50, 0, 0]))).ended, 'DEVICE');
  assert.deepEqual(seen, []);
  assert.throws(() => display.readPicture(DEFAULT_OPTIONS), { code: 'DEVICE' });
});

test('shows that may wait for a device are shown when it is there', async (t) => {
  const path = join(deviceFolder(t), 'fb1');
  const display = openDisplay(t, path);
  const failing = show(display, reddening(2));
  const waiting = show(display, reddening(2), { whenMissing: 'wait' });
  assert.equal(await failing.ended, 'DEVICE');
  assert.deepEqual(waiting.outcomes, []);
  writeFileSync(path, OFF);
  assert.equal(await waiting.ended, 'shown');
  assert.deepEqual(readFileSync(path), redFrame(16));
});

test('what is stopped or withdrawn ends, and its last frame stays', async (t) => {
  const path = deviceFile(t);
  const display = openDisplay(t, path);
  const owner = {};
  const withdrawn = [show(display, reddening(30_000), { owner }), show(display, reddening(2), { owner })];
  display.withdraw(owner);
  for (const { ended } of withdrawn) assert.equal(await ended, 'CLOSED');
  const stopped = show(display, reddening(30_000));
  display.stop();
  assert.equal(await stopped.ended, 'STOPPED');
  assert.deepEqual(readFileSync(path), redFrame(8));
});

test('what is still to be done when its owner withdraws, or all closes, ends with CLOSED, and the rest is done', async () => {
  const display = new Display('', NO_HAT);
  const [mine, other] = [{}, {}];
  const done: string[] = [];
  const job = (name: string, owner: object, run = () => {}) => ({
    owner,
    run: () => {
      done.push(name);
      run();
    },
    end: (error: unknown) => done.push(`${name} ${(error as { code: string }).code}`),
  });
  const fillTurn = () => {
    const startedAt = performance.now();
    while (performance.now() - startedAt < 20);
  };
  display.take(job('long', mine, fillTurn));
  display.take(job('mine', mine));
  display.take(job('other', other));
  display.withdraw(mine);
  assert.deepEqual(done, ['long', 'mine CLOSED']);
  await nextTurn();
  assert.deepEqual(done.slice(2), ['other']);
  display.take(job('long', other, fillTurn));
  display.take(job('last', other));
  display.close();
  assert.deepEqual(done.slice(3), ['long', 'last CLOSED']);
});

test('a display that closes ends all with CLOSED, draws no more, and is cleared only if that is wished', async (t) => {
  for (const clear of [false, true]) {
    const path = deviceFile(t);
    const display = new Display(path);
    const watched = [show(display, reddening(3)), show(display, reddening(2))];
    display.close(clear);
    for (const { ended } of watched) assert.equal(await ended, 'CLOSED');
    await show(openDisplay(t, ''), reddening(4)).ended;
    assert.deepEqual(readFileSync(path), clear ? OFF : redFrame(8));
  }
});

test('a display whose device fails can be closed and cleared all the same', (t) => {
  const display = openDisplay(t, join(deviceFolder(t), 'fb1'));
  display.close(true);
});

test('all spellings of one path are one display, which is open once', { skip: NO_LINUX }, async (t) => {
  const path = deviceFile(t);
  const linked = join(deviceFolder(t), 'linked');
  symlinkSync(dirname(path), linked);
  const spellings = [path, join(linked, basename(path)), join(dirname(path), '..', basename(dirname(path)), 'fb1')];
  const displays = spellings.map((spelling) => acquire(t, spelling));
  for (const display of displays) assert.equal(display, displays[0]);
  assert.equal(timesOpen(path), 1);
  const order: string[] = [];
  const [first, second] = displays as [Display, Display];
  first.on('frame', (frame) => order.push(frame.toString('hex', 0, 2)));
  const shown = [show(first, reddening(2)), show(second, still(fill([255, 0, 0])))];
  for (const { ended } of shown) assert.equal(await ended, 'shown');
  assert.deepEqual(order, ['0008', '0010', '00f8']);
});

test('users of different paths have displays of their own', async (t) => {
  const paths = [deviceFile(t), deviceFile(t)] as const;
  const [first, second] = [acquire(t, paths[0]), acquire(t, paths[1])];
  assert.notEqual(first, second);
  await show(first, still(fill([50, 0, 0]))).ended;
  await show(second, still(fill([100, 0, 0]))).ended;
  assert.deepEqual(readFileSync(paths[0]), redFrame(50));
  assert.deepEqual(readFileSync(paths[1]), redFrame(100));
});

test('the display stays open until its last user has released it', { skip: NO_LINUX }, async (t) => {
  const path = deviceFile(t);
  const display = acquireDisplay(path);
  acquireDisplay(path);
  releaseDisplay(display, true);
  assert.equal(await show(display, still(fill([50, 0, 0]))).ended, 'shown');
  assert.equal(timesOpen(path), 1);
  releaseDisplay(display);
  assert.equal(timesOpen(path), 0);
  assert.deepEqual(readFileSync(path), redFrame(50));
  releaseDisplay(display);
  assert.notEqual(acquire(t, path), display);
});
