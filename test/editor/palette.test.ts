import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Page, Response } from 'playwright-core';
import { connectionsOf, MONITORED, poll } from '../../scripts/monitoring';
import { startNatsServer } from '../../scripts/nats-server';
import { type RunningNodeRed, startNodeRed } from '../../scripts/node-red';
import { startBrowser } from '../support/browser';
import { makeFolder } from '../support/folder';
import { isConfig } from '../support/node-files';
import { pack, repack } from '../support/packed';
import { startRegistry } from '../support/registry';

const MANIFEST = JSON.parse(readFileSync(join(__dirname, '..', '..', '..', 'package.json'), 'utf8'));
const PACK = MANIFEST.name;
const NEXT_VERSION = '9.9.9';

/** Opens the editor, with or without flows. */
async function openPage(t: TestContext, url: string): Promise<Page> {
  const browser = await startBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(url);
  await page.locator('#red-ui-header-button-deploy').waitFor();
  await page.locator('.red-ui-palette-node').first().waitFor();
  return page;
}

/** Opens a tab of the palette manager: `nodes` or `install`. */
async function openManager(page: Page, tab: 'nodes' | 'install'): Promise<void> {
  await page.locator('#red-ui-header-button-sidemenu').click();
  await page.locator('#menu-item-edit-palette').click();
  await page.locator(`#red-ui-palette-editor-tabs a[href="#${tab}"]`).click();
}

async function closeManager(page: Page): Promise<void> {
  await page.locator('#node-dialog-ok:visible, #node-dialog-cancel:visible').first().click();
}

/** The pack's row in the visible list. */
const row = (page: Page) => page.locator('.red-ui-palette-module-header:visible').filter({ hasText: PACK }).first();

async function confirm(page: Page, text: string): Promise<void> {
  await page.locator('.red-ui-notification button').filter({ hasText: text }).click();
}

async function hasNodes(page: Page, state: 'visible' | 'hidden'): Promise<void> {
  for (const type of Object.keys(MANIFEST['node-red'].nodes)) {
    if (isConfig(type)) continue;
    await page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`).waitFor({ state, timeout: 45_000 });
  }
}

/** The version of the pack in a user folder. */
function installedVersion(userDir: string): string | undefined {
  const file = join(userDir, 'node_modules', PACK, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : undefined;
}

test('an uploaded tarball is installed', async (t) => {
  const { tarball } = await pack();
  const userDir = makeFolder();
  const nodeRed = await startNodeRed([], { userDir });
  t.after(nodeRed.stop);
  const page = await openPage(t, nodeRed.url);
  await openManager(page, 'install');
  await page.locator('#red-ui-palette-editor-upload-form input[name=tarball]').setInputFiles(tarball);
  await page.locator('.red-ui-palette-editor-upload-buttons button.primary').click();
  await hasNodes(page, 'visible');
  assert.equal(installedVersion(userDir), MANIFEST.version);
});

test('the pack is installed from a catalogue, updated below its flows, disabled, enabled and removed', async (t) => {
  const server = await startNatsServer({ config: MONITORED });
  t.after(() => server.stop());
  const packed = await pack();
  const registry = await startRegistry(t, MANIFEST);
  registry.publish(MANIFEST.version, packed.tarball);
  // Node-RED runs npm with this environment.
  const { npm_config_registry: before } = process.env;
  process.env.npm_config_registry = registry.url;
  t.after(() => {
    if (before === undefined) delete process.env.npm_config_registry;
    else process.env.npm_config_registry = before;
  });
  const userDir = makeFolder();
  const settings = {
    credentialSecret: 'kept',
    editorTheme: { tours: false, palette: { catalogues: [registry.catalogueUrl] } },
  };
  let nodeRed: RunningNodeRed = await startNodeRed([], { userDir, settings });
  t.after(() => nodeRed.stop());
  let page = await openPage(t, nodeRed.url);

  // Installed.
  await openManager(page, 'install');
  await page.locator('.red-ui-palette-editor-tab:visible .red-ui-palette-search input').fill('sense-hat');
  await row(page).getByText('install', { exact: true }).click();
  await confirm(page, 'Install');
  await hasNodes(page, 'visible');
  assert.equal(installedVersion(userDir), MANIFEST.version);
  await closeManager(page);

  const flows = [
    { id: 'tab', type: 'tab', label: 'flow' },
    { id: 'server', type: 'nats-config', servers: server.url, clientName: 'installed' },
    {
      id: 'subscribe',
      type: 'nats-subscribe',
      z: 'tab',
      x: 100,
      y: 40,
      server: 'server',
      subject: 'light',
      wires: [['led']],
    },
    { id: 'led', type: 'sense-led', z: 'tab', x: 300, y: 40, wires: [[]] },
  ];
  const names = async () => (await connectionsOf(server)).map(({ name }) => name);

  // Updated; the flows work as before.
  await deploy(nodeRed, flows);
  assert.deepEqual(await poll(names, (known) => known[0] === 'installed'), ['installed']);
  registry.publish(NEXT_VERSION, await repack(packed.tarball, NEXT_VERSION));
  await page.reload();
  await openManager(page, 'nodes');
  await row(page).getByText(NEXT_VERSION).click();
  // Node-RED answers when npm has ended; until then, npm may still be writing the files of the new version.
  const isUpdate = (answer: Response) => answer.request().method() === 'POST' && answer.url().endsWith('/nodes');
  const updated = page.waitForResponse(isUpdate, { timeout: 45_000 });
  await confirm(page, 'Update');
  await updated;
  assert.equal(installedVersion(userDir), NEXT_VERSION);

  await page.context().browser()?.close();
  await nodeRed.stop();
  const saved = JSON.parse(readFileSync(join(userDir, 'flows.json'), 'utf8'));
  nodeRed = await startNodeRed(saved, { userDir, settings });
  assert.deepEqual(await poll(names, (known) => known[0] === 'installed'), ['installed']);
  page = await openPage(t, nodeRed.url);
  await page.locator('[id="led"] .sense-led-preview').waitFor();

  // Disabled and enabled.
  await deploy(nodeRed, []);
  assert.deepEqual(await poll(names, (known) => known.length === 0), []);
  await page.reload();
  await openManager(page, 'nodes');
  await row(page).getByText('disable all').click();
  await hasNodes(page, 'hidden');
  await row(page).getByText('enable all').click();
  await hasNodes(page, 'visible');

  // Removed.
  await row(page).getByText('remove', { exact: true }).click();
  await confirm(page, 'Remove');
  await hasNodes(page, 'hidden');
  assert.equal(installedVersion(userDir), undefined);
  const { dependencies = {} } = JSON.parse(readFileSync(join(userDir, 'package.json'), 'utf8'));
  assert(!(PACK in dependencies));
});

async function deploy({ url, app }: RunningNodeRed, flows: object[]): Promise<void> {
  const started = once(app.events, 'flows:started');
  const response = await fetch(`${url}flows`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(flows),
  });
  assert(response.ok, await response.text());
  await started;
}
