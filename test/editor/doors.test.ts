import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Page } from 'playwright-core';
import { startNodeRed } from '../../scripts/node-red';
import { startBrowser } from '../support/browser';
import { deviceFile } from '../support/device-file';
import { nodeDefaults } from '../support/node-defaults';

/** A route, and what a page would send there: as JSON, and as the fields of a form that come to the same. */
interface Target {
  url: string;
  body: object;
  fields: [name: string, value: string][];
}

/** A page of anybody, on a port of its own. */
async function startPage(t: TestContext): Promise<number> {
  const server = createHttpServer((_, response) =>
    response.setHeader('content-type', 'text/html').end('<p>Hello'),
  ).listen();
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Something that a connection test reaches; `count` says how often. */
async function startReached(t: TestContext): Promise<{ port: number; count: number }> {
  const server = createServer((socket) => {
    reached.count++;
    socket.on('error', () => {}).destroy();
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const reached = { port: (server.address() as AddressInfo).port, count: 0 };
  return reached;
}

/** Sends what a page can send without a click, in all the ways that there are; resolves when all is answered. */
async function attack(page: Page, target: Target): Promise<void> {
  await page.evaluate(async ({ url, body, fields }) => {
    const json = JSON.stringify(body);
    const form = new URLSearchParams(fields).toString();
    for (const [type, text] of [
      ['text/plain', json],
      ['application/json', json],
      ['application/x-www-form-urlencoded', form],
    ] as const) {
      await fetch(url, { method: 'POST', headers: { 'content-type': type }, body: text }).catch(() => {});
    }
    for (const enctype of ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']) {
      const frame = Object.assign(document.createElement('iframe'), { name: 'answer' });
      const form = Object.assign(document.createElement('form'), {
        method: 'POST',
        action: url,
        target: 'answer',
        enctype,
      });
      for (const [name, value] of fields) form.append(Object.assign(document.createElement('input'), { name, value }));
      document.body.append(frame, form);
      const answered = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
      form.submit();
      await answered;
      frame.remove();
      form.remove();
    }
  }, target);
}

test('a page of another origin makes Node-RED neither connect nor draw, and the editor can do both', async (t) => {
  process.env.NATSHAT_SECRET = 'lovelace';
  const reached = await startReached(t);
  const device = deviceFile(t);
  const dark = readFileSync(device);
  const led = { type: 'sense-led', ...nodeDefaults('sense-led'), id: 'led', z: 'tab', device, wires: [[]] };
  const nodeRed = await startNodeRed([{ id: 'tab', type: 'tab', label: 'Display' }, led]);
  t.after(nodeRed.stop);
  const { port } = new URL(nodeRed.url);
  const page = await startPage(t);
  const browser = await startBrowser(['--host-resolver-rules=MAP *.lan 127.0.0.1']);
  t.after(() => browser.close());

  const servers = `127.0.0.1:${reached.port}`;
  const testing = (editor: string): Target => ({
    url: `${editor}/nats-config/test`,
    body: { id: 'new', servers, auth: 'token', credentials: { token: '${NATSHAT_SECRET}' } },
    fields: [
      ['id', 'new'],
      ['servers', servers],
      ['auth', 'token'],
      ['credentials[token]', '${NATSHAT_SECRET}'],
    ],
  });
  const red = Array(8).fill(Array(8).fill('red'));
  const showing = (editor: string): Target => ({
    url: `${editor}/sense-led/show`,
    body: { path: device, pixels: red },
    fields: [
      ['path', device],
      ...red.flatMap((row: string[], y) => row.map((color): [string, string] => [`pixels[${y}][]`, color])),
    ],
  });

  // Only to a host that it trusts, such as this one, Chromium says itself how the two belong together.
  for (const [editor, origin] of [
    [`http://127.0.0.1:${port}`, `http://localhost:${page}`],
    [`http://127.0.0.1:${port}`, `http://127.0.0.1:${page}`],
    [`http://pi.lan:${port}`, `http://elsewhere.lan:${page}`],
    [`http://pi.lan:${port}`, `http://pi.lan:${page}`],
  ] as const) {
    const foreign = await browser.newPage();
    await foreign.goto(origin);
    await attack(foreign, testing(editor));
    assert.equal(reached.count, 0, `${origin} makes ${editor} connect`);
    await attack(foreign, showing(editor));
    assert.deepEqual(readFileSync(device), dark, `${origin} makes ${editor} draw`);
    await foreign.close();
  }

  for (const [times, editor] of [`http://127.0.0.1:${port}`, `http://pi.lan:${port}`].entries()) {
    const own = await browser.newPage();
    await own.goto(editor);
    for (const { url, body } of [testing(editor), showing(editor)]) {
      const status = await own.evaluate(
        async ({ url, body }) => {
          const headers = { 'content-type': 'application/json' };
          return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status;
        },
        { url, body },
      );
      assert.equal(status, 200, url);
    }
    assert.equal(reached.count, times + 1, editor);
    assert.notDeepEqual(readFileSync(device), dark);
    await own.close();
  }
});
