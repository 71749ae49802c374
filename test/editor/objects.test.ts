import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { startNodeRed } from '../../scripts/node-red';
import { closeDialog, openDialog, pictures, startEditor, takePicture } from '../support/browser';
import { startJetStream } from '../support/jetstream-server';
import { nodeDefaults } from '../support/node-defaults';
import { problemsOf } from '../support/page-problems';

test('the dialog of an object has few fields at first, and only those of its action', async (t) => {
  const { url: servers } = await startJetStream(t);
  const nodeRed = await startNodeRed([
    { id: 'tab', type: 'tab', label: 'Objects' },
    { ...nodeDefaults('nats-config'), id: 'server', type: 'nats-config', servers },
    {
      ...{ ...nodeDefaults('nats-object'), id: 'object', type: 'nats-object', server: 'server', bucket: 'PICTURES' },
      ...{ z: 'tab', x: 200, y: 60, wires: [] },
    },
  ]);
  t.after(nodeRed.stop);
  const page = await startEditor(t, nodeRed.url);
  const problems = problemsOf(page);
  const field = (name: string) => page.locator(`#node-input-${name}`);
  await openDialog(page, 'object');
  const rows = await page.locator('#dialog-form > .form-row:visible').count();
  assert(rows > 4 && rows <= 8, `${rows} rows`);
  await takePicture(page, 'nats-object');
  await page.locator('#dialog-form summary').click();
  await field('create').waitFor({ state: 'hidden' });
  await field('action').selectOption('put');
  for (const name of ['create', 'storage', 'replicas', 'largestBytes', 'timeoutMs', 'domain'])
    await field(name).waitFor();
  await field('output').waitFor({ state: 'hidden' });
  if (pictures) await page.screenshot({ path: join(pictures, 'nats-object-put.png') });
  await field('action').selectOption('list');
  for (const name of ['object', 'output', 'create', 'largestBytes']) await field(name).waitFor({ state: 'hidden' });
  for (const [name, bad, good] of [
    ['bucket', 'a.b', 'MY-files_1'],
    ['timeoutMs', '0', '100'],
    ['bucket', '', '${BUCKET}'],
  ] as const) {
    await field(name).fill(bad);
    await field(name).blur();
    await page.locator(`#node-input-${name}.input-error`).waitFor();
    await field(name).fill(good);
    await field(name).blur();
    await page.locator(`#node-input-${name}:not(.input-error)`).waitFor();
  }
  await closeDialog(page, 'ok');
  assert.deepEqual(problems, []);
});
