import assert from 'node:assert/strict';
import { linkSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { still } from '../../../../lib/sense-hat/led/animation';
import type { Tile } from '../../../../lib/sense-hat/led/canvas';
import type { Display } from '../../../../lib/sense-hat/led/display';
import {
  acquireDisplay,
  findDisplay,
  keepDisplay,
  releaseDisplay,
} from '../../../../lib/sense-hat/led/display-registry';
import { encodeFrame, fill } from '../../../../lib/sense-hat/led/frame';
import { DEFAULT_OPTIONS } from '../../../../lib/sense-hat/led/options';
import type { Rotation } from '../../../../lib/sense-hat/rotation';
import { deviceFile, deviceFolder, timesOpen } from '../../../support/device-file';
import { reddening, redFrame, show, watchPlayback } from '../../../support/playback';

const OFF = Buffer.alloc(128);
const NO_LINUX = process.platform === 'linux' ? false : 'a device of Linux';

/** Acquires a display, and releases it when the test ends. */
function acquire(t: TestContext, path: string, tile?: Tile): Display {
  const display = acquireDisplay(path, tile);
  t.after(() => releaseDisplay(display));
  return display;
}

test('a display is found by its path while it is in use', (t) => {
  const path = deviceFile(t);
  assert.equal(findDisplay(path), undefined);
  const display = acquireDisplay(path);
  assert.equal(findDisplay(path), display);
  releaseDisplay(display);
  assert.equal(findDisplay(path), undefined);
});

test('all spellings of a path share one display, which is opened once', { skip: NO_LINUX }, async (t) => {
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

test('different paths have different displays', async (t) => {
  const paths = [deviceFile(t), deviceFile(t)] as const;
  const [first, second] = [acquire(t, paths[0]), acquire(t, paths[1])];
  assert.notEqual(first, second);
  await show(first, still(fill([50, 0, 0]))).ended;
  await show(second, still(fill([100, 0, 0]))).ended;
  assert.deepEqual(readFileSync(paths[0]), redFrame(50));
  assert.deepEqual(readFileSync(paths[1]), redFrame(100));
});

test('a display stays open until its last user releases it', { skip: NO_LINUX }, async (t) => {
  const path = deviceFile(t);
  const display = acquireDisplay(path);
  acquireDisplay(path);
  releaseDisplay(display);
  assert.equal(await show(display, still(fill([50, 0, 0]))).ended, 'shown');
  assert.equal(timesOpen(path), 1);
  releaseDisplay(display);
  assert.equal(timesOpen(path), 0);
  assert.deepEqual(readFileSync(path), redFrame(50));
  releaseDisplay(display);
  assert.notEqual(acquire(t, path), display);
});

test('without a device every tile of a wall has a display of its own; with one they share it', (t) => {
  const canvas = { width: 24, height: 8 };
  const tiles = [0, 8, 16].map((left): Tile => ({ canvas, left, top: 0 }));
  const [first, ...others] = tiles.map((tile) => acquire(t, '', tile)) as [Display, ...Display[]];
  assert.equal(acquire(t, '', tiles[0]), first);
  assert.equal(new Set([first, ...others, acquire(t, '')]).size, 4);
  assert.equal(first.path, 'tile 0,0 of 24x8');
  assert.equal(findDisplay('tile 2,0 of 24x8'), others[1]);

  const path = deviceFile(t);
  assert.equal(acquire(t, path, tiles[1]), acquire(t, path, tiles[2]));
});

test('LEDs are turned off if one of the users that stop together asks for it, whichever stops last', async (t) => {
  const cases: [releases: ('clear' | 'leave' | 'deployed')[], isOff: boolean][] = [
    [['leave', 'leave'], false],
    [['clear', 'leave'], true],
    [['leave', 'clear'], true],
    [['clear', 'clear'], true],
    // The node that asked was deployed on its own, and no longer asks.
    [['clear', 'deployed', 'leave'], false],
    [['leave', 'deployed', 'clear'], true],
  ];
  for (const [releases, isOff] of cases) {
    const path = deviceFile(t);
    const display = acquireDisplay(path);
    acquireDisplay(path);
    await show(display, still(fill([50, 0, 0]))).ended;
    for (const release of releases) {
      if (release === 'deployed') keepDisplay(display);
      else releaseDisplay(display, release === 'clear');
    }
    assert.deepEqual(readFileSync(path), isOff ? OFF : redFrame(50), releases.join());
  }
});

/** A picture with a lit row at its top. */
const TOP = Uint8Array.from({ length: 192 }, (_, at) => (at < 24 ? 255 : 0));
const UPRIGHT = encodeFrame(TOP, DEFAULT_OPTIONS);
const TURNED = encodeFrame(TOP, { ...DEFAULT_OPTIONS, rotation: 180 });

/** Shows again what is shown, turned as said. */
async function turn(display: Display, rotation: Rotation): Promise<void> {
  const watched = watchPlayback({ length: 1, periodMs: 0, pictureAt: (_, shown) => shown });
  for (const scene of watched.playback.sequence.scenes) scene.projection = { ...DEFAULT_OPTIONS, rotation };
  display.play(watched.playback);
  assert.equal(await watched.ended, 'shown');
}

test('a picture that an earlier display of the device has drawn is turned', async (t) => {
  const path = deviceFile(t);
  const before = acquireDisplay(path);
  await show(before, still(TOP)).ended;
  releaseDisplay(before);
  const display = acquire(t, path);
  assert.deepEqual(display.frame, UPRIGHT);
  for (let time = 0; time < 2; time++) {
    await turn(display, 180);
    assert.deepEqual(display.frame, TURNED);
  }
  await turn(display, 0);
  assert.deepEqual(display.frame, UPRIGHT);
});

test('a display does not overwrite what another program drew while it was closed', async (t) => {
  const path = deviceFile(t);
  const before = acquireDisplay(path);
  await show(before, still(TOP)).ended;
  releaseDisplay(before);
  writeFileSync(path, redFrame(200), { flag: 'r+' });
  const display = acquire(t, path);
  assert.deepEqual(readFileSync(path), redFrame(200));
  assert.deepEqual(display.frame, redFrame(200));
});

test('a display without a device is dark at first', async (t) => {
  const before = acquireDisplay('');
  await show(before, still(TOP)).ended;
  releaseDisplay(before);
  assert.deepEqual(acquire(t, '').frame, OFF);
});

/** Two paths of one file that does not exist yet, and what makes it appear and disappear. */
function lateFile(t: TestContext) {
  const folder = deviceFolder(t);
  const paths = [join(folder, 'a'), join(folder, 'b')] as const;
  return {
    paths,
    appear: (content = OFF) => {
      writeFileSync(join(folder, 'new'), content);
      for (const path of paths) linkSync(join(folder, 'new'), path);
      rmSync(join(folder, 'new'));
    },
    disappear: () => {
      for (const path of paths) rmSync(path);
    },
  };
}

test('displays whose device turns out to be the same have one queue, for as long as it is', async (t) => {
  const { paths, appear } = lateFile(t);
  const [first, second] = [acquire(t, paths[0]), acquire(t, paths[1])];
  const frames: string[][] = [[], []];
  first.on('frame', (frame) => frames[0]?.push(frame.toString('hex', 0, 2)));
  second.on('frame', (frame) => frames[1]?.push(frame.toString('hex', 0, 2)));
  const waiting = [first, second].map((display) => show(display, reddening(2), { whenMissing: 'wait' }));
  appear();
  for (const { ended } of waiting) assert.equal(await ended, 'shown');
  const [all = '', joined = ''] = frames.map((each) => each.join(' '));
  assert.match(all, /0010 (0008 )?0010$/);
  assert(joined !== '' && all.endsWith(joined), `${joined} is the end of ${all}`);

  const long = show(first, reddening(30_000));
  assert.equal(await show(second, reddening(1), { busy: 'drop' }).ended, 'BUSY');
  assert.equal(second.activity.queued, 0);
  const [queued, owner] = [show(first, reddening(1)), {}];
  const withdrawn = show(second, reddening(1), { owner });
  assert.equal(second.activity.queued, 2);
  second.withdraw(owner);
  assert.equal(await withdrawn.ended, 'CLOSED');
  assert.equal(await show(second, still(fill([0, 0, 0])), { busy: 'replace' }).ended, 'shown');
  assert.equal(await long.ended, 'REPLACED');
  assert.equal(await queued.ended, 'shown');
  const stopped = show(first, reddening(30_000));
  second.stop();
  assert.equal(await stopped.ended, 'STOPPED');
});

test('displays that played together play on their own again when their devices differ', async (t) => {
  const { paths, appear } = lateFile(t);
  appear();
  const [first, second] = [acquire(t, paths[0]), acquire(t, paths[1])];
  assert.equal(second.host, first);
  const long = show(first, reddening(30_000));
  const waiting = show(second, still(fill([100, 0, 0])));
  rmSync(paths[1]);
  writeFileSync(paths[1], OFF);
  assert.equal(await waiting.ended, 'shown');
  assert.deepEqual([first.host, second.host], [first, second]);
  assert.deepEqual(readFileSync(paths[1]), redFrame(100));
  assert.deepEqual(long.outcomes, []);
});

test('when one of the displays of a device is closed, the other goes on, and inherits the wish for darkness', async (t) => {
  for (const closed of [0, 1] as const) {
    const { paths, appear } = lateFile(t);
    appear();
    const displays = paths.map((path) => acquireDisplay(path)) as [Display, Display];
    const closing = displays[closed];
    const other = displays[1 - closed] as Display;
    const owner = {};
    const ended = show(closing, reddening(2), { owner });
    const going = show(other, reddening(3));
    closing.withdraw(owner);
    releaseDisplay(closing, true);
    assert.equal(await ended.ended, 'CLOSED');
    assert.equal(await going.ended, 'shown');
    assert.equal(other.host, other);
    assert.deepEqual(readFileSync(paths[0]), redFrame(24));
    releaseDisplay(other);
    assert.deepEqual(readFileSync(paths[0]), OFF);
    assert.equal(timesOpen(paths[0]), 0);
  }
});

test('the displays of a device that is gone wait or fail each by itself', async (t) => {
  const { paths, appear, disappear } = lateFile(t);
  appear();
  const [first, second] = [acquire(t, paths[0]), acquire(t, paths[1])];
  const failing = [first, second].map((display) => show(display, reddening(30_000)));
  const waiting = [first, second].map((display) => show(display, reddening(2), { whenMissing: 'wait' }));
  disappear();
  for (const { ended } of failing) assert.equal(await ended, 'DEVICE');
  appear();
  for (const { ended } of waiting) assert.equal(await ended, 'shown');
  assert.deepEqual(readFileSync(paths[1]), redFrame(16));
});
