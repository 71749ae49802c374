import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startNodeRed } from '../../scripts/node-red';
import { openDialog, pictures, startEditor, takePicture } from '../support/browser';
import { nodeDefaults } from '../support/node-defaults';
import { problemsOf } from '../support/page-problems';

test('the dialog checks its fields, and computes the factor from the temperature of the room', async (t) => {
  const node = { ...nodeDefaults('sense-sensors'), id: 'sensors', type: 'sense-sensors', z: 'tab', wires: [[]] };
  const nodeRed = await startNodeRed([
    { id: 'tab', type: 'tab', label: 'Sensors' },
    { ...node, x: 200, y: 100, device: 'simulator', correction: 'cpu' },
  ]);
  t.after(nodeRed.stop);
  const page = await startEditor(t, nodeRed.url);
  const problems = problemsOf(page);
  await openDialog(page, 'sensors');

  const check = (call: string) => page.evaluate(`senseSensors.${call}`);
  for (const valid of ['', '{}', '{"temperature": 0.5, "compass": 0}', '${NAME}'])
    assert.equal(await check(`checkThresholds(${JSON.stringify(valid)})`), true, valid);
  for (const [invalid, reason] of [
    ['0.5', /a JSON object/],
    ['[1]', /a JSON object/],
    ['{"temperature": -1}', /a JSON object/],
    ['{"temprature": 1}', /no quantity temprature: use temperature,/],
  ] as const)
    assert.match(String(await check(`checkThresholds(${JSON.stringify(invalid)})`)), reason);

  for (const valid of ['', ' simulator ', 'emulator', '/dev/i2c-1', '${NAME}'])
    assert.equal(await check(`checkDevice(${JSON.stringify(valid)})`), true, valid);
  for (const invalid of ['Simulator', 'i2c-1', '1'])
    assert.match(String(await check(`checkDevice(${JSON.stringify(invalid)})`)), /a path such as/, invalid);

  const none = page.locator('#sense-sensors-none');
  const environment = page.locator('#node-input-environment');
  await environment.uncheck();
  await none.getByText('Turn on at least one of these').waitFor();
  await page.locator('#node-input-environment.input-error').waitFor();
  await page.locator('#node-input-motion').check();
  await none.filter({ hasText: /^$/ }).waitFor({ state: 'attached' });
  await page.locator('#node-input-environment:not(.input-error)').waitFor();
  await page.locator('#node-input-motion').uncheck();
  await environment.check();
  for (const [kinds, valid] of [
    ['{ id: 1 }', true],
    ['{ id: 1, environment: false }', false],
    ["{ id: 1, environment: false, colour: '${COLOUR}' }", true],
  ] as const)
    assert.equal((await check(`checkKinds(${kinds})`)) === true, valid, kinds);

  const factor = page.locator('#node-input-correctionFactor');
  const result = page.locator('#sense-sensors-result');
  assert.equal(await page.locator('#node-input-byAtLeast').isVisible(), false);
  await page.locator('#sense-sensors-room').fill('21,5');
  await page.locator('#sense-sensors-compute').click();
  await result.filter({ hasText: '✗ there is no Sense HAT here' }).waitFor();
  assert.equal(await factor.inputValue(), '1.5');

  const asked: unknown[] = [];
  await page.route('**/sense-sensors/room', (route) => {
    asked.push(route.request().postDataJSON());
    return route.fulfill({ json: { factor: 1.48, measured: 35, cpu: 55.04 } });
  });
  await page.locator('#sense-sensors-compute:enabled').click();
  await result.filter({ hasText: '✓ The HAT measures 35.0 °C, the processor 55.0 °C.' }).waitFor();
  assert.deepEqual(asked, [{ id: 'sensors', room: '21.5', device: 'simulator' }]);
  assert.equal(await factor.inputValue(), '1.48');
  await page.locator('#sense-sensors-room').fill('21.5');
  if (pictures) await page.locator('.sense-sensors-more summary').click();
  await takePicture(page, 'sense-sensors');
  await page.locator('#node-dialog-ok').click();
  await page.locator('#dialog-form').waitFor({ state: 'detached' });
  assert.equal(await page.evaluate("RED.nodes.node('sensors').correctionFactor"), '1.48');
  assert.deepEqual(problems, []);
});
