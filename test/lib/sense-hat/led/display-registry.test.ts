import assert from 'node:assert/strict';
import { readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { still } from '../../../../lib/sense-hat/led/animation';
import type { Display } from '../../../../lib/sense-hat/led/display';
import { acquireDisplay, findDisplay, releaseDisplay } from '../../../../lib/sense-hat/led/display-registry';
import { fill } from '../../../../lib/sense-hat/led/frame';
import { deviceFile, deviceFolder, timesOpen } from '../../../support/device-file';
import { reddening, redFrame, show } from '../../../support/playback';

const NO_LINUX = process.platform === 'linux' ? false : 'a device of Linux';

/** Acquires a display, and releases it when the test ends. */
function acquire(t: TestContext, path: string): Display {
  const display = acquireDisplay(path);
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
  releaseDisplay(display, true);
  assert.equal(await show(display, still(fill([50, 0, 0]))).ended, 'shown');
  assert.equal(timesOpen(path), 1);
  releaseDisplay(display);
  assert.equal(timesOpen(path), 0);
  assert.deepEqual(readFileSync(path), redFrame(50));
  releaseDisplay(display);
  assert.notEqual(acquire(t, path), display);
});
