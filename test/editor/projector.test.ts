import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { startNodeRed } from '../../scripts/node-red';
import { signInByName } from '../support/admin-auth';
import { startBrowser } from '../support/browser';
import { deviceFile } from '../support/device-file';
import { coloursOf, waitForColours } from '../support/matrix';
import { nodeDefaults } from '../support/node-defaults';

const PAGE = 'resources/@natshat/node-red/projector.html';

test('a display has a page of its own, which survives deploys and a restart of Node-RED', async (t) => {
  const device = deviceFile(t);
  const led = { type: 'sense-led', ...nodeDefaults('sense-led'), z: 'tab' };
  const flow = [
    { id: 'tab', type: 'tab', label: 'Display' },
    { ...led, id: 'hat', x: 300, y: 100, wires: [[]] },
    { ...led, id: 'file', x: 300, y: 300, device, wires: [[]] },
  ];
  const adminRoot = '/red/';
  const first = await startNodeRed(flow, { adminRoot });
  let stop = first.stop;
  t.after(() => stop());
  const browser = await startBrowser();
  t.after(() => browser.close());

  const editor = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await editor.goto(first.url);
  await editor.locator('.red-ui-flow-node').first().waitFor();
  await editor.evaluate("RED.sidebar.show('sense-hat')");
  const [page] = await Promise.all([
    editor.waitForEvent('popup'),
    editor.locator(`[data-display="${encodeURIComponent(device)}"] .sense-hat-project`).click(),
  ]);
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  await waitForColours(page, 'svg', coloursOf(readFileSync(device)));
  assert.equal(await page.title(), device);
  await page.locator(`svg[aria-label="${device}: nothing. LEDs on: 64 of 64"]`).waitFor();
  const { width, height } = (await page.locator('svg').boundingBox()) ?? assert.fail();
  const size = page.viewportSize() ?? assert.fail();
  assert.equal(Math.max(width, height), Math.min(size.width, size.height), 'it fills the window');

  await page.goto(`${first.url}${PAGE}#hat`);
  await waitForColours(page, 'svg', Array(64).fill('#000000'));
  assert.equal(await page.title(), 'Sense HAT');
  await page.evaluate(`location.hash = '${encodeURIComponent(device)}'`);
  await waitForColours(page, 'svg', coloursOf(readFileSync(device)));

  const deploy = async (nodes: object[]) => {
    const started = once(first.app.events, 'flows:started');
    await fetch(`${first.url}flows`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(nodes),
    });
    await started;
  };
  await deploy(flow.slice(0, 2));
  await page.getByText('No running flow uses this display.').waitFor();
  await deploy(flow);
  await waitForColours(page, 'svg', coloursOf(readFileSync(device)));

  const { port } = new URL(first.url);
  await first.stop();
  stop = async () => {};
  await page.getByText('Node-RED does not respond. Retrying ...').waitFor();
  ({ stop } = await startNodeRed(flow, { adminRoot, port: Number(port) }));
  await waitForColours(page, 'svg', coloursOf(readFileSync(device)));
  assert.deepEqual(problems, []);
});

test('the page of a display that was never used says so', async (t) => {
  const flow = [{ id: 'tab', type: 'tab', label: 'Display' }];
  const first = await startNodeRed(flow);
  let stop = first.stop;
  t.after(() => stop());
  const browser = await startBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(`${first.url}${PAGE}`);
  const missing = page.getByText('No running flow uses this display.');
  await missing.waitFor();

  const { port } = new URL(first.url);
  await first.stop();
  stop = async () => {};
  await page.getByText('Node-RED does not respond. Retrying ...').waitFor();
  ({ stop } = await startNodeRed(flow, { port: Number(port) }));
  await missing.waitFor();
});

const adminAuth = signInByName({ reader: 'read', writer: 'flows.write' });

test('a user without permission to read the flows sees no display', async (t) => {
  const device = deviceFile(t);
  const led = { type: 'sense-led', ...nodeDefaults('sense-led'), id: 'led', z: 'tab', device, wires: [[]] };
  const flow = [{ id: 'tab', type: 'tab', label: 'Display' }, led];
  const nodeRed = await startNodeRed(flow, { settings: { adminAuth } });
  t.after(nodeRed.stop);
  const browser = await startBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage();
  const received = framesOf(page);
  await page.goto(`${nodeRed.url}${PAGE}`);
  const refused = page.getByText('Log in to the Node-RED editor in this browser');
  const logIn = (user: string) =>
    page.evaluate(`localStorage.setItem('auth-tokens', JSON.stringify({ access_token: '${user}' }))`);
  await refused.waitFor();
  for (const user of ['stranger', 'writer']) {
    await logIn(user);
    await page.reload();
    await refused.waitFor();
  }
  assert.equal(await page.locator('svg').isVisible(), false);

  for (const message of [{ subscribe: 'sense-led/#' }, { auth: 'stranger' }, { auth: 'writer' }]) {
    const answer = await page.evaluate(`new Promise((resolve) => {
      const socket = new WebSocket(location.origin.replace('http', 'ws') + '/comms');
      const answers = [];
      socket.onopen = () => socket.send('${JSON.stringify(message)}');
      socket.onmessage = ({ data }) => answers.push(data);
      socket.onclose = () => resolve(answers.join());
    })`);
    assert.equal(answer, '{"auth":"fail"}', JSON.stringify(message));
  }
  assert(!received.join().includes('sense-led'), received.join());

  await logIn('reader');
  await waitForColours(page, 'svg', coloursOf(readFileSync(device)));
  assert(await page.locator('svg').isVisible(), 'without a reload');
});

/** The messages that a page receives from Node-RED. */
function framesOf(page: Page): string[] {
  const received: string[] = [];
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => received.push(String(payload))));
  return received;
}
