import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { startNodeRed } from '../../scripts/node-red';
import { clickDeploy, startBrowser } from '../support/browser';
import { EXAMPLE_FILES, exampleFlow, exampleNames, nodeOf } from '../support/examples';

const PACK = '@natshat/node-red';

test('every example is imported without a question and deployed without an error', async (t) => {
  const errors: unknown[] = [];
  const logging = {
    console: { level: 'off' },
    errors: { level: 'error', handler: () => (entry: { id?: string; msg: unknown }) => entry.id && errors.push(entry) },
  };
  const nodeRed = await startNodeRed([], { settings: { logging } });
  t.after(nodeRed.stop);
  const browser = await startBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1600, height: 900 } });
  await page.goto(nodeRed.url);
  await page.locator('.red-ui-palette-node').first().waitFor();

  for (const [index, file] of EXAMPLE_FILES.entries()) {
    await importExample(page, file.replace(/\.json$/, '').split(/[/\\]/));
    const { id } = nodeOf(exampleFlow(exampleNames()[index] as string), 'tab');
    await page.waitForFunction(`RED.nodes.workspace('${id}')`);
    assert.equal(await page.locator('.red-ui-notification button').count(), 0, `${file} asks a question`);
  }
  await clickDeploy(page, nodeRed);

  for (const name of exampleNames()) {
    const flow = exampleFlow(name);
    await page.evaluate(`RED.workspaces.show('${nodeOf(flow, 'tab').id}')`);
    await page.locator(`[id="${nodeOf(flow, 'comment').id}"]`).waitFor();
    for (const { id } of flow.filter(({ type }) => type === 'sense-led'))
      await page.locator(`[id="${id}"] .sense-led-preview`).waitFor();
    assert.deepEqual(await page.evaluate(overlaps), [], name);
  }
  assert.deepEqual(errors, []);
});

/** Imports an example through the import dialog. */
async function importExample(page: Page, path: string[]): Promise<void> {
  await page.locator('#red-ui-header-button-sidemenu').click();
  await page.locator('#menu-item-import').click();
  await page.locator('#red-ui-clipboard-dialog-import-tabs li[id$="import-tab-examples"] a').click();
  for (const label of [PACK, ...path]) {
    await page.locator('.red-ui-treeList-label:visible').getByText(label, { exact: true }).click();
  }
  await page.locator('#red-ui-clipboard-dialog-ok').click();
  await page.locator('#red-ui-clipboard-dialog').waitFor({ state: 'hidden' });
}

/** Runs in the page: finds nodes that overlap with others or with their previews. */
function overlaps(): string[] {
  interface Drawn {
    parentElement: Drawn;
    id: string;
    getBoundingClientRect(): { left: number; right: number; top: number; bottom: number };
  }
  const { document } = globalThis as { document: { querySelectorAll(selector: string): Iterable<Drawn> } };
  const drawn = [...document.querySelectorAll('rect.red-ui-flow-node, .sense-led-preview')];
  const found: string[] = [];
  for (const one of drawn) {
    for (const other of drawn) {
      if (one === other || one.parentElement === other.parentElement) continue;
      const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
      if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
        found.push(`${one.parentElement.id} ${other.parentElement.id}`);
    }
  }
  return found;
}
