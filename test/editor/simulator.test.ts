import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { SIMULATOR } from '../../lib/sense-hat/joystick/simulated-joystick';
import { simulator } from '../../lib/sense-hat/simulator/simulator';
import { DEFAULT_VALUES, RANGES } from '../../lib/sense-hat/simulator/values';
import { type CommsEvent, type RunningNodeRed, startNodeRed } from '../../scripts/node-red';
import { openEditor, pictures, startBrowser } from '../support/browser';
import { Inbox } from '../support/inbox';
import { nodeDefaults } from '../support/node-defaults';
import { problemsOf } from '../support/page-problems';

/** Starts Node-RED with a joystick; `keys` are its messages, without those of a held key. */
async function start(t: TestContext): Promise<{ nodeRed: RunningNodeRed; keys: Inbox<string> }> {
  const keys = new Inbox<string>();
  const onComms = ({ topic, data }: CommsEvent) => {
    if (topic !== 'debug' || data?.name !== 'keys') return;
    const { key, state } = JSON.parse(String(data.msg));
    if (state !== 'hold') keys.put(`${key} ${state}`);
  };
  simulator.set(DEFAULT_VALUES);
  const stick = { type: 'sense-joystick', ...nodeDefaults('sense-joystick'), device: SIMULATOR };
  const nodeRed = await startNodeRed(
    [
      { id: 'tab', type: 'tab', label: 'Simulator' },
      { ...stick, id: 'stick', z: 'tab', x: 150, y: 100, wires: [['out']] },
      {
        id: 'out',
        type: 'debug',
        name: 'keys',
        z: 'tab',
        x: 350,
        y: 100,
        active: true,
        tosidebar: true,
        complete: 'payload',
      },
      { type: 'sense-led', ...nodeDefaults('sense-led'), id: 'led', z: 'tab', x: 150, y: 200, wires: [[]] },
    ],
    { listeners: { comms: onComms } },
  );
  t.after(nodeRed.stop);
  return { nodeRed, keys };
}

async function openPanel(page: Page, tab: string): Promise<void> {
  await page.evaluate("RED.sidebar.show('sense-hat')");
  await page.getByRole('tab', { name: tab, exact: true }).click();
}

test('the simulated HAT is moved by mouse, touch and keys, and all editors show it', async (t) => {
  const { nodeRed, keys } = await start(t);
  const browser = await startBrowser();
  t.after(() => browser.close());
  const editor = async (options?: BrowserContextOptions) => {
    const page = await openEditor(browser, nodeRed.url, options);
    await openPanel(page, 'Simulate');
    return page;
  };
  const page = await editor({ hasTouch: true });
  const problems = problemsOf(page);
  const other = await editor();
  const pane = page.getByRole('tabpanel', { name: 'Simulate' });
  const shown = (text: string) => other.locator('.sense-hat-simulator').getByText(text, { exact: true }).waitFor();

  for (const slider of await pane.locator('input[type=range]').all()) {
    const name = (await slider.getAttribute('data-value')) as keyof typeof RANGES;
    const range = await Promise.all(['min', 'max'].map(async (bound) => Number(await slider.getAttribute(bound))));
    assert.deepEqual(range, RANGES[name], name);
  }
  await pane.getByRole('slider', { name: 'Temperature' }).focus();
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
  await shown('23.5 °C');
  await pane.getByRole('slider', { name: 'Pressure' }).fill('987');
  await pane.getByLabel('Light', { exact: true }).fill('#ff8000');
  await shown('987 hPa');
  assert.deepEqual(simulator.values, {
    ...DEFAULT_VALUES,
    temperature: 23.5,
    pressure: 987,
    red: 255,
    green: 128,
    blue: 0,
  });

  const tilt = pane.getByRole('slider', { name: /^Tilt/ });
  const box = (await tilt.boundingBox()) as { x: number; y: number; width: number; height: number };
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.75 * box.width, box.y + 0.75 * box.height, { steps: 10 });
  await page.mouse.move(box.x + 2 * box.width, box.y + 0.75 * box.height);
  await page.mouse.up();
  await shown('roll 45°, pitch -90°');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowUp');
  await shown('roll 40°, pitch -85°');
  await page.keyboard.press('Home');
  await shown('roll 0°, pitch 0°');

  const up = pane.getByRole('button', { name: 'UP' });
  await up.hover();
  await page.mouse.down();
  assert.equal(await keys.take(), 'UP press');
  await page.mouse.move(box.x, box.y);
  if (pictures) await page.screenshot({ path: join(pictures, 'simulator.png') });
  await page.mouse.up();
  assert.equal(await keys.take(), 'UP release');
  await pane.getByRole('button', { name: 'ENTER' }).tap();
  assert.equal(await keys.take(), 'ENTER press');
  assert.equal(await keys.take(), 'ENTER release');

  const stick = pane.getByRole('group', { name: /^Joystick/ });
  for (const [code, key] of [
    ['ArrowLeft', 'LEFT'],
    ['Enter', 'ENTER'],
  ] as const) {
    await stick.focus();
    await page.keyboard.down(code);
    assert.equal(await keys.take(), `${key} press`);
    await page.keyboard.down(code);
    await page.keyboard.up(code);
    assert.equal(await keys.take(), `${key} release`);
  }
  const lookElsewhere = ["window.dispatchEvent(new Event('blur'))", 'document.activeElement.blur()'];
  for (const leave of lookElsewhere) {
    await stick.focus();
    await page.keyboard.down('ArrowDown');
    assert.equal(await keys.take(), 'DOWN press');
    await page.evaluate(leave);
    assert.equal(await keys.take(), 'DOWN release', leave);
    await page.keyboard.up('ArrowDown');
  }
  assert.equal(keys.size, 0);
  assert.deepEqual(problems, []);
});

/** The height of the tab in a new Node-RED 5. */
const LOW_PX = 281;

test('in a low sidebar each part of the panel is in sight or can be scrolled to', async (t) => {
  const { nodeRed } = await start(t);
  const browser = await startBrowser();
  t.after(() => browser.close());
  const page = await openEditor(browser, nodeRed.url);
  await page.evaluate("RED.sidebar.show('sense-hat')");
  const panel = page.locator('.sense-hat-panel');
  await panel.evaluate((element, height) => {
    (element as unknown as { style: { height: string } }).style.height = `${height}px`;
  }, LOW_PX);
  const bottom = (await panel.boundingBox())?.y ?? 0;
  for (const tab of ['Display', 'Paint', 'Simulate']) {
    await page.getByRole('tab', { name: tab }).click();
    const pane = page.getByRole('tabpanel', { name: tab });
    const parts = await pane.locator('svg, button, input, [tabindex], output, header, .sense-hat-queued').all();
    assert(parts.length >= 3, tab);
    for (const part of parts) {
      const box = await part.boundingBox();
      const end = (box?.y ?? 0) + (box?.height ?? 0) - bottom;
      assert(end > 0 && end <= LOW_PX, `${tab}: ${await part.getAttribute('class')} ends at ${end}`);
    }
    assert.equal(await pane.evaluate((element) => element.scrollWidth > element.clientWidth), false, tab);
  }
  await page.getByRole('tab', { name: 'Display' }).focus();
  for (const [key, chosen] of [
    ['ArrowLeft', 'Simulate'],
    ['ArrowRight', 'Display'],
    ['ArrowRight', 'Paint'],
  ] as const) {
    await page.keyboard.press(key);
    await page.getByRole('tab', { name: chosen, selected: true }).waitFor();
    await page.getByRole('tabpanel', { name: chosen }).waitFor();
    assert.equal(await page.getByRole('tabpanel').count(), 1);
  }
});
