import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import type { Page } from 'playwright-core';
import { findDisplay } from '../../lib/sense-hat/led/display-registry';
import { startNodeRed } from '../../scripts/node-red';
import { startBrowser, startEditor } from '../support/browser';
import { deviceFile } from '../support/device-file';
import { coloursOf, waitForColours } from '../support/matrix';
import { problemsOf } from '../support/page-problems';

const FRAMES = 90;

/** Different frames, in colours that RGB565 has to round. */
const ANIMATION = Array.from({ length: FRAMES }, (_, frame) =>
  Array.from({ length: 64 }, (_, pixel) => ((frame + 1) * 0x010305 * (pixel + 7)) & 0xffffff),
);

/** The colours of a matrix in a page, and the time of the animation frame that drew them. */
interface Seen {
  colours: string;
  at: number;
}

/** A page that can import the scripts of the editor, without their displays. */
async function openResources(t: TestContext): Promise<Page> {
  const nodeRed = await startNodeRed([{ id: 'tab', type: 'tab', label: 'Display' }]);
  t.after(nodeRed.stop);
  const browser = await startBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(`${nodeRed.url}resources/@natshat/node-red/projector.html`);
  return page;
}

test('an animation at 30 frames a second is drawn below the node and in the sidebar, in order', async (t) => {
  const device = deviceFile(t);
  const nodeRed = await startNodeRed([
    { id: 'tab', type: 'tab', label: 'Display' },
    { id: 'led', type: 'sense-led', z: 'tab', x: 300, y: 100, device, frameMs: 1000 / 30, wires: [[]] },
    {
      id: 'play',
      type: 'inject',
      z: 'tab',
      x: 100,
      y: 100,
      props: [{ p: 'payload' }],
      payload: JSON.stringify(ANIMATION),
      payloadType: 'json',
      wires: [['led']],
    },
  ]);
  t.after(nodeRed.stop);
  const page = await startEditor(t, nodeRed.url);
  const problems = problemsOf(page);
  await page.evaluate("RED.sidebar.show('sense-hat')");
  const matrices = { preview: '[id="led"] .sense-led-preview', panel: '.sense-hat-display svg' };
  for (const [name, selector] of Object.entries(matrices)) {
    await waitForColours(page, selector, coloursOf(readFileSync(device)));
    await page.evaluate(watch, { name, selector: `${selector} .sense-hat-leds` });
  }

  const onDevice: string[] = [];
  findDisplay(device)?.on('frame', () => onDevice.push(coloursOf(readFileSync(device)).join()));
  await fetch(`${nodeRed.url}inject/play`, { method: 'POST' });
  const last = coloursOf(frameOf(ANIMATION[FRAMES - 1] as number[])).join();
  for (const name of Object.keys(matrices)) {
    await page.waitForFunction(`seen.${name}.at(-1)?.colours === '${last}'`);
    const seen = (await page.evaluate(`seen.${name}`)) as Seen[];
    const drawn = seen.map(({ colours }) => colours);
    // A browser on a busy machine has fewer animation frames than that, and skips what is late.
    let next = 0;
    for (const colours of drawn) {
      next = onDevice.indexOf(colours, next) + 1;
      assert(next > 0, name);
    }
    t.diagnostic(`${drawn.length} of ${onDevice.length} frames on the device were drawn: ${name}`);
    assert.equal(new Set(seen.map(({ at }) => at)).size, seen.length, 'each in its own animation frame');
  }
  const labels = (await page.evaluate('labels')) as number;
  assert(labels > 0 && labels < FRAMES / 5, `described ${labels} times`);
  assert.equal(coloursOf(readFileSync(device)).join(), last);
  assert(onDevice.length > FRAMES / 2, `${onDevice.length} frames`);
  assert.deepEqual(problems, []);
});

test('every frame is drawn, though the editor receives them in bursts', async (t) => {
  const page = await openResources(t);
  // The time is the test's own, with 60 animation frames a second.
  const { sent, drawn } = (await page.evaluate(`(async () => {
    const { Displays } = await import('./displays.js');
    const { decodeFrame } = await import('./matrix.js');
    const callbacks = [];
    let now = 0;
    performance.now = () => now;
    globalThis.requestAnimationFrame = (callback) => callbacks.push(callback);
    const displays = new Displays(() => {});
    displays.receive('sense-led/state/hat', { path: '', nodes: ['led'], queued: 0 });
    const sent = [];
    const drawn = [];
    displays.addEventListener('frame', ({ detail }) => drawn.push(detail.colors));
    for (; now < 4000; now += 1000 / 60) {
      const burstAt = Math.floor(now / 50) * 50;
      for (let at; sent.length < ${FRAMES} && (at = (sent.length * 1000) / 30) <= burstAt; ) {
        const frame = btoa(String.fromCharCode(sent.length, 0).repeat(64));
        sent.push(decodeFrame(frame));
        displays.receive('sense-led/frames', [{ key: 'hat', frame, at }]);
      }
      for (const callback of callbacks.splice(0)) callback(now);
    }
    return { sent, drawn };
  })()`)) as Record<'sent' | 'drawn', string[][]>;
  assert.equal(sent.length, FRAMES);
  assert.deepEqual(drawn, sent);
});

test('displays stay in step, though the first frames of one arrived late', async (t) => {
  const page = await openResources(t);
  // Two tiles of a wall show frames at the same times; those of the right one begin while the connection stalls.
  const drawn = (await page.evaluate(`(async () => {
    const { Displays } = await import('./displays.js');
    const callbacks = [];
    let now = 0;
    performance.now = () => now;
    globalThis.requestAnimationFrame = (callback) => callbacks.push(callback);
    const displays = new Displays(() => {});
    const tiles = ['left', 'right'];
    for (const key of tiles) displays.receive('sense-led/state/' + key, { path: key, nodes: [key], queued: 0 });
    const drawn = { left: [], right: [] };
    displays.addEventListener('frame', ({ detail }) => drawn[detail.key].push([detail.colors[0], Math.round(now)]));
    const arrival = (at) => (at >= 1000 && at < 1250 ? 1250 : at + 20);
    const frames = Array.from({ length: 90 }, (_, index) => ({ index, at: (index * 1000) / 30 }));
    for (; now < 4000; now += 1000 / 60) {
      while (frames.length > 0 && arrival(frames[0].at) <= now) {
        const { index, at } = frames.shift();
        const frame = btoa(String.fromCharCode(index, 0).repeat(64));
        for (const key of at < 1000 ? ['left'] : tiles) displays.receive('sense-led/frames', [{ key, frame, at }]);
      }
      for (const callback of callbacks.splice(0)) callback(now);
    }
    return drawn;
  })()`)) as Record<'left' | 'right', [colour: string, at: number][]>;
  assert.equal(drawn.left.length, 90);
  assert.deepEqual(drawn.right, drawn.left.slice(30));
});

test('a frame that arrived late does not delay the frames after it', async (t) => {
  const page = await openResources(t);
  const drawnAfterMs = (await page.evaluate(`(async () => {
    const { Displays } = await import('./displays.js');
    const displays = new Displays(() => {});
    displays.receive('sense-led/state/hat', { path: '', nodes: ['led'], queued: 0 });
    const start = performance.now();
    const drawnAfterMs = [];
    const allDrawn = new Promise((resolve) => {
      displays.addEventListener('frame', () => {
        if (drawnAfterMs.push(performance.now() - start) === 3) resolve();
      });
    });
    const frame = btoa('\\0'.repeat(128));
    for (const at of [0, 1900, 1933]) displays.receive('sense-led/frames', [{ key: 'hat', frame, at }]);
    await allDrawn;
    return drawnAfterMs;
  })()`)) as number[];
  assert(Math.max(...drawnAfterMs) < 1000, drawnAfterMs.join());
});

/** A frame of colours `0xRRGGBB` in RGB565. */
function frameOf(colours: number[]): Uint8Array {
  const pixels = colours.map((colour) => ((colour >> 8) & 0xf800) | ((colour >> 5) & 0x07e0) | ((colour >> 3) & 0x1f));
  return new Uint8Array(Uint16Array.from(pixels).buffer);
}

/** Runs in the page: records the different pictures of a matrix in `seen`, and counts its `labels`. */
function watch({ name, selector }: { name: string; selector: string }): void {
  const page = globalThis as unknown as Window;
  page.seen ??= {};
  const seen: Seen[] = [];
  page.seen[name] = seen;
  const matrix = page.document.querySelector(selector);
  page.labels = 0;
  new page.MutationObserver(() => page.labels++).observe(matrix.parentElement, { attributeFilter: ['aria-label'] });
  new page.MutationObserver(() => {
    const colours = [...matrix.children].map((led) => led.getAttribute('data-color')).join();
    if (colours !== seen.at(-1)?.colours) seen.push({ colours, at: page.document.timeline.currentTime });
  }).observe(matrix, { subtree: true, attributeFilter: ['data-color'] });
}

interface Window {
  labels: number;
  seen?: Record<string, Seen[]>;
  document: { querySelector(selector: string): Matrix; timeline: { currentTime: number } };
  MutationObserver: new (callback: () => void) => { observe(target: Matrix, options: object): void };
}

interface Matrix {
  parentElement: Matrix;
  children: Iterable<{ getAttribute(name: string): string }>;
}
