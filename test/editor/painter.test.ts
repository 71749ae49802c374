import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startNodeRed } from '../../scripts/node-red';
import { clickInject, pictures, startEditor } from '../support/browser';
import { deviceFile } from '../support/device-file';
import { coloursOf, waitForColours } from '../support/matrix';
import { nodeDefaults } from '../support/node-defaults';
import { problemsOf } from '../support/page-problems';

const OFF = '#000000';
const RED = '#ff0000';

test('a picture is painted by mouse and keys, shown on a display, copied, and taken from a display', async (t) => {
  const device = deviceFile(t);
  writeFileSync(device, Buffer.alloc(128));
  const led = { type: 'sense-led', ...nodeDefaults('sense-led'), z: 'tab', x: 300 };
  const nodeRed = await startNodeRed([
    { id: 'tab', type: 'tab', label: 'Display' },
    { ...led, id: 'hat', y: 100, wires: [[]] },
    { ...led, id: 'file', y: 300, device, wires: [['out']] },
    { id: 'out', type: 'debug', z: 'tab', x: 500, y: 300, active: true, tosidebar: true, complete: 'true' },
    {
      id: 'draw',
      type: 'inject',
      z: 'tab',
      x: 100,
      y: 300,
      props: [{ p: 'payload' }],
      payload: JSON.stringify(Array.from({ length: 64 }, (_, n) => `hsl(${5 * n} 100% 50%)`)),
      payloadType: 'json',
      wires: [['file']],
    },
  ]);
  t.after(nodeRed.stop);
  const page = await startEditor(t, nodeRed.url);
  const problems = problemsOf(page);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate("RED.sidebar.show('sense-hat')");
  await page.getByRole('tab', { name: 'Paint' }).click();
  const painter = page.locator('.sense-hat-painter');
  const ledAt = (row: number, column: number) => painter.locator('.sense-hat-led').nth(8 * (row - 1) + column - 1);
  const press = (name: string) => painter.getByRole('button', { name, exact: true }).click();
  const result = (text: string) => painter.getByRole('status').getByText(text).waitFor();
  const painted = (...lit: [row: number, column: number, colour: string][]) => {
    const colours = Array(64).fill(OFF);
    for (const [row, column, colour] of lit) colours[8 * (row - 1) + column - 1] = colour;
    return colours;
  };
  await painter.getByRole('combobox', { name: 'Display' }).selectOption({ label: device });

  await press('red');
  await ledAt(2, 1).hover();
  await page.mouse.down();
  await ledAt(2, 8).hover();
  await page.mouse.up();
  await ledAt(8, 8).hover();
  await press('Show');
  await result('Shown.');
  const line = Array.from({ length: 8 }, (_, at) => [2, at + 1, RED] as [number, number, string]);
  assert.deepEqual(coloursOf(readFileSync(device)), painted(...line), 'a line without gaps');

  await press('Clear');
  await painter.locator('input[type=color]').fill('#3a659c');
  await ledAt(1, 1).focus();
  for (const key of ['ArrowLeft', 'ArrowDown', 'ArrowRight', 'Space']) await page.keyboard.press(key);
  await press('red');
  await ledAt(2, 2).focus();
  for (const key of ['ArrowRight', 'Enter']) await page.keyboard.press(key);
  const names = ['row 1, column 1: off', 'row 2, column 2: #3a659c', 'row 2, column 3: red'];
  for (const name of names) await painter.getByRole('gridcell', { name, exact: true }).waitFor();
  assert.equal(await painter.locator('.sense-hat-led[tabindex="0"]').count(), 1, 'one stop for the Tab key');
  await press('Copy as payload');
  await result('Copied');
  const copied = JSON.parse(await page.evaluate('navigator.clipboard.readText()'));
  assert.deepEqual(copied, painted([2, 2, '#3a659c'], [2, 3, RED]));

  await painter.getByRole('button', { name: 'Insert as inject node', exact: true }).focus();
  await page.keyboard.press('Enter');
  const inserted = await page.evaluate(
    "RED.nodes.filterNodes({ type: 'inject' }).filter(({ id }) => id !== 'draw').map(({ payload, payloadType, props }) => [JSON.parse(payload), payloadType, props])",
  );
  assert.deepEqual(inserted, [[copied, 'json', [{ p: 'payload' }]]]);

  await press('Fill');
  await press('Show');
  await waitForColours(page, '[id="file"] .sense-led-preview', Array(64).fill(RED));
  assert.equal(await page.locator('.red-ui-debug-msg').count(), 0, 'no message goes through the flow');

  await clickInject(page, 'draw');
  await page.locator('.red-ui-debug-msg').first().waitFor({ state: 'attached' });
  const rainbow = readFileSync(device);
  await waitForColours(page, '[id="file"] .sense-led-preview', coloursOf(rainbow));
  await press('Load from display');
  await press('Show');
  await result('Shown.');
  assert.deepEqual(readFileSync(device), rainbow, 'byte for byte');
  if (pictures) {
    // The name of the other display is the path of a temporary folder.
    await painter.getByRole('combobox', { name: 'Display' }).selectOption({ label: 'Sense HAT' });
    await press('Show');
    await result('Shown.');
    await painter.screenshot({ path: join(pictures, 'painter.png') });
  }
  assert.deepEqual(problems, []);
});
