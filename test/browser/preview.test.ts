import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { startNatsServer } from '../../scripts/nats-server';
import { startNodeRed } from '../../scripts/node-red';
import { clickDeploy, clickInject, openEditor, startBrowser } from '../support/browser';
import { exampleFlow, nodeOf } from '../support/examples';

/** The colour 50,100,40 as the device takes it: RGB565 has 5, 6 and 5 bits. */
const GREEN = 'rgb(49, 101, 41)';

/** Where to save the picture of the README: PICTURE=docs/demo.png npm run test:e2e */
const picture = process.env.PICTURE;

test('the words that the demo sends move under the sense-led node in the editor', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const flow = exampleFlow('Both on one machine', server.url);
  const nodeRed = await startNodeRed(flow);
  t.after(nodeRed.stop);
  const browser = await startBrowser();
  t.after(() => browser.close());
  const page = await openEditor(browser, nodeRed.url);
  const led = nodeOf(flow, 'sense-led').id;
  if (picture)
    await page.evaluate("RED.actions.invoke('core:toggle-sidebar'); RED.actions.invoke('core:toggle-palette')");

  await page.locator(`[id="${led}"] .sense-led-preview circle`).nth(63).waitFor();
  assert.deepEqual(await litColumns(page, led), [], 'dark before the first word');

  await clickInject(page, nodeOf(flow, 'inject', { payload: 'hello world' }).id);
  // The word comes in from the right and leaves to the left.
  await page.waitForFunction(columnIsLit, { led, column: 7, color: GREEN });
  await page.waitForFunction(columnIsLit, { led, column: 0, color: GREEN });
  if (picture) await page.screenshot({ path: picture, clip: { x: 0, y: 100, width: 1220, height: 460 } });

  await page
    .locator('.red-ui-debug-msg-payload', { hasText: 'Message diplayed by raspberrypi!' })
    .nth(1)
    .waitFor({ state: 'attached' });
});

test('the preview disappears with its node', async (t) => {
  const nodeRed = await startNodeRed([
    { id: 'tab', type: 'tab', label: 'Display' },
    { id: 'led', type: 'sense-led', z: 'tab', x: 200, y: 100, wires: [[]] },
    { id: 'other', type: 'sense-led', z: 'tab', x: 400, y: 100, wires: [[]] },
  ]);
  t.after(nodeRed.stop);
  const browser = await startBrowser();
  t.after(() => browser.close());
  const page = await openEditor(browser, nodeRed.url);

  await page.locator('[id="led"] .sense-led-preview').waitFor();
  await page.locator('[id="other"] .sense-led-preview').waitFor();
  await page.locator('[id="led"] > rect.red-ui-flow-node').click();
  await page.keyboard.press('Delete');
  await clickDeploy(page, nodeRed);
  assert.equal(await page.locator('.sense-led-preview').count(), 1);
});

/** The columns of a node's preview with at least one LED on. */
async function litColumns(page: Page, led: string): Promise<number[]> {
  const fills = await page
    .locator(`[id="${led}"] .sense-led-preview circle`)
    .evaluateAll((circles) =>
      circles.map((circle) => (circle as unknown as { getAttribute(name: string): string }).getAttribute('fill')),
    );
  const isDark = (fill: string) => fill === '#000' || fill === 'rgb(0, 0, 0)';
  return [...new Set(fills.flatMap((fill, index) => (isDark(fill) ? [] : [index % 8])))];
}

/** Runs in the page. */
function columnIsLit({ led, column, color }: { led: string; column: number; color: string }): boolean {
  const { document } = globalThis as unknown as {
    document: { querySelectorAll(selector: string): Iterable<LedElement> };
  };
  const leds = [...document.querySelectorAll(`[id="${led}"] .sense-led-preview circle`)];
  return leds.some((circle, index) => index % 8 === column && circle.getAttribute('fill') === color);
}

interface LedElement {
  getAttribute(name: string): string;
}
