import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startNatsServer } from '../../scripts/nats-server';
import { startNodeRed } from '../../scripts/node-red';
import { clickInject, pictures, startEditor } from '../support/browser';
import { exampleFlow, nodeOf } from '../support/examples';
import { FLOW_NODES } from '../support/node-defaults';

const ROOT = join(__dirname, '..', '..', '..');
const ICONS = join(ROOT, 'icons');

for (const colorScheme of ['light', 'dark'] as const) {
  test(`in the ${colorScheme} theme the palette has two categories of nodes, each node with its icon`, async (t) => {
    const server = await startNatsServer();
    t.after(() => server.stop());
    const flow = exampleFlow('Both on one machine', server.url);
    const nodeRed = await startNodeRed(flow);
    t.after(nodeRed.stop);
    const page = await startEditor(t, nodeRed.url, { colorScheme });

    const categories = { NATS: 'nats-', Sense_HAT: 'sense-' };
    for (const [category, prefix] of Object.entries(categories)) {
      const nodes = page.locator(`#red-ui-palette-container-${category} .red-ui-palette-node`);
      await nodes.first().waitFor();
      const types = await nodes.evaluateAll((nodes) =>
        nodes.map((node) => (node as { dataset: Record<string, string> }).dataset.paletteType),
      );
      const expected = FLOW_NODES.filter((type) => type.startsWith(prefix));
      assert.deepEqual(types.sort(), expected.sort());
      for (const icon of await nodes.locator('.red-ui-palette-icon').all()) {
        const background = await icon.evaluate((element) => {
          const { getComputedStyle } = globalThis as {
            getComputedStyle(element: unknown): { backgroundImage: string };
          };
          return getComputedStyle(element).backgroundImage;
        });
        // The editor replaces a missing icon by one of its own.
        const [, url = '', file = ''] = /url\("(.*\/([^/]+\.svg))"\)/.exec(background) ?? [];
        assert.equal(await (await fetch(url)).text(), readFileSync(join(ICONS, file), 'utf8'), background);
      }
    }
    if (!pictures) return;
    const version = String(await page.evaluate('RED.settings.version'));
    if (colorScheme === 'dark' && Number.parseInt(version, 10) < 5) return; // The dark theme came with Node-RED 5.
    await page.locator('#red-ui-palette-container-Sense_HAT').scrollIntoViewIfNeeded();
    await page.evaluate("RED.sidebar.show('debug')");
    await clickInject(page, nodeOf(flow, 'inject', { payload: 'hello world' }).id);
    await page.locator('.red-ui-debug-msg').first().waitFor();
    await page.screenshot({ path: join(pictures, `editor-${colorScheme}.png`) });
  });
}
