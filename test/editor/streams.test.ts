import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Page } from 'playwright-core';
import { startNodeRed } from '../../scripts/node-red';
import { closeDialog, fillIn, openConfigDialog, openDialog, startEditor, takePicture } from '../support/browser';
import { startJetStream } from '../support/jetstream-server';
import { nodeDefaults } from '../support/node-defaults';
import { problemsOf } from '../support/page-problems';
import { startPeer } from '../support/peer';

const CONFIG_FORM = '#node-config-dialog-edit-form';

/** An editor with a consuming and an acknowledging node, and a server with a stream that has messages. */
async function start(t: TestContext) {
  const server = await startJetStream(t);
  const { nc } = await startPeer(t, server.url);
  const ask = (subject: string, body: object) => nc.request(`$JS.API.${subject}`, JSON.stringify(body));
  await ask('STREAM.CREATE.ORDERS', {
    name: 'ORDERS',
    subjects: ['orders.>'],
    duplicate_window: 120e9,
    discard: 'new',
  });
  const config = { durable_name: 'shipping', ack_policy: 'explicit' };
  await ask('CONSUMER.DURABLE.CREATE.ORDERS.shipping', { stream_name: 'ORDERS', config });
  for (let i = 0; i < 1204; i++) nc.publish('orders.new', `order ${i}`);
  await nc.flush();

  const place = { z: 'tab', x: 200, wires: [] };
  const nodeRed = await startNodeRed([
    { id: 'tab', type: 'tab', label: 'Streams' },
    { ...nodeDefaults('nats-config'), id: 'server', type: 'nats-config', servers: server.url },
    {
      ...nodeDefaults('nats-stream'),
      ...{ id: 'stream', type: 'nats-stream', server: 'server', stream: 'ORDERS', subjects: 'orders.>' },
    },
    { ...nodeDefaults('nats-consume'), id: 'consume', type: 'nats-consume', stream: 'stream', ...place, y: 60 },
    { ...nodeDefaults('nats-ack'), id: 'ack', type: 'nats-ack', server: 'server', ...place, y: 140 },
  ]);
  t.after(nodeRed.stop);
  const page = await startEditor(t, nodeRed.url);
  return { page, problems: problemsOf(page) };
}

async function openStream(page: Page): Promise<void> {
  await openDialog(page, 'consume');
  await openConfigDialog(page, 'stream');
}

test('the dialogs of streams', async (t) => {
  const { page, problems } = await start(t);

  await t.test('a look shows what the stream with the typed name has, or why there is no answer', async () => {
    await openStream(page);
    const result = page.locator('#nats-stream-look-result');
    await page.locator('#node-config-input-stream').fill('OTHER');
    await page.locator('#nats-stream-look').click();
    await result.filter({ hasText: '✗ OTHER: there is no such stream' }).waitFor();
    await page.locator('#node-config-input-stream').fill('ORDERS');
    await page.locator('#nats-stream-look').click();
    await result.filter({ hasText: '✓ Subjects: orders.>' }).waitFor();
    const text = await result.innerText();
    assert.match(text, /^1,204 messages, [\d,]+ bytes$/m);
    assert.match(text, /^Oldest message: /m);
    assert.match(text, /^Consumer shipping: 1,204 pending, 0 unacknowledged$/m);
    await page.locator('#nats-stream-look:enabled').waitFor();
    await takePicture(page, 'nats-stream');
    await closeDialog(page, 'cancel', 'node-config');
    await closeDialog(page, 'cancel');
    assert.deepEqual(problems, []);
  });

  await t.test('a look of someone without the right to deploy says so', async () => {
    await page.route('**/nats-stream/look', (route) => route.fulfill({ status: 401, body: 'Unauthorized' }));
    await openStream(page);
    await page.locator('#nats-stream-look').click();
    await page.locator('#nats-stream-look-result', { hasText: '✗ You need permission to deploy' }).waitFor();
    await closeDialog(page, 'cancel', 'node-config');
    await closeDialog(page, 'cancel');
    assert.match(problems.pop() ?? '', /401/);
  });

  await t.test('the time of a redelivery matters only where a message comes again', async () => {
    await openDialog(page, 'ack');
    await page.locator('#node-input-delayMs').waitFor({ state: 'hidden' });
    await takePicture(page, 'nats-ack');
    await page.locator('#node-input-verdict').selectOption('again');
    await fillIn(page, 'node-input-delayMs', '-1', false);
    await fillIn(page, 'node-input-delayMs', '500', true);
    await closeDialog(page, 'ok');
    await page.locator('[id="ack"]', { hasText: 'deliver again' }).waitFor();
  });

  await t.test('there are few fields at first, and further ones show if they are not as in a new node', async () => {
    await openStream(page);
    await page.locator('#node-config-input-maxBytes').waitFor({ state: 'hidden' });
    await page.locator(`${CONFIG_FORM} summary`).click();
    await page.locator('#node-config-input-maxBytes').fill('5000000');
    await closeDialog(page, 'ok', 'node-config');
    await openConfigDialog(page, 'stream');
    await page.locator('#node-config-input-maxBytes').waitFor();
    await closeDialog(page, 'cancel', 'node-config');

    await page.locator('#node-input-giveUpAfter').waitFor({ state: 'hidden' });
    const rows = await page.locator('#dialog-form > .form-row:visible').count();
    assert(rows > 5 && rows <= 9, `${rows} rows`);
    await takePicture(page, 'nats-consume');
    await page.locator('#dialog-form summary').click();
    for (const name of ['mayTakeS', 'giveUpAfter', 'giveUpTo', 'batch']) {
      await page.locator(`#node-input-${name}`).waitFor();
    }
    await page.locator('#node-input-ack').selectOption('sent');
    await page.locator('#node-input-mayTakeS').waitFor({ state: 'hidden' });
    await page.locator('#node-input-durable').waitFor();
    await page.locator('#node-input-giveUpAfter').fill('3');
    await closeDialog(page, 'ok');
    await openDialog(page, 'consume');
    await page.locator('#node-input-giveUpAfter').waitFor();
    await closeDialog(page, 'cancel');
  });

  await t.test('the fields of a consuming node are checked where they matter', async () => {
    await openDialog(page, 'consume');
    const cases: [field: string, values: string[], invalid: string[]][] = [
      ['subjects', ['orders.>, bills', '>', ''], ['orders.>, a..b']],
      ['durable', ['shipping', '${NAME}', ''], ['a.b']],
      ['atOnce', ['1', '${AT_ONCE}', ''], ['0', '2.5']],
    ];
    for (const [field, valid, invalid] of cases) {
      for (const value of [...invalid, ...valid])
        await fillIn(page, `node-input-${field}`, value, valid.includes(value));
    }
    await page.locator('#node-input-since').waitFor({ state: 'hidden' });
    await page.locator('#node-input-start').selectOption('since');
    await page.locator('#node-input-since').fill('yesterday');
    await closeDialog(page, 'ok');
    await openDialog(page, 'consume');
    await page.locator('#node-input-since.input-error').waitFor();
    await fillIn(page, 'node-input-since', '24h', true);
    await page.locator('#node-input-ack').selectOption('none');
    await page.locator('#node-input-durable').waitFor({ state: 'hidden' });
    await closeDialog(page, 'cancel');
  });

  await t.test('the fields of a stream are checked', async () => {
    await openStream(page);
    const cases: [field: string, value: string, isValid: boolean][] = [
      ['stream', 'a.b', false],
      ['stream', '', false],
      ['stream', '${NAME}', true],
      ['subjects', 'a.>, b.*\nc', true],
      ['subjects', 'a..b', false],
      ['subjects', 'a, >', false],
      ['subjects', '', true],
      ['domain', 'a b', false],
      ['domain', 'leaf', true],
      ['replicas', '6', false],
      ['replicas', '3', true],
      ['maxAgeS', '-1', false],
      ['maxAgeS', '0.5', true],
      ['maxBytes', '5000000000', true],
      ['maxMessages', '1.5', false],
      ['duplicateWindowS', '0', false],
      ['duplicateWindowS', '${WINDOW}', true],
    ];
    for (const [field, value, isValid] of cases) {
      await fillIn(page, `node-config-input-${field}`, value, isValid);
    }
    await closeDialog(page, 'cancel', 'node-config');
    await closeDialog(page, 'cancel');
  });

  await t.test('a time to start from is a date or a duration', async () => {
    const valid = ['24h', '90m', '1h30m', '1.5d', '2025-01-31', '2025-01-31T08:00:00Z', '${SINCE}'];
    const invalid = ['', 'yesterday', '24', '24 h', '5ms', '31.01.2025', '2025-13-31T08:00:00Z'];
    for (const value of [...valid, ...invalid]) {
      const checked = await page.evaluate(`natshat.checkSince(${JSON.stringify(value)})`);
      assert.equal(checked === true, valid.includes(value), value);
    }
  });
});
