import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { startNodeRed } from '../../scripts/node-red';
import { deviceFile } from '../support/device-file';
import { nodeDefaults } from '../support/node-defaults';
import { startSilentServer } from '../support/silent-server';

const ROOT = join(__dirname, '..', '..', '..');
const JSON_TYPE = { 'content-type': 'application/json' };

interface Answer {
  status: number;
  code?: string;
  error?: string;
}

/** Sends a request with exactly these headers. */
async function send(url: string, headers: OutgoingHttpHeaders, body: string | Uint8Array): Promise<Answer> {
  const sent = request(url, { method: 'POST', headers }).end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode as number, ...((await json(response)) as object) };
}

/** Both routes of a Node-RED without `adminAuth`, with valid requests; `nothingDone` fails if one took effect. */
async function startRoutes(t: TestContext) {
  const silent = await startSilentServer(t);
  const device = deviceFile(t);
  const dark = readFileSync(device);
  const led = { type: 'sense-led', ...nodeDefaults('sense-led'), id: 'led', z: 'tab', device, wires: [[]] };
  const nodeRed = await startNodeRed([{ id: 'tab', type: 'tab', label: 'Display' }, led]);
  t.after(nodeRed.stop);
  const test = { url: `${nodeRed.url}nats-config/test`, body: { id: 'new', servers: `127.0.0.1:${silent.port}` } };
  const show = { url: `${nodeRed.url}sense-led/show`, body: { path: device, pixels: Array(64).fill('red') } };
  return {
    host: new URL(nodeRed.url).host,
    test,
    show,
    nothingDone: () => {
      assert.equal(silent.connections.size, 0);
      assert.deepEqual(readFileSync(device), dark);
    },
  };
}

test('a route accepts only JSON that is not compressed', async (t) => {
  const { test, show, nothingDone } = await startRoutes(t);
  const types: OutgoingHttpHeaders[] = [
    {},
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/x-www-form-urlencoded' },
    { 'content-type': 'multipart/form-data; boundary=x' },
    { 'content-type': 'application/jsonp' },
    { 'content-type': 'text/plain; application/json' },
    { ...JSON_TYPE, 'content-encoding': 'gzip' },
  ];
  for (const { url, body } of [test, show]) {
    for (const headers of types) {
      const text = JSON.stringify(body);
      const content = headers['content-encoding'] ? gzipSync(text) : text;
      const { status, code, error } = await send(url, { ...headers, 'content-length': content.length }, content);
      assert.deepEqual([status, code], [415, 'BAD_REQUEST'], JSON.stringify(headers));
      assert.match(error as string, /^the request has the type ".*": expected application\/json/);
    }
  }
  nothingDone();
  for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset=UTF-8']) {
    assert.equal((await send(show.url, { 'content-type': type }, JSON.stringify(show.body))).status, 200, type);
  }
});

test('a route reads no more than it needs', async (t) => {
  const { test, show, nothingDone } = await startRoutes(t);
  for (const [{ url, body }, limit] of [
    [test, 262_144],
    [show, 16_384],
  ] as const) {
    const large = JSON.stringify({ ...body, name: 'x'.repeat(limit) });
    const small = JSON.stringify(body);
    for (const [headers, content] of [
      [{ 'content-length': large.length }, large],
      [{ 'transfer-encoding': 'chunked' }, small],
    ] as const) {
      const { status, code, error } = await send(url, { ...JSON_TYPE, ...headers }, content);
      assert.deepEqual([status, code], [413, 'BAD_REQUEST']);
      assert.match(error as string, new RegExp(`larger than ${limit} bytes`));
    }
  }
  nothingDone();
});

test('a route answers its own page and clients without a page, but no page of another origin', async (t) => {
  const { host, test, show, nothingDone } = await startRoutes(t);
  const [name, port] = host.split(':');
  const foreign: OutgoingHttpHeaders[] = [
    { 'sec-fetch-site': 'cross-site', origin: 'http://elsewhere.lan' },
    { 'sec-fetch-site': 'same-site', origin: `http://${name}:1` },
    { 'sec-fetch-site': 'none' },
    // Whatever the other headers are: a page cannot set this one.
    { 'sec-fetch-site': 'cross-site', origin: `http://${host}` },
    { origin: 'http://elsewhere.lan' },
    { origin: `http://${name}:1` },
    { origin: `http://${name}` },
    { origin: `http://${host}.elsewhere.lan` },
    { origin: `http://elsewhere.lan`, 'x-forwarded-host': 'elsewhere.lan' },
    { origin: 'null' },
    { origin: '' },
  ];
  for (const { url, body } of [test, show]) {
    for (const headers of foreign) {
      const { status, code, error } = await send(url, { ...JSON_TYPE, ...headers }, JSON.stringify(body));
      assert.deepEqual([status, code], [403, 'BAD_REQUEST'], JSON.stringify(headers));
      assert.match(error as string, /comes from the page/);
    }
  }
  nothingDone();
  const own: OutgoingHttpHeaders[] = [
    {},
    { 'sec-fetch-site': 'same-origin', origin: `http://${host}` },
    // A proxy with TLS that does not keep the host name.
    { 'sec-fetch-site': 'same-origin', origin: 'https://red.lan' },
    { origin: `http://${host}` },
    { origin: 'https://red.lan', host: 'red.lan' },
    { origin: 'https://red.lan', host: 'red.lan:443' },
    { origin: `https://red.lan:${port}`, host: `red.lan:${port}` },
  ];
  for (const headers of own) {
    const { status } = await send(show.url, { ...JSON_TYPE, ...headers }, JSON.stringify(show.body));
    assert.equal(status, 200, JSON.stringify(headers));
  }
});

test('no node has a route of its own', () => {
  const files = readdirSync(join(ROOT, 'nodes'), { recursive: true, encoding: 'utf8' });
  const sources = files.filter((file) => file.endsWith('.ts'));
  const adding = sources.filter((file) => /\bhttp(Admin|Node)\b/.test(readFileSync(join(ROOT, 'nodes', file), 'utf8')));
  assert.deepEqual(adding, [join('shared', 'route.ts')]);
});
