import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startNodeRed } from '../../scripts/node-red';
import { clickDeploy, clickInject, startEditor } from '../support/browser';
import { deviceFile } from '../support/device-file';
import { coloursOf, waitForColours } from '../support/matrix';
import { problemsOf } from '../support/page-problems';

test('the Sense HAT tab shows every display in use, its content and its queue', async (t) => {
  const device = deviceFile(t);
  const inject = { type: 'inject', z: 'tab', x: 100, repeat: '', props: [{ p: 'payload' }] };
  const nodeRed = await startNodeRed([
    { id: 'tab', type: 'tab', label: 'Display' },
    { id: 'hat', type: 'sense-led', z: 'tab', x: 300, y: 100, secondsPerColumn: 60, wires: [[]] },
    { id: 'file', type: 'sense-led', z: 'tab', x: 300, y: 300, device, preview: false, wires: [[]] },
    // Catches the errors of messages that a deploy ends.
    { id: 'caught', type: 'catch', z: 'tab', x: 500, y: 100, scope: null, wires: [[]] },
    { ...inject, id: 'say', y: 100, payload: '<b>Hello</b> $t(panel.hat)', payloadType: 'str', wires: [['hat']] },
    { ...inject, id: 'draw', y: 300, payload: '[{"fill":"teal"}]', payloadType: 'json', wires: [['file']] },
  ]);
  t.after(nodeRed.stop);
  const page = await startEditor(t, nodeRed.url);
  const problems = problemsOf(page);
  await page.evaluate("RED.sidebar.show('sense-hat')");
  const hat = page.locator('.sense-hat-display', { has: page.getByText('Sense HAT', { exact: true }) });
  const file = page.locator('.sense-hat-display', { has: page.getByText(device, { exact: true }) });
  const shows = (card: typeof hat, text: string) => card.getByText(`Shows: ${text}`, { exact: true }).waitFor();
  const waits = (card: typeof hat, count: number) => card.getByText(`Messages waiting: ${count}`).waitFor();

  await shows(hat, 'nothing');
  await waits(hat, 0);
  await clickInject(page, 'say');
  await shows(hat, '“<b>Hello</b> $t(panel.hat)”');
  await clickInject(page, 'say');
  await clickInject(page, 'say');
  await waits(hat, 2);
  await clickInject(page, 'draw');
  await shows(file, 'commands');
  await waits(file, 0);
  const teal = coloursOf(readFileSync(device));
  assert.equal(new Set(teal).size, 1);
  await waitForColours(page, `.sense-hat-display[data-display="${encodeURIComponent(device)}"]`, teal);
  assert.equal(await page.locator('.sense-led-preview').count(), 1, 'the other node has no preview');

  await page.reload();
  await page.locator('.red-ui-flow-node').first().waitFor();
  await page.evaluate("RED.sidebar.show('sense-hat')");
  await waits(hat, 2);
  await waitForColours(page, `.sense-hat-display[data-display="${encodeURIComponent(device)}"]`, teal);

  for (const id of ['hat', 'file']) {
    await page.locator(`[id="${id}"] > rect.red-ui-flow-node`).click();
    await page.keyboard.press('Delete');
  }
  await clickDeploy(page, nodeRed);
  await page.getByText('No display yet.').waitFor();
  assert.equal(await page.locator('.sense-hat-display').count(), 0);

  const enable = (enabled: boolean) =>
    fetch(`${nodeRed.url}nodes/@natshat/node-red/sense-led`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ enabled }),
    });
  await enable(false);
  await page.locator('.sense-hat-panel').waitFor({ state: 'detached' });
  await enable(true);
  await page.locator('.sense-hat-panel').waitFor({ state: 'attached' });
  await page.evaluate("RED.sidebar.show('sense-hat')");
  await page.getByText('No display yet.').waitFor();
  assert.deepEqual(await page.evaluate(retained), [], 'nothing is kept for later editors');
  assert.deepEqual(problems, []);
});

test('a burst of messages is published at most ten times a second', async (t) => {
  const states: { queued: number }[] = [];
  const times: number[] = [];
  const onComms = ({ topic, data }: { topic: string; data: { queued: number } }) => {
    if (topic !== 'sense-led/state/hat') return;
    states.push(data);
    times.push(performance.now());
  };
  const nodeRed = await startNodeRed(
    [
      { id: 'tab', type: 'tab', label: 'Display' },
      { id: 'led', type: 'sense-led', z: 'tab', x: 300, y: 100, secondsPerColumn: 60, wires: [[]] },
      { id: 'say', type: 'inject', z: 'tab', props: [{ p: 'payload' }], payload: 'Hello', wires: [['many']] },
      { id: 'many', type: 'function', z: 'tab', func: SEND_MANY, wires: [['led']] },
      { id: 'caught', type: 'catch', z: 'tab', x: 500, y: 100, scope: null, wires: [[]] },
    ],
    { listeners: { comms: onComms } },
  );
  t.after(nodeRed.stop);
  await fetch(`${nodeRed.url}inject/say`, { method: 'POST' });
  const isOver = () => states.at(-1)?.queued === 299;
  while (!isOver()) await new Promise((resolve) => nodeRed.app.events.once('comms', resolve));
  const gaps = times.slice(1).map((at, index) => at - (times[index] as number));
  assert(
    gaps.every((gap) => gap > 90),
    gaps.join(),
  );
  assert(states.length < 100, `${states.length} messages`);
});

/** 300 messages, a few at a time. */
const SEND_MANY = `
  let sent = 0;
  const timer = setInterval(() => {
    for (let n = 0; n < 5; n++) node.send({ payload: 'Hello' });
    sent += 5;
    if (sent === 300) clearInterval(timer);
  }, 10);
`;

/** Runs in the page: the retained topics of displays, which a new editor receives before the state of the runtime. */
function retained(): Promise<string[]> {
  const { location, WebSocket } = globalThis as unknown as Window;
  return new Promise((resolve) => {
    const topics: string[] = [];
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/comms`);
    socket.onopen = () => {
      for (const subscribe of ['sense-led/#', 'notification/#']) socket.send(JSON.stringify({ subscribe }));
    };
    socket.onmessage = ({ data }) => {
      topics.push(...JSON.parse(data).map(({ topic }: { topic: string }) => topic));
      if (!topics.includes('notification/runtime-state')) return;
      socket.close();
      resolve(topics.filter((topic) => topic.startsWith('sense-led/')));
    };
  });
}

interface Window {
  location: { origin: string };
  WebSocket: new (url: string) => Socket;
}

interface Socket {
  onopen(): void;
  onmessage(event: { data: string }): void;
  send(data: string): void;
  close(): void;
}
