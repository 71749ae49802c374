import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startNodeRed } from '../../scripts/node-red';
import {
  clickDeploy,
  closeDialog,
  fillIn,
  openConfigDialog,
  openDialog,
  startEditor,
  takePicture,
} from '../support/browser';
import { nodeDefaults } from '../support/node-defaults';
import { problemsOf } from '../support/page-problems';

const FORM = '#dialog-form';
const CONFIG_FORM = '#node-config-dialog-edit-form';

/** An editor with an endpoint, a node that is none, and one that answers. */
async function start(t: TestContext) {
  const place = { z: 'tab', x: 200, wires: [] };
  const nodeRed = await startNodeRed([
    { id: 'tab', type: 'tab', label: 'Services' },
    { ...nodeDefaults('nats-config'), id: 'server', type: 'nats-config', servers: 'nats://127.0.0.1:1' },
    {
      ...nodeDefaults('nats-service'),
      ...{ id: 'service', type: 'nats-service', server: 'server', service: 'rooms' },
      ...{ description: 'the climate of rooms', metadata: '{"region": "eu"}' },
    },
    ...['endpoint', 'plain'].map((id, index) => ({
      ...nodeDefaults('nats-queue-subscribe'),
      ...{ id, type: 'nats-queue-subscribe', server: 'server', subject: 'rooms.get', ...place, y: 60 + 80 * index },
      ...(id === 'endpoint' ? { name: 'get', service: 'service' } : { queue: 'workers' }),
    })),
    { ...nodeDefaults('nats-respond'), id: 'answer', type: 'nats-respond', server: 'server', ...place, y: 220 },
  ]);
  t.after(nodeRed.stop);
  const page = await startEditor(t, nodeRed.url);
  return { nodeRed, page, problems: problemsOf(page) };
}

test('the dialogs of services', async (t) => {
  const { nodeRed, page, problems } = await start(t);

  await t.test('an endpoint needs no queue group, and its dialog shows its service', async () => {
    await openDialog(page, 'endpoint');
    assert.equal(await page.locator(`${FORM} .input-error`).count(), 0);
    await page.locator('#node-input-endpoint').waitFor();
    assert.equal(await page.locator('#node-input-queue').getAttribute('placeholder'), 'q');
    await takePicture(page, 'nats-queue-subscribe');
    await fillIn(page, 'node-input-endpoint', 'a.b', false);
    await fillIn(page, 'node-input-endpoint', '${NAME}', true);
    await fillIn(page, 'node-input-endpoint', 'read', true);
    await closeDialog(page, 'cancel');
  });

  await t.test('a node that is no endpoint hides what belongs to one', async () => {
    await openDialog(page, 'plain');
    await page.locator('#node-input-service').waitFor({ state: 'hidden' });
    const rows = await page.locator(`${FORM} > .form-row:visible`).count();
    assert(rows > 5 && rows <= 8, `${rows} rows`);
    await page.locator(`${FORM} summary`).click();
    await page.locator('#node-input-service').waitFor();
    await page.locator('#node-input-endpoint').waitFor({ state: 'hidden' });
    await fillIn(page, 'node-input-queue', '', false);
    await page.locator('#node-input-service').selectOption('service');
    await page.locator('#node-input-endpoint').waitFor();
    await page.locator('#node-input-queue:not(.input-error)').waitFor();
    await fillIn(page, 'node-input-name', 'set', true);
    await page.locator('#node-input-endpoint:not(.input-error)').waitFor();
    await closeDialog(page, 'ok');
    assert.deepEqual(await page.evaluate("(({ service, valid }) => [service, valid])(RED.nodes.node('plain'))"), [
      'service',
      true,
    ]);
  });

  await t.test('a dynamic subscription cannot be an endpoint', async () => {
    await openDialog(page, 'plain');
    await page.locator('#node-input-mode').selectOption('dynamic');
    for (const field of ['service', 'endpoint'])
      await page.locator(`#node-input-${field}`).waitFor({ state: 'hidden' });
    await closeDialog(page, 'ok');
    assert.deepEqual(
      await page.evaluate("(({ service, mode, valid }) => [service, mode, valid])(RED.nodes.node('plain'))"),
      ['', 'dynamic', true],
    );
  });

  await t.test('the fields of a service are checked', async () => {
    await openDialog(page, 'endpoint');
    await openConfigDialog(page, 'service');
    assert.equal(await page.locator(`${CONFIG_FORM} .input-error`).count(), 0);
    await takePicture(page, 'nats-service');
    const cases: [field: string, values: string[], invalid: string[]][] = [
      ['service', ['rooms-2_b', '${NAME}'], ['', 'a room', 'a.b']],
      ['version', ['1.0.0-rc.1+5', '', '${NAME}', '0.1.0'], ['1.0', 'v1.0.0', '01.0.0']],
      ['metadata', ['{"region": "eu"}', '', '${NAME}'], ['{', '[]', '{"rack": 7}']],
    ];
    for (const [field, valid, invalid] of cases) {
      for (const value of [...invalid, ...valid])
        await fillIn(page, `node-config-input-${field}`, value, valid.includes(value));
    }
    await closeDialog(page, 'cancel', 'node-config');
    await closeDialog(page, 'cancel');
  });

  await t.test('when an answer is an error is a further field, and is saved', async () => {
    await openDialog(page, 'answer');
    await page.locator('#node-input-serviceError').waitFor({ state: 'hidden' });
    await page.locator(`${FORM} summary`).click();
    await takePicture(page, 'nats-respond');
    await page.locator('#node-input-serviceError').selectOption('always');
    await closeDialog(page, 'ok');
    await openDialog(page, 'answer');
    await page.locator('#node-input-serviceError').waitFor();
    await closeDialog(page, 'cancel');
    await clickDeploy(page, nodeRed);
    const flows = (await (await fetch(`${nodeRed.url}flows`)).json()) as { id: string; serviceError?: string }[];
    assert.equal(flows.find(({ id }) => id === 'answer')?.serviceError, 'always');
  });

  assert.deepEqual(problems, []);
});
