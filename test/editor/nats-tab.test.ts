import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Page } from 'playwright-core';
import { startNodeRed } from '../../scripts/node-red';
import { openEditor, pictures, startBrowser } from '../support/browser';
import { startJetStream } from '../support/jetstream-server';
import { nodeDefaults } from '../support/node-defaults';
import { problemsOf } from '../support/page-problems';
import { type Peer, startPeer } from '../support/peer';

/** A server with a stream, a bucket and a service, and a flow that uses it. */
async function start(t: TestContext) {
  const server = await startJetStream(t, 'server_name: ada');
  const peer = await startPeer(t, server.url);
  await fill(peer);
  const nodeRed = await startNodeRed([
    { id: 'tab', type: 'tab', label: 'Plant' },
    { ...nodeDefaults('nats-config'), id: 'server', type: 'nats-config', name: 'plant', servers: server.url },
    { ...nodeDefaults('nats-config'), id: 'other', type: 'nats-config', name: 'spare', servers: server.url },
    {
      ...nodeDefaults('nats-subscribe'),
      ...{ id: 'in', type: 'nats-subscribe', z: 'tab', server: 'server', subject: 'used', x: 200, y: 100, wires: [[]] },
    },
  ]);
  t.after(nodeRed.stop);
  const browser = await startBrowser();
  t.after(() => browser.close());
  return { server, peer, nodeRed, browser };
}

async function fill({ nc, answer }: Peer): Promise<void> {
  const api = (subject: string, body: object) => nc.request(`$JS.API.${subject}`, JSON.stringify(body));
  await api('STREAM.CREATE.READINGS', { name: 'READINGS', subjects: ['plant.>'] });
  const config = { durable_name: 'store', ack_policy: 'explicit' };
  await api('CONSUMER.DURABLE.CREATE.READINGS.store', { stream_name: 'READINGS', config });
  const bucket = {
    name: 'KV_settings',
    subjects: ['$KV.settings.>'],
    max_msgs_per_subject: 1,
    allow_rollup_hdrs: true,
  };
  await api('STREAM.CREATE.KV_settings', bucket);
  await nc.request('$KV.settings.colour', 'red');
  await nc.request('plant.hall.temperature', '{"celsius":21.5}');
  await nc.request('plant.hall.humidity', '{"percent":40}');
  const endpoint = { name: 'add', subject: 'add', num_requests: 12, num_errors: 1, average_processing_time: 3_500_000 };
  const stats = { name: 'adder', id: 'A1', version: '1.0.0', endpoints: [endpoint] };
  await answer('$SRV.STATS', (msg) => msg.respond(JSON.stringify(stats)));
}

async function open(page: Page, view: string) {
  await page.evaluate("RED.sidebar.show('nats')");
  await page.getByRole('tab', { name: view, exact: true }).click();
  return page.getByRole('tabpanel', { name: view, exact: true });
}

/** Answers the question that the editor asks before a change. */
async function answer(page: Page, question: RegExp, label: string): Promise<void> {
  const asked = page.locator('.red-ui-notification').filter({ hasText: question }).last();
  await asked.getByRole('button', { name: label, exact: true }).click();
  await asked.waitFor({ state: 'detached' });
}

test('servers, subjects, streams, buckets and services are looked at and changed in the NATS tab', async (t) => {
  const { peer, nodeRed, browser } = await start(t);
  const page = await openEditor(browser, nodeRed.url);
  const problems = problemsOf(page);
  const asked: string[] = [];
  page.on('request', (request) => request.url().includes('nats-tab/') && asked.push(request.url()));
  assert.deepEqual(asked, [], 'nothing is asked while the tab is closed');

  const servers = await open(page, 'Servers');
  const card = servers.locator('li', { hasText: 'plant' });
  await card.getByText('connected').waitFor();
  await card.getByText(/NATS 2\.\d+\.\d+\S* on ada/).waitFor();
  await card.getByText(/In: 0 messages\/s/).waitFor();

  const tail = await open(page, 'Look in');
  await tail.getByRole('textbox', { name: 'Subject' }).first().fill('plant.>');
  await tail.getByRole('combobox', { name: 'Show payloads as' }).selectOption('json');
  await tail.getByRole('button', { name: 'Look', exact: true }).click();
  await tail.getByText(/0 received/).waitFor();
  peer.nc.publish('plant.<b>hall</b>', '{"a":"<i>1</i> $t(panel.title)"}');
  const message = tail.locator('.nats-tab-messages > li', { hasText: 'plant.<b>hall</b>' });
  assert.equal(await message.locator('pre').innerText(), '{\n  "a": "<i>1</i> $t(panel.title)"\n}');
  assert.equal(await tail.locator('b, i:not(.fa)').count(), 0, 'what is shown is text');

  await message.hover();
  peer.nc.publish('plant.attic', 'later');
  await tail.getByText(/2 received/).waitFor();
  const attic = tail.locator('.nats-tab-messages > li', { hasText: 'plant.attic' });
  assert.equal(await attic.count(), 0, 'nothing moves under the pointer');
  await page.mouse.move(0, 0);
  await attic.waitFor();

  await tail.getByRole('button', { name: 'Write a message' }).click();
  await tail.getByRole('textbox', { name: 'Subject' }).last().fill('plant.desk');
  await tail.getByRole('textbox', { name: 'Payload' }).fill('written');
  await tail.getByRole('button', { name: 'Publish', exact: true }).click();
  await answer(page, /Publish this message to plant\.desk\?/, 'Cancel');
  await tail.getByRole('button', { name: 'Publish', exact: true }).click();
  await answer(page, /Publish this message to plant\.desk\?/, 'Publish');
  await tail.getByText('✓ Published.').waitFor();
  const desk = tail.locator('.nats-tab-messages > li', { hasText: 'plant.desk' });
  await desk.getByText('written', { exact: true }).waitFor();
  assert.equal(await desk.count(), 1, 'what was cancelled is not published');

  await tail.getByRole('textbox', { name: 'Subject' }).first().fill('not a subject');
  await tail.getByRole('textbox', { name: 'Subject' }).first().press('Enter');
  await tail.getByText(/✗ "not a subject" is not a valid subject/).waitFor();

  const streams = await open(page, 'Streams');
  const stream = streams.locator('details', { hasText: 'READINGS' });
  await stream.locator('summary').click();
  await stream.getByText(/Consumer store: 5 pending, 0 unacknowledged/).waitFor();
  await stream.getByRole('spinbutton', { name: 'Sequence' }).fill('1');
  await stream.getByRole('button', { name: 'Look at this message' }).click();
  await stream.getByText('{"celsius":21.5}').waitFor();
  await stream.getByRole('button', { name: 'Next message' }).click();
  await stream.getByText('{"percent":40}').waitFor();
  await stream.getByRole('button', { name: 'Delete the consumer store' }).click();
  await answer(page, /Delete the consumer store of the stream READINGS\?/, 'Delete');
  await stream.getByText('No consumers').waitFor();
  await stream.getByRole('button', { name: 'Purge' }).click();
  await answer(page, /Delete all 5 messages of the stream READINGS\?/, 'Purge');
  await stream.getByText(/messages: 0,/).waitFor();

  const buckets = await open(page, 'Buckets');
  const colour = buckets.locator('li', { hasText: 'colour' });
  await colour.getByText('red', { exact: true }).waitFor();
  await peer.nc.request('$KV.settings.colour', 'green');
  await colour.getByText('green', { exact: true }).waitFor();
  await buckets.getByRole('textbox', { name: 'Key', exact: true }).fill('size');
  await buckets.getByRole('textbox', { name: 'Value', exact: true }).fill('8');
  await buckets.getByRole('button', { name: 'Put' }).click();
  await answer(page, /Put this value of size into the bucket settings\?/, 'Put');
  await buckets.locator('li', { hasText: 'size' }).getByText('8', { exact: true }).waitFor();
  await buckets.getByRole('button', { name: 'Delete colour' }).click();
  await answer(page, /Delete colour from the bucket settings\?/, 'Delete');
  await colour.waitFor({ state: 'detached' });

  const services = await open(page, 'Services');
  await page.getByRole('combobox', { name: 'Server', exact: true }).selectOption('spare');
  await services.getByText('add (add): requests 12, errors 1, average 3.5 ms').waitFor();

  const spare = (await open(page, 'Servers')).locator('li', { hasText: 'spare' });
  await spare.getByText('no node uses it').waitFor();

  await page.evaluate("RED.sidebar.show('info')");
  await page.locator('.nats-tab').waitFor({ state: 'hidden' });
  const before = asked.length;
  // Longer than any period in which the tab asks.
  await new Promise((resolve) => setTimeout(resolve, 3500));
  assert(asked.length <= before + 3, `${asked.slice(before)}`);
  assert.deepEqual(problems, []);
});

test('a subject that is seen is subscribed to under the mouse, or by keyboard', async (t) => {
  const { peer, nodeRed, browser } = await start(t);
  const page = await openEditor(browser, nodeRed.url);
  const problems = problemsOf(page);
  const tail = await open(page, 'Look in');
  await tail.getByRole('button', { name: 'Look', exact: true }).click();
  await tail.getByText(/\d+ received/).waitFor();
  peer.nc.publish('hall.light');
  const message = tail.locator('.nats-tab-messages > li', { hasText: 'hall.light' });
  await tail.getByRole('textbox', { name: 'Subject' }).first().focus();
  const subscribe = message.getByRole('button', { name: 'Subscribe to it' });
  const subscribed = () =>
    page.evaluate(
      "RED.nodes.filterNodes({ type: 'nats-subscribe' }).map(({ subject, server, mode, x, y }) => [subject, server, mode, x > 0 && y > 0])",
    );
  await subscribe.focus();
  await page.keyboard.press('Enter');
  const node = ['hall.light', 'server', 'static', true];
  assert.deepEqual(((await subscribed()) as unknown[]).slice(1), [node]);
  await subscribe.click();
  await page.mouse.move(500, 300);
  await page.mouse.move(510, 310);
  await page.mouse.click(510, 310);
  assert.deepEqual(((await subscribed()) as unknown[]).slice(1), [node, node]);
  await page.locator('#red-ui-header-button-deploy:not(.disabled)').waitFor();
  assert.deepEqual(problems, []);
});

test('the tab fits into the sidebar, in both themes and each language', async (t) => {
  const { peer, nodeRed, browser } = await start(t);
  const rooms = ['hall', 'desk', 'attic'];
  let count = 0;
  const timer = setInterval(() => {
    const celsius = 20 + (count % 7) / 2;
    peer.nc.publish(`plant.${rooms[count++ % rooms.length]}.temperature`, JSON.stringify({ celsius }));
  }, 200);
  const looks = [
    {
      name: 'light',
      colorScheme: 'light',
      locale: 'en-US',
      views: ['Servers', 'Look in', 'Streams', 'Buckets', 'Services'],
    },
    { name: 'dark', colorScheme: 'dark', locale: 'en-US', views: ['Servers', 'Look in'] },
    { name: 'de', colorScheme: 'light', locale: 'de', views: ['Server', 'Einblick'] },
    { name: 'ja', colorScheme: 'dark', locale: 'ja', views: ['サーバ', 'のぞく'] },
  ] as const;
  for (const { name, colorScheme, locale, views } of looks) {
    const page = await openEditor(browser, nodeRed.url, {
      colorScheme,
      locale,
      viewport: { width: 1280, height: 700 },
    });
    for (const [index, view] of views.entries()) {
      const pane = await open(page, view);
      if (index === 1) await pane.locator('button', { has: page.locator('.fa-play') }).click();
      await pane.locator('li, details, .nats-tab-result:not(:empty)').first().waitFor();
      if (view === 'Streams') await pane.locator('summary').last().click();
      const overflow = await pane.evaluate((element) => {
        const { scrollWidth, clientWidth } = element as unknown as { scrollWidth: number; clientWidth: number };
        return scrollWidth - clientWidth;
      });
      assert.equal(overflow, 0, `${name} ${view}`);
      if (pictures && name === 'light' && index === 1) {
        await pane.locator('.nats-tab-messages > li').nth(9).waitFor({ state: 'attached' });
        await page.screenshot({ path: join(pictures, 'nats-tab.png') });
      }
    }
    await page.close();
  }
  clearInterval(timer);
});
