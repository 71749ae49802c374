import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { freePort } from '../../scripts/free-port';
import { startNodeRed } from '../../scripts/node-red';
import { webpOf } from '../support/animated-webp';
import { clickDeploy, clickInject, flowArea, openEditor, pictures, startBrowser } from '../support/browser';
import { EXAMPLE_FILES, exampleFlow, exampleNames, nodeOf, pictureOf } from '../support/examples';
import { startJetStream } from '../support/jetstream-server';

const PACK = '@natshat/node-red';

const PICTURE_QUALITY = 0.6;

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
  // Another Node-RED may run the same examples, and one of them starts the server.
  await page.evaluate(useServerAt, await freePort());
  await clickDeploy(page, nodeRed);

  for (const name of exampleNames()) {
    const flow = exampleFlow(name);
    await page.evaluate(`RED.workspaces.show('${nodeOf(flow, 'tab').id}')`);
    await page.locator(`[id="${nodeOf(flow, 'comment').id}"]`).waitFor();
    for (const { id } of flow.filter(({ type }) => type === 'sense-led'))
      await page.locator(`[id="${id}"] .sense-led-preview`).waitFor();
    assert.deepEqual(await page.evaluate(overlaps), [], name);
    // As after the next change in the group.
    await page.evaluate('RED.nodes.groups(RED.workspaces.active()).forEach((group) => RED.group.markDirty(group))');
    await page.evaluate('RED.view.redraw(true)');
    assert.deepEqual(await page.evaluate(untidy), [], name);
  }
  assert.deepEqual(errors, []);
});

/** Runs in the page: moves the server and the connections of all flows to a port. */
function useServerAt(port: number): void {
  const { RED } = globalThis as unknown as {
    RED: {
      nodes: {
        eachConfig(change: (node: { type: string; servers?: string }) => void): void;
        filterNodes(filter: { type: string }): { port: number }[];
      };
    };
  };
  RED.nodes.eachConfig((node) => {
    if (node.type === 'nats-config') node.servers = `nats://localhost:${port}`;
  });
  for (const server of RED.nodes.filterNodes({ type: 'nats-server' })) server.port = port;
}

/** How long a picture waits for its matrices. */
const LIT_MS = 3000;

test('each example has a picture in the documentation', { skip: !pictures }, async (t) => {
  const { url } = await startJetStream(t);
  const browser = await startBrowser();
  t.after(() => browser.close());
  const workshop = await browser.newPage();
  mkdirSync(join(pictures as string, 'examples'), { recursive: true });
  for (const name of exampleNames()) {
    const flow = exampleFlow(name, url);
    const nodeRed = await startNodeRed(flow);
    const page = await openEditor(browser, nodeRed.url, { viewport: { width: 1400, height: 900 } });
    await page.addStyleTag({ content: '#red-ui-notifications { display: none }' });
    const inject = flow.find(({ type, wires }) => type === 'inject' && wires?.flat().length);
    if (inject) await clickInject(page, inject.id);
    await page.waitForFunction(areLit, undefined, { timeout: LIT_MS }).catch(() => {});
    const file = await webpOf(workshop, await page.screenshot({ clip: await flowArea(page) }), PICTURE_QUALITY);
    writeFileSync(join(pictures as string, 'examples', pictureOf(name)), file);
    await page.close();
    await nodeRed.stop();
  }
});

/** Runs in the page: whether each matrix shows something that can be seen in a small picture. */
function areLit(): boolean {
  interface Drawn {
    querySelectorAll(selector: string): ArrayLike<unknown> & Iterable<Drawn>;
  }
  const { document } = globalThis as unknown as { document: Drawn };
  const previews = [...document.querySelectorAll('.sense-led-preview')];
  return previews.every(
    (preview) => preview.querySelectorAll('.sense-hat-leds circle[fill]:not([fill="#000000"])').length > 3,
  );
}

/** Imports an example through the import dialog. */
async function importExample(page: Page, path: string[]): Promise<void> {
  await page.locator('#red-ui-header-button-sidemenu').click();
  await page.locator('#menu-item-import').click();
  await page.locator('#red-ui-clipboard-dialog-import-tabs li[id$="import-tab-examples"] a').click();
  const labelled = (text: string) => page.locator('.red-ui-treeList-label:visible').getByText(text, { exact: true });
  // On a busy machine a click may miss an entry, because the list is still sliding.
  const click = async (text: string, until: Locator) => {
    while (!(await until.isVisible())) {
      await labelled(text).click();
      await until.waitFor({ timeout: 3000 }).catch(() => {});
    }
  };
  let folder = PACK;
  for (const label of path) {
    await click(folder, labelled(label));
    folder = label;
  }
  const button = page.locator('#red-ui-clipboard-dialog-ok:enabled');
  await click(folder, button);
  await button.click();
  await page.locator('#red-ui-clipboard-dialog').waitFor({ state: 'hidden' });
}

/**
 * Runs in the page: finds nodes that overlap with others, with their previews, or with the statuses of the HAT's nodes:
 * those of others depend on the servers that this machine has.
 */
function overlaps(): string[] {
  const STATUS = '.red-ui-flow-node-status-group';
  interface Drawn {
    parentElement: Drawn;
    id: string;
    getBoundingClientRect(): { left: number; right: number; top: number; bottom: number };
  }
  const { document, RED } = globalThis as unknown as {
    document: { querySelectorAll(selector: string): Iterable<Drawn> };
    RED: { nodes: { node(id: string): { type: string } } };
  };
  const isOfHat = ({ id }: Drawn) => /^sense-/.test(RED.nodes.node(id).type);
  const statuses = [...document.querySelectorAll(STATUS)].filter(({ parentElement }) => isOfHat(parentElement));
  const drawn = [...document.querySelectorAll('rect.red-ui-flow-node, .sense-led-preview'), ...statuses];
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

/** A node as the editor has placed it; `x` and `y` are its middle. */
interface Placed {
  id: string;
  type: string;
  x: number;
  w: number;
}

/**
 * Runs in the page: finds nodes beyond the canvas of a window of 1,400 pixels, off the grid, narrower than their label,
 * or wired backwards, and previews that hang out of their group.
 */
function untidy(): string[] {
  interface Box {
    left: number;
    right: number;
    bottom: number;
  }
  interface Element {
    getBoundingClientRect(): Box;
  }
  const WIDTH = 860;
  const GRID = 20;
  /** A debug node has a button at its right. */
  const BUTTON = 20;
  const { RED, document } = globalThis as unknown as {
    RED: {
      workspaces: { active(): string };
      nodes: {
        filterNodes(filter: object): Placed[];
        filterLinks(filter: object): { source: Placed; target: Placed }[];
        groups(z: string): { id: string; nodes: Placed[] }[];
      };
    };
    document: { querySelector(selector: string): Element | null };
  };
  const z = RED.workspaces.active();
  const found: string[] = [];
  const left = ({ x, w }: Placed) => x - w / 2;
  const boxOf = (id: string, part: string) => document.querySelector(`[id="${id}"] ${part}`)?.getBoundingClientRect();
  for (const node of RED.nodes.filterNodes({ z })) {
    const right = left(node) + node.w + (node.type === 'debug' ? BUTTON : 0);
    if (left(node) < GRID || right > WIDTH) found.push(`${node.id} from ${left(node)} to ${right}`);
    if (left(node) % GRID !== 0) found.push(`${node.id} at ${left(node)}`);
    const [label, frame] = [boxOf(node.id, '.red-ui-flow-node-label'), boxOf(node.id, '.red-ui-flow-node')];
    if (label && frame && label.right > frame.right) found.push(`${node.id} cuts its label`);
    for (const { target } of RED.nodes.filterLinks({ source: node }))
      if (left(target) <= left(node) + node.w) found.push(`${node.id} is wired backwards`);
  }
  for (const { id, nodes } of RED.nodes.groups(z)) {
    const group = document
      .querySelector(`[id="group_select_${id}"] .red-ui-flow-group-outline`)
      ?.getBoundingClientRect();
    for (const node of nodes) {
      const preview = boxOf(node.id, '.sense-led-preview');
      if (preview && group && (preview.bottom > group.bottom || preview.right > group.right))
        found.push(`the preview of ${node.id} hangs out of its group`);
    }
  }
  return found;
}
