import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';

import { Display } from '../../../../lib/sense-hat/led/display';
import { encodeFrame, fill } from '../../../../lib/sense-hat/led/frame';
import { DEFAULT_OPTIONS, type DisplayOptions } from '../../../../lib/sense-hat/led/options';
import { deviceFile } from '../../../support/device-file';
import { drawPayload } from '../../../support/drawing';

/** Shows payloads one after another, and reads the pixels of the device after each, by row and column. */
function openScreen(t: TestContext) {
  const path = deviceFile(t);
  const display = new Display(path, () => undefined);
  t.after(() => display.close());
  const pixelsOf = (bytes: Buffer) => Array.from({ length: 64 }, (_, at) => bytes.readUInt16LE(2 * at));
  const show = (payload: unknown, options: Partial<DisplayOptions> = {}) =>
    new Promise<number[]>((resolve, reject) => {
      const sequence = drawPayload(payload, { ...DEFAULT_OPTIONS, ...options });
      const outcome = (error?: unknown) => (error ? reject(error) : resolve(pixelsOf(readFileSync(path))));
      display.play({ sequence, busy: 'queue', whenMissing: 'fail', owner: {}, bytes: 0, outcome });
    });
  return { display, show, read: () => pixelsOf(readFileSync(path)) };
}

/** The pixel of a colour in a look. */
function pixel(red: number, green: number, blue: number, look: Partial<DisplayOptions> = {}): number {
  return encodeFrame(fill([red, green, blue]), { ...DEFAULT_OPTIONS, ...look }).readUInt16LE(0);
}

const WHITE = pixel(255, 255, 255);
const RED_50 = pixel(255, 0, 0, { brightness: 50 });

test('a single pixel has the look of its command, and the others keep theirs', async (t) => {
  const { show } = openScreen(t);
  await show({ fill: 'white' });
  const one = await show({ x: 0, y: 0, color: 'red', brightness: 50 });
  assert.deepEqual(one, [RED_50, ...Array(63).fill(WHITE)]);
  const two = await show({ x: 1, y: 0, color: 'white', lowLight: true });
  assert.deepEqual(two, [RED_50, pixel(255, 255, 255, { lowLight: true }), ...Array(62).fill(WHITE)]);
  const three = await show({ x: 0, y: 0, color: [20, 0, 0], leastVisible: true });
  assert.equal(three[0], pixel(48, 0, 0));
  assert.equal((await show({ x: 0, y: 0, color: 'red' }))[0], pixel(255, 0, 0));
});

test('a pixel may be brighter than the picture around it', async (t) => {
  const { show } = openScreen(t);
  const dim = { brightness: 10 };
  await show({ fill: 'white' }, dim);
  const pixels = await show({ x: 0, y: 0, color: 'red', brightness: 100 }, dim);
  assert.deepEqual(pixels, [pixel(255, 0, 0), ...Array(63).fill(pixel(255, 255, 255, dim))]);
});

test('a pixel of another node or message leaves the look of the picture', async (t) => {
  const { show } = openScreen(t);
  const dim = { brightness: 10 };
  await show(Array(64).fill('white'), dim);
  assert.deepEqual(await show({ x: 0, y: 0, color: 'red' }), [
    pixel(255, 0, 0),
    ...Array(63).fill(pixel(255, 255, 255, dim)),
  ]);
  await show({ fill: 'white' });
  assert.deepEqual(await show({ x: 0, y: 0, color: 'red' }, { brightness: 50 }), [RED_50, ...Array(63).fill(WHITE)]);
});

test('pixels keep their look when the picture is flipped, turned or drawn on, and lose it when it is dimmed', async (t) => {
  const { show } = openScreen(t);
  await show({ fill: 'white' });
  await show({ x: 0, y: 0, color: 'red', brightness: 50 });
  assert.equal((await show({ flip: 'horizontal' }))[7], RED_50);
  assert.equal((await show({ rotation: 180 }))[56], RED_50);
  assert.equal((await show({ x: 5, y: 5, color: 'blue' }))[7], RED_50);
  const dim = await show({ brightness: 20 });
  assert.equal(dim[7], pixel(255, 0, 0, { brightness: 20 }));
  assert.equal(dim[0], pixel(255, 255, 255, { brightness: 20 }));
  assert.deepEqual(await show({ fill: 'white' }), Array(64).fill(WHITE));
});

test('dimming what is shown dims the pixels with a look of their own too, shown or waiting', async (t) => {
  const { display, show, read } = openScreen(t);
  await show({ fill: 'white' });
  await show({ x: 0, y: 0, color: 'white', brightness: 50 });
  const low = { lowLight: true };
  const written = new Promise((resolve) => display.once('frame', resolve));
  display.adjust(low);
  await written;
  assert.equal(read()[0], pixel(255, 255, 255, { ...low, brightness: 50 }));
  const waiting = show([
    { fill: 'white', frameMs: 20 },
    { x: 1, y: 0, color: 'white', brightness: 50 },
  ]);
  display.adjust(low);
  const pixels = await waiting;
  assert.equal(pixels[0], pixel(255, 255, 255, low));
  assert.equal(pixels[1], pixel(255, 255, 255, { ...low, brightness: 50 }));
});
