import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { startNatsServer } from '../../scripts/nats-server';
import { startNodeRed } from '../../scripts/node-red';
import { clickDeploy, clickInject, openDialog, pictures, startEditor } from '../support/browser';
import { deviceFile } from '../support/device-file';
import { exampleFlow, nodeOf } from '../support/examples';
import { film } from '../support/film';
import { coloursOf, waitForColours } from '../support/matrix';
import { nodeDefaults } from '../support/node-defaults';
import { problemsOf } from '../support/page-problems';

/** The colour 50,100,40 in RGB565, which has 5, 6 and 5 bits. */
const GREEN = '#316529';

const RED_PICTURE = JSON.stringify(Array(64).fill('red'));

test('the words of the demo scroll below the sense-led node in the editor', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const flow = exampleFlow('Both on one machine', server.url);
  const nodeRed = await startNodeRed(flow);
  t.after(nodeRed.stop);
  const page = await startEditor(t, nodeRed.url);
  const led = nodeOf(flow, 'sense-led').id;
  await page.locator(`[id="${led}"] .sense-led-preview .sense-hat-leds circle`).nth(63).waitFor();
  assert.deepEqual(await litColumns(page, led), [], 'dark before the first word');

  await clickInject(page, nodeOf(flow, 'inject', { payload: 'hello world' }).id);
  // The word comes in from the right and leaves to the left.
  await page.waitForFunction(columnIsLit, { led, column: 7, color: GREEN });
  await page.waitForFunction(columnIsLit, { led, column: 0, color: GREEN });

  await page
    .locator('.red-ui-debug-msg-payload', { hasText: 'Message displayed by raspberrypi!' })
    .nth(1)
    .waitFor({ state: 'attached' });
});

test('the demo has a moving picture in the documentation', { skip: !pictures }, async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  // Bright, and slow enough to take each column.
  const look = { color: 'gold', secondsPerColumn: 0.5 };
  const demo = exampleFlow('Both on one machine', server.url);
  const flow = demo.map((node) => (node.type === 'sense-led' ? { ...node, ...look } : node));
  const nodeRed = await startNodeRed(flow);
  t.after(nodeRed.stop);
  const page = await startEditor(t, nodeRed.url, { viewport: { width: 1400, height: 800 } });
  await page.addStyleTag({ content: '#red-ui-notifications { display: none }' });
  await page.locator('.sense-led-preview').waitFor();
  await clickInject(page, nodeOf(flow, 'inject', { payload: 'hello world' }).id);
  writeFileSync(join(pictures as string, 'demo.webp'), await film(page, 2));
});

test('the preview follows its node when it is disabled, edited, copied, deleted and restored', async (t) => {
  const device = deviceFile(t);
  const led = { type: 'sense-led', ...nodeDefaults('sense-led'), wires: [[]] };
  const payload = { props: [{ p: 'payload' }], payload: RED_PICTURE, payloadType: 'json' };
  const nodeRed = await startNodeRed([
    { id: 'tab', type: 'tab', label: 'Display' },
    { ...led, id: 'led', z: 'tab', x: 300, y: 100, device },
    { ...led, id: 'other', z: 'tab', x: 500, y: 100, device: deviceFile(t) },
    { id: 'play', type: 'inject', z: 'tab', x: 100, y: 100, repeat: '', ...payload, wires: [['led', 'other']] },
    { id: 'off', type: 'tab', label: 'Disabled', disabled: true },
    { ...led, id: 'asleep', z: 'off', x: 300, y: 100 },
    { id: 'sub', type: 'subflow', name: 'Shown', in: [], out: [] },
    { ...led, id: 'inner', z: 'sub', x: 300, y: 100, device },
    { id: 'one', type: 'subflow:sub', z: 'tab', x: 300, y: 300 },
    { id: 'two', type: 'subflow:sub', z: 'tab', x: 500, y: 300 },
  ]);
  t.after(nodeRed.stop);
  const page = await startEditor(t, nodeRed.url);
  const problems = problemsOf(page);
  const preview = (id: string) => `[id="${id}"] .sense-led-preview`;
  const seen = (id: string) => page.locator(preview(id)).waitFor({ state: 'attached' });
  const gone = (id: string) => page.locator(preview(id)).waitFor({ state: 'detached' });
  const isRed = (id: string) => waitForColours(page, preview(id), Array(64).fill('#ff0000'));
  const select = (id: string) =>
    page.evaluate(`RED.view.select({ nodes: [RED.nodes.node('${id}')] }); RED.view.focus()`);
  const show = (tab: string) => page.evaluate(`RED.workspaces.show('${tab}')`);

  await clickInject(page, 'play');
  await isRed('led');
  await isRed('other');
  const described = page.locator(`${preview('led')}[role="img"][aria-label="${device}: a picture. LEDs on: 64 of 64"]`);
  await described.waitFor();

  await page.reload();
  await isRed('led');

  await show('off');
  await page.locator('[id="asleep"]').waitFor();
  assert.equal(await page.locator('.sense-led-preview').count(), 0, 'a disabled node has no preview');
  await show('sub');
  await isRed('inner');
  await show('tab');
  await isRed('led');

  await openDialog(page, 'other');
  await page.locator('a[href="#sense-led-tab-device"]').click();
  await page.locator('#node-input-preview').uncheck();
  await page.locator('#node-dialog-ok').click();
  await gone('other');
  await clickDeploy(page, nodeRed);
  assert.equal(await page.locator(preview('other')).count(), 0);
  await openDialog(page, 'other');
  await page.locator('a[href="#sense-led-tab-device"]').click();
  await page.locator('#node-input-preview').check();
  await page.locator('#node-dialog-ok').click();
  await isRed('other');

  await select('led');
  await page.keyboard.press('Delete');
  await page.locator('[id="led"]').waitFor({ state: 'detached' });
  assert.equal(await page.locator('.sense-led-preview').count(), 1);
  await page.keyboard.press('Control+z');
  await isRed('led');

  await select('led');
  await page.keyboard.press('Control+c');
  await page.keyboard.press('Control+v');
  const pasted = page.locator('.red-ui-flow-node-group:not([id="led"]):not([id="other"])', { hasText: /^LED matrix/ });
  await pasted.waitFor();
  await page.mouse.click(400, 500);
  assert.equal(await page.locator('.sense-led-preview').count(), 2, 'a node that is not deployed has no preview');
  await clickDeploy(page, nodeRed);
  const id = await pasted.getAttribute('id');
  await isRed(id as string);
  await isRed('led');

  await select('two');
  await page.keyboard.press('Delete');
  await clickDeploy(page, nodeRed);
  await show('sub');
  await isRed('inner');
  await show('tab');
  await select('led');
  await page.keyboard.press('Delete');
  await clickDeploy(page, nodeRed);
  await seen('other');
  await gone('led');
  await page.evaluate('RED.view.focus()');
  await page.keyboard.press('Control+z');
  await page.locator('[id="led"]').waitFor();
  // Restored, but not deployed.
  await gone('led');
  assert.deepEqual(problems, []);
});

test('a node that changes to another display shows its picture at once', async (t) => {
  const [from, to] = [deviceFile(t), deviceFile(t)];
  const led = { type: 'sense-led', ...nodeDefaults('sense-led'), z: 'tab', wires: [[]] };
  const payload = { props: [{ p: 'payload' }], payload: RED_PICTURE, payloadType: 'json' };
  const nodeRed = await startNodeRed([
    { id: 'tab', type: 'tab', label: 'Display' },
    { ...led, id: 'mover', x: 300, y: 100, device: from },
    { ...led, id: 'stays', x: 500, y: 100, device: to },
    { id: 'play', type: 'inject', z: 'tab', x: 100, y: 100, repeat: '', ...payload, wires: [['stays']] },
  ]);
  t.after(nodeRed.stop);
  const page = await startEditor(t, nodeRed.url);
  const preview = '[id="mover"] .sense-led-preview';
  const red = Array(64).fill('#ff0000');
  await clickInject(page, 'play');
  await waitForColours(page, '[id="stays"] .sense-led-preview', red);
  await waitForColours(page, preview, coloursOf(readFileSync(from)));

  await page.evaluate("RED.actions.invoke('core:set-deploy-type-to-modified-nodes')");
  await openDialog(page, 'mover');
  await page.locator('a[href="#sense-led-tab-device"]').click();
  await page.locator('#node-input-device').fill(to);
  await page.locator('#node-dialog-ok').click();
  await clickDeploy(page, nodeRed);
  await page.locator(`${preview}[aria-label^="${to}: a picture."]`).waitFor();
  await waitForColours(page, preview, red);
});

test('in a subflow a preview shows the display of one instance, and of another one when that is gone', async (t) => {
  const [red, green] = [deviceFile(t), deviceFile(t)];
  const led = { type: 'sense-led', ...nodeDefaults('sense-led'), wires: [] };
  const instance = (id: string, y: number, device: string) => {
    const env = [{ name: 'DEVICE', type: 'str', value: device }];
    return { id, type: 'subflow:sub', z: 'tab', x: 300, y, env };
  };
  const play = (colour: string, y: number) => {
    const payload = { props: [{ p: 'payload' }], payload: JSON.stringify(Array(64).fill(colour)), payloadType: 'json' };
    return { id: colour, type: 'inject', z: 'tab', x: 100, y, repeat: '', ...payload, wires: [[`in-${colour}`]] };
  };
  const nodeRed = await startNodeRed([
    { id: 'tab', type: 'tab', label: 'Display' },
    { id: 'sub', type: 'subflow', name: 'Shown', in: [{ x: 60, y: 100, wires: [{ id: 'inner' }] }], out: [] },
    { ...led, id: 'inner', z: 'sub', x: 300, y: 100, device: '${DEVICE}' },
    play('red', 100),
    play('lime', 200),
    instance('in-red', 100, red),
    instance('in-lime', 200, green),
  ]);
  t.after(nodeRed.stop);
  const page = await startEditor(t, nodeRed.url);
  const preview = '[id="inner"] .sense-led-preview';
  // Looks at both displays, which have to fit into the low sidebar of Node-RED 5.
  await page.addStyleTag({ content: '.sense-hat-display { zoom: 0.4 }' });
  await page.evaluate("RED.sidebar.show('sense-hat')");
  await page.locator('.sense-hat-display').nth(1).waitFor();
  await page.evaluate("RED.workspaces.show('sub')");
  for (const colour of ['lime', 'red', 'lime']) await fetch(`${nodeRed.url}inject/${colour}`, { method: 'POST' });
  const card = (device: string) => `[data-display="${encodeURIComponent(device)}"]`;
  await waitForColours(page, `${card(red)} svg`, Array(64).fill('#ff0000'));
  await waitForColours(page, `${card(green)} svg`, Array(64).fill('#00ff00'));
  const label = await page.locator(preview).getAttribute('aria-label');
  const [shown, other] = label?.startsWith(red) ? ['red', 'lime'] : ['lime', 'red'];
  const colourOf = (name: string | undefined) => Array(64).fill(name === 'red' ? '#ff0000' : '#00ff00');
  await waitForColours(page, preview, colourOf(shown));

  await page.evaluate("RED.workspaces.show('tab')");
  await page.evaluate(`RED.view.select({ nodes: [RED.nodes.node('in-${shown}')] }); RED.view.focus()`);
  await page.keyboard.press('Delete');
  await clickDeploy(page, nodeRed);
  await page.locator('.sense-hat-display').nth(1).waitFor({ state: 'detached' });
  await page.evaluate("RED.workspaces.show('sub')");
  await waitForColours(page, preview, colourOf(other));
});

test('after a lost connection the previews show what has changed meanwhile', async (t) => {
  const led = { type: 'sense-led', ...nodeDefaults('sense-led'), z: 'tab', wires: [[]] };
  const play = (colour: string, y: number) => {
    const payload = { props: [{ p: 'payload' }], payload: JSON.stringify(Array(64).fill(colour)), payloadType: 'json' };
    return { id: colour, type: 'inject', z: 'tab', x: 100, y, repeat: '', ...payload, wires: [['led', 'other']] };
  };
  const [device, first, second] = [deviceFile(t), deviceFile(t), deviceFile(t)];
  const flow = (other: string) => [
    { id: 'tab', type: 'tab', label: 'Display' },
    play('red', 100),
    play('lime', 200),
    { ...led, id: 'led', x: 300, y: 100, device },
    { ...led, id: 'other', x: 500, y: 100, device: other },
  ];
  const nodeRed = await startNodeRed(flow(first));
  t.after(nodeRed.stop);
  const sockets = new Set<Duplex>();
  const server = nodeRed.app.server as Server;
  server.on('upgrade', (_request, socket) => sockets.add(socket));
  const page = await startEditor(t, nodeRed.url);
  const problems = problemsOf(page);
  const shows = async (colour: string) => {
    for (const id of ['led', 'other']) {
      await waitForColours(page, `[id="${id}"] .sense-led-preview`, Array(64).fill(colour));
    }
  };
  await clickInject(page, 'red');
  await shows('#ff0000');

  // The editor connects again after a second.
  for (const socket of sockets) socket.destroy();
  const started = once(nodeRed.app.events, 'flows:started');
  const deployed = await fetch(`${nodeRed.url}flows`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(flow(second)),
  });
  assert(deployed.ok);
  await started;
  await fetch(`${nodeRed.url}inject/lime`, { method: 'POST' });
  await shows('#00ff00');
  assert.deepEqual(problems, []);
});

/** The columns of a node's preview with at least one LED on. */
async function litColumns(page: Page, led: string): Promise<number[]> {
  const fills = await page
    .locator(`[id="${led}"] .sense-led-preview .sense-hat-leds circle`)
    .evaluateAll((circles) =>
      circles.map((circle) => (circle as { getAttribute(name: string): string }).getAttribute('data-color')),
    );
  return [...new Set(fills.flatMap((fill, index) => (fill === '#000000' ? [] : [index % 8])))];
}

/** Runs in the page. */
function columnIsLit({ led, column, color }: { led: string; column: number; color: string }): boolean {
  const { document } = globalThis as {
    document: { querySelectorAll(selector: string): Iterable<LedElement> };
  };
  const leds = [...document.querySelectorAll(`[id="${led}"] .sense-led-preview .sense-hat-leds circle`)];
  return leds.some((circle, index) => index % 8 === column && circle.getAttribute('data-color') === color);
}

interface LedElement {
  getAttribute(name: string): string;
}
