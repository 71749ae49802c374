import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startNatsServer } from '../../scripts/nats-server';
import { startNodeRed } from '../../scripts/node-red';
import { clickDeploy, openEditor, startBrowser } from '../support/browser';
import { nodeDefaults } from '../support/node-defaults';

const TYPES = [
  'nats-publish',
  'nats-subscribe',
  'nats-queue-subscribe',
  'nats-request',
  'nats-respond',
  'sense-led',
  'sense-joystick',
];

/** Where to save pictures of the dialogs, for a look: PICTURES=/tmp npm run test:e2e */
const pictures = process.env.PICTURES;

test('each dialog opens with its texts, and saves what it was given', async (t) => {
  const server = await startNatsServer();
  t.after(() => server.stop());
  const config = { id: 'server', type: 'nats-config', ...nodeDefaults('nats-config') };
  const nodes = TYPES.map((type, index) => ({
    id: type,
    type,
    z: 'tab',
    x: 200,
    y: 60 + 100 * index,
    wires: [],
    ...nodeDefaults(type),
    ...(type.startsWith('nats-') && { server: 'server' }),
    ...(/subscribe/.test(type) && { subject: 'a.b' }),
    ...(type === 'nats-queue-subscribe' && { queue: 'q' }),
  }));
  const nodeRed = await startNodeRed([{ id: 'tab', type: 'tab', label: 'Dialogs' }, config, ...nodes]);
  t.after(nodeRed.stop);
  const browser = await startBrowser();
  t.after(() => browser.close());
  const page = await openEditor(browser, nodeRed.url);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['warning', 'error'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));

  const assertTexts = async (form: string) => {
    await page.locator(form).waitFor();
    const text = await page.locator(form).textContent();
    // A key that has no text is shown raw.
    assert.doesNotMatch(
      text ?? '',
      /\b(label|tab|presence|unit|common|output|whenDown|mode|auth|unit|replies|busy|placeholder)\.\w/,
    );
    assert.doesNotMatch(text ?? '', /natshat/);
  };
  for (const type of TYPES) {
    await page.locator(`[id="${type}"] > rect.red-ui-flow-node`).dblclick();
    await assertTexts('#dialog-form');
    assert.equal(await page.locator('#dialog-form .input-error').count(), 0, `${type} has an invalid field`);
    await page.waitForTimeout(pictures ? 400 : 0);
    if (pictures) await page.screenshot({ path: `${pictures}/${type}.png` });
    if (type === 'nats-publish') {
      await page.locator('#node-input-btn-server-edit').click();
      await assertTexts('#node-config-dialog-edit-form');
      await page.locator('#node-config-input-servers').fill('nats://127.0.0.1:1');
      await page.locator('#nats-config-test').click();
      await page.locator('#nats-config-test-result', { hasText: 'connection refused' }).waitFor();
      await page.locator('#node-config-input-servers').fill(server.url);
      await page.locator('#nats-config-test').click();
      await page.locator('#nats-config-test-result', { hasText: 'Without JetStream' }).waitFor();
      if (pictures) await page.screenshot({ path: `${pictures}/nats-config-connection.png` });
      await page.locator('a[href="#nats-config-tab-security"]').click();
      await page.locator('#node-config-input-auth').selectOption('user');
      await page.locator('#node-config-input-password').waitFor();
      await page.waitForTimeout(pictures ? 400 : 0);
      if (pictures) await page.screenshot({ path: `${pictures}/nats-config.png` });
      await page.locator('#node-config-dialog-cancel').click();
      await page.locator('#node-input-subject').fill('a..b');
      await page.keyboard.press('Tab');
      await page.locator('#node-input-subject.input-error').waitFor();
      await page.locator('#node-input-subject').fill('a.b');
    }
    if (type === 'nats-subscribe') {
      await page.locator('#node-input-mode').selectOption('dynamic');
      await page.locator('#node-input-subject').waitFor({ state: 'hidden' });
      await page.locator('#node-input-batchMs').waitFor({ state: 'hidden' });
      await page.locator('#node-input-batch').fill('100');
      await page.keyboard.press('Tab');
      await page.locator('#node-input-batchMs').waitFor();
    }
    await page.locator('#node-dialog-ok').click();
    await page.locator('#dialog-form').waitFor({ state: 'detached' });
  }
  assert.equal(
    await page.locator('[id="nats-subscribe"] .red-ui-flow-port-input').count(),
    1,
    'the dynamic mode has an input',
  );

  await clickDeploy(page, nodeRed);
  const flows = (await (await fetch(`${nodeRed.url}flows`)).json()) as { id: string; [property: string]: unknown }[];
  assert.equal(flows.find(({ id }) => id === 'nats-publish')?.subject, 'a.b');
  const subscribe = flows.find(({ id }) => id === 'nats-subscribe');
  assert.deepEqual([subscribe?.inputs, subscribe?.batch], [1, '100']);
  assert.deepEqual(complaints, []);
});
