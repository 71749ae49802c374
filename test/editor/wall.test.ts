import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startNodeRed } from '../../scripts/node-red';
import { clickInject, openDialog, openEditor, pictures, startBrowser, startEditor } from '../support/browser';
import { exampleFlow, nodeOf } from '../support/examples';
import { film } from '../support/film';
import { catalogueOf } from '../support/node-files';
import { problemsOf } from '../support/page-problems';

interface Led {
  getAttribute(name: string): string;
}

const TILES = ['left', 'middle', 'right'];

test('words walk through the previews of three nodes, and the dialog checks wall and tile', async (t) => {
  const flow = exampleFlow('Wall of three').map((node) => ({
    ...node,
    // For the moving picture: few columns, and time to take each.
    ...(pictures && node.type === 'sense-led' && { secondsPerColumn: 1.3 }),
    ...(pictures && node.name === 'words' && { payload: 'NATS HAT' }),
  }));
  const nodeRed = await startNodeRed(flow);
  t.after(nodeRed.stop);
  const page = await startEditor(t, nodeRed.url);
  const problems = problemsOf(page);
  const tiles = TILES.map((name) => nodeOf(flow, 'sense-led', { name }).id);
  for (const id of tiles) await page.locator(`[id="${id}"] .sense-led-preview`).waitFor();

  if (pictures) await page.setViewportSize({ width: 1500, height: 800 });
  await clickInject(page, nodeOf(flow, 'inject', { name: 'words' }).id);
  if (pictures) {
    writeFileSync(join(pictures, 'wall.webp'), await film(page));
  } else {
    // All three show some of the text, which has entered at the right.
    await page.waitForFunction(areLit, tiles);
  }

  const right = tiles[2] as string;
  await openDialog(page, right);
  await page.locator('a[href="#sense-led-tab-picture"]').click();
  assert.equal(await page.locator('#node-input-canvas').inputValue(), '24x8');
  const isMarked = (field: string) => page.locator(`#node-input-${field}.input-error`).waitFor();
  const isFine = (field: string) => page.locator(`#node-input-${field}:not(.input-error)`).waitFor();
  const fill = async (field: string, value: string) => {
    await page.locator(`#node-input-${field}`).fill(value);
    await page.keyboard.press('Tab');
  };
  for (const bad of ['20x8', '24', '72x8']) {
    await fill('canvas', bad);
    await isMarked('canvas');
  }
  await fill('canvas', '16x8');
  await isFine('canvas');
  await isMarked('tileX');
  await fill('canvas', '32x8');
  await isFine('tileX');
  await fill('tileY', '1');
  await isMarked('tileY');
  assert.deepEqual(problems, []);
});

test('in each language the statuses below the nodes of the wall stand apart', async (t) => {
  const flow = exampleFlow('Wall of three');
  const nodeRed = await startNodeRed(flow);
  t.after(nodeRed.stop);
  const browser = await startBrowser();
  t.after(() => browser.close());
  for (const language of ['en-US', 'de', 'ja']) {
    const page = await openEditor(browser, nodeRed.url, { locale: language });
    let right = 0;
    for (const name of TILES) {
      const status = page.locator(`[id="${nodeOf(flow, 'sense-led', { name }).id}"] .red-ui-flow-node-status-group`);
      await status.filter({ hasText: catalogueOf(language, 'sense-led').status?.preview ?? assert.fail() }).waitFor();
      const box = (await status.boundingBox()) ?? assert.fail();
      assert(box.x > right, `${language}: the status of ${name} begins at ${box.x}, the one before ends at ${right}`);
      right = box.x + box.width;
    }
    await page.close();
  }
});

/** Runs in the page: whether each of some nodes shows something. */
function areLit(ids: string[]): boolean {
  const { document } = globalThis as unknown as { document: { querySelectorAll(selector: string): Iterable<Led> } };
  return ids.every((id) => {
    const leds = [...document.querySelectorAll(`[id="${id}"] .sense-hat-leds circle`)];
    return leds.some((led) => led.getAttribute('fill') !== '#000000');
  });
}
