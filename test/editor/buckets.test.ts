import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Page } from 'playwright-core';
import { startNodeRed } from '../../scripts/node-red';
import { closeDialog, openDialog, pictures, startEditor } from '../support/browser';
import { nodeDefaults } from '../support/node-defaults';
import { problemsOf } from '../support/page-problems';

/** An editor with a node that uses a bucket and one that watches it. */
async function start(t: TestContext) {
  const place = { z: 'tab', x: 200, wires: [], server: 'server', bucket: 'settings' };
  const nodeRed = await startNodeRed([
    { id: 'tab', type: 'tab', label: 'Buckets' },
    { ...nodeDefaults('nats-config'), id: 'server', type: 'nats-config' },
    { ...nodeDefaults('nats-kv'), id: 'kv', type: 'nats-kv', ...place, y: 60 },
    { ...nodeDefaults('nats-kv-watch'), id: 'watch', type: 'nats-kv-watch', ...place, y: 140 },
  ]);
  t.after(nodeRed.stop);
  const page = await startEditor(t, nodeRed.url);
  return { page, problems: problemsOf(page) };
}

/** A picture of the open dialog for the guide, if pictures are wanted. */
async function takePicture(page: Page, name: string): Promise<void> {
  if (pictures)
    await page
      .locator('.red-ui-tray')
      .last()
      .screenshot({ path: join(pictures, `${name}.png`) });
}

/** Whether the editor takes a value of a field. */
async function isValid(page: Page, name: string, value: string): Promise<boolean> {
  const field = page.locator(`#node-input-${name}`);
  await field.fill(value);
  await field.dispatchEvent('change');
  return !(await field.getAttribute('class'))?.includes('input-error');
}

test('the dialog of a bucket shows what matters for the action, and checks keys', async (t) => {
  const { page, problems } = await start(t);
  await openDialog(page, 'kv');
  const rows = await page.locator('#dialog-form > .form-row:visible').count();
  assert(rows > 4 && rows <= 8, `${rows} rows`);
  await page.locator('#node-input-history').waitFor({ state: 'hidden' });
  await page.locator('#node-input-action').selectOption('create');
  await page.locator('#node-input-output').waitFor({ state: 'hidden' });
  await page.locator('#dialog-form summary').click();
  for (const name of ['domain', 'timeoutMs', 'history', 'lifetimeS', 'storage', 'replicas']) {
    await page.locator(`#node-input-${name}`).waitFor();
  }
  await page.locator('#node-input-action').selectOption('put');
  await page.locator('#node-input-timeoutMs').waitFor({ state: 'hidden' });
  await takePicture(page, 'nats-kv');
  await page.locator('#node-input-create').uncheck();
  await page.locator('#node-input-history').waitFor({ state: 'hidden' });
  const values: [action: string, name: string, value: string, isValid: boolean][] = [
    ['get', 'key', 'room.1/led', true],
    ['get', 'key', 'room.*', false],
    ['get', 'key', 'a b', false],
    ['get', 'key', '', true],
    ['get', 'key', '${KEY}', true],
    ['keys', 'key', 'room.*', true],
    ['keys', 'key', 'room.>', true],
    ['keys', 'key', 'room.', false],
    ['get', 'bucket', 'a.b', false],
    ['get', 'bucket', '', false],
    ['get', 'bucket', 'settings', true],
  ];
  for (const [action, name, value, expected] of values) {
    await page.locator('#node-input-action').selectOption(action);
    // The editor checks the saved node with its other fields.
    await page.locator(`#node-input-${name}`).fill(value);
    await closeDialog(page, 'ok');
    const node = await page.evaluate<{ valid: boolean; validationErrors?: unknown }>(
      `(({ valid, validationErrors }) => ({ valid, validationErrors }))(RED.nodes.node('kv'))`,
    );
    assert.equal(node.valid, expected, `${action} ${name} ${value}: ${JSON.stringify(node.validationErrors)}`);
    await openDialog(page, 'kv');
    if (name === 'key') await page.locator('#node-input-key').fill('');
  }
  await closeDialog(page, 'ok');
  assert.deepEqual(problems, []);
});

test('the dialog of a watch has few fields, and checks the keys', async (t) => {
  const { page, problems } = await start(t);
  await openDialog(page, 'watch');
  const rows = await page.locator('#dialog-form > .form-row:visible').count();
  assert(rows > 4 && rows <= 8, `${rows} rows`);
  await takePicture(page, 'nats-kv-watch');
  for (const [value, expected] of [
    ['>', true],
    ['room.*, hall.>', true],
    ['', true],
    ['room.', false],
    ['a b', false],
  ] as const) {
    assert.equal(await isValid(page, 'keys', value), expected, value);
  }
  await page.locator('#node-input-keys').fill('>');
  await closeDialog(page, 'ok');
  assert.deepEqual(problems, []);
});
