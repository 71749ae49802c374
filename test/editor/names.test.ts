import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startNodeRed } from '../../scripts/node-red';
import { openDialog, openEditor, startBrowser } from '../support/browser';
import { FLOW_NODES, nodeDefaults } from '../support/node-defaults';
import { catalogueOf } from '../support/node-files';

/** Nodes whose label says what they do also when they are new. */
const TELLING = ['nats-ack', 'nats-kv'];

test('a node has one name on the palette, on the canvas, in its dialog and in the help, in each language', async (t) => {
  const nodes = FLOW_NODES.map((type, index) => {
    const place = { z: 'tab', x: 200, y: 60 + 80 * index, wires: [] };
    return { ...nodeDefaults(type), id: type, type, ...place, ...(type === 'nats-server' && { d: true }) };
  });
  const nodeRed = await startNodeRed([{ id: 'tab', type: 'tab', label: 'Names' }, ...nodes]);
  t.after(nodeRed.stop);
  const browser = await startBrowser();
  t.after(() => browser.close());

  for (const [locale, language] of [
    ['en-US', 'en-US'],
    ['de-DE', 'de'],
    ['ja-JP', 'ja'],
  ] as const) {
    const page = await openEditor(browser, nodeRed.url, { locale });
    for (const type of FLOW_NODES) {
      const name = catalogueOf(language, type).palette?.name ?? assert.fail(type);
      const label = page.locator(`.red-ui-palette-node[data-palette-type="${type}"] .red-ui-palette-label`);
      assert.equal(await label.innerText(), name);
      if (!TELLING.includes(type))
        await page.locator(`[id="${type}"] .red-ui-flow-node-label`, { hasText: name }).waitFor();
    }
    await openDialog(page, 'sense-led');
    const title = catalogueOf(language, 'sense-led').palette?.name ?? assert.fail();
    await page.locator('.red-ui-tray-breadcrumbs', { hasText: title }).waitFor();
    await page.locator('#node-dialog-cancel').click();
    await page.evaluate("RED.sidebar.help.show('sense-led')");
    await page.locator('.red-ui-help-title', { hasText: title }).waitFor();
    await page.locator('#red-ui-palette-header-NATS').hover();
    const description = catalogueOf(language, 'nats-config').category?.description ?? assert.fail();
    await page.locator('.red-ui-popover', { hasText: description }).waitFor();
    await page.close();
  }
});
