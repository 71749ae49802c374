import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startNodeRed } from '../../scripts/node-red';
import { closeDialog, openConfigDialog, openDialog, openEditor, startBrowser } from '../support/browser';
import { FLOW_NODES, nodeDefaults } from '../support/node-defaults';
import { catalogueOf, helpOf } from '../support/node-files';

/** A key in place of a text that is missing. */
const RAW_KEY = /(^|[\s:])[a-z]\w*\.[a-z]\w*(\s|$)/m;
/** Parts of texts that look like a key. */
const NO_KEYS = /msg\.\w+/g;

test('in a German and in a Japanese browser the nodes are shown in its language', async (t) => {
  const flow = [
    { id: 'tab', type: 'tab', label: 'flow' },
    { id: 'server', type: 'nats-config', ...nodeDefaults('nats-config') },
    { id: 'stream', type: 'nats-stream', ...nodeDefaults('nats-stream'), server: 'server', stream: 'ORDERS' },
    ...FLOW_NODES.map((type, index) => {
      const place = { z: 'tab', x: 200, y: 60 + 80 * index, wires: [] };
      return { ...nodeDefaults(type), id: type, type, ...place, ...(type.startsWith('nats-') && { server: 'server' }) };
    }),
  ];
  const nodeRed = await startNodeRed(flow);
  t.after(nodeRed.stop);
  const browser = await startBrowser();
  t.after(() => browser.close());

  for (const [locale, language] of [
    ['de-DE', 'de'],
    ['ja-JP', 'ja'],
  ] as const) {
    const page = await openEditor(browser, nodeRed.url, { locale });
    const label = (field: string) => page.locator(`label[for="node-${field}"]`).innerText();
    const nats = catalogueOf(language, 'nats-config');
    const led = catalogueOf(language, 'sense-led');

    await page.locator('[id="sense-led"]', { hasText: led.status?.preview ?? assert.fail() }).waitFor();
    // Without a value: a state, and an error of the settings, from a server in English.
    const unset = nats.errors?.['BAD_BUCKET-missing'] ?? assert.fail();
    await page.locator('[id="nats-kv"] .red-ui-flow-node-status-group', { hasText: unset }).waitFor();
    for (const type of FLOW_NODES) {
      await openDialog(page, type);
      const texts = (await page.locator('#dialog-form').innerText()).replace(NO_KEYS, '');
      assert.doesNotMatch(texts, RAW_KEY, `${language} ${type}`);
      assert.deepEqual(await page.evaluate(cutChoices, '#dialog-form'), [], `${language} ${type}`);
      if (type === 'nats-publish') {
        assert.equal((await label('input-whenDown')).trim(), nats.common?.whenDown);
        assert.equal(await page.locator('#node-input-whenDown option').first().innerText(), nats.whenDown?.hold);
        await openConfigDialog(page, 'server');
        assert.equal((await label('config-input-clientName')).trim(), nats.label?.clientName);
        await page.locator('#nats-config-tabs', { hasText: nats.tab?.security ?? assert.fail() }).waitFor();
        const configTexts = (await page.locator('#node-config-dialog-edit-form').innerText()).replace(NO_KEYS, '');
        assert.doesNotMatch(configTexts, RAW_KEY, `${language} nats-config`);
        await closeDialog(page, 'cancel', 'node-config');
      }
      if (type === 'sense-led') assert.equal((await label('input-busy')).trim(), led.label?.busy);
      await closeDialog(page, 'cancel');
      const [, firstPart] = /<h3>(.*?)<\/h3>/.exec(helpOf(language, type)) ?? [];
      const shown = String(await page.evaluate(`RED.nodes.getNodeHelp('${type}')`));
      assert(shown.includes(`<h3>${firstPart}</h3>`), `${language}: the help of ${type} is ${shown.slice(0, 200)}`);
    }
    await page.close();
  }
});

/** Runs in the page: the choices of a form that are wider than their closed list. */
function cutChoices(form: string): string[] {
  interface List {
    clientWidth: number;
    options: Iterable<{ text: string; value: string }>;
  }
  interface Page {
    document: {
      querySelectorAll(selector: string): Iterable<List>;
      createElement(name: string): {
        getContext(kind: string): { font: string; measureText(text: string): { width: number } };
      };
    };
    getComputedStyle(list: List): { font: string };
  }
  /** The padding and the arrow. */
  const RIM = 24;
  const { document, getComputedStyle } = globalThis as unknown as Page;
  const pen = document.createElement('canvas').getContext('2d');
  return [...document.querySelectorAll(`${form} select`)].flatMap((list) => {
    if (list.clientWidth === 0) return [];
    pen.font = getComputedStyle(list).font;
    // Node-RED's own choice in a list of config nodes is not ours to shorten.
    const texts = [...list.options].filter(({ value }) => value !== '_ADD_').map(({ text }) => text);
    return texts.filter((text) => pen.measureText(text).width > list.clientWidth - RIM);
  });
}
