import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startNatsServer } from '../../scripts/nats-server';
import { startNodeRed } from '../../scripts/node-red';
import { signInByName } from '../support/admin-auth';
import { nodeDefaults } from '../support/node-defaults';

const adminAuth = signInByName({
  admin: '*',
  reader: 'read',
  tester: ['flows.read', 'nats-config.write'],
});

test('only those who may deploy can test a connection', async (t) => {
  const server = await startNatsServer();
  t.after(() => server.stop());
  const nodeRed = await startNodeRed([], { settings: { adminAuth } });
  t.after(nodeRed.stop);
  const statusFor = async (user?: string) => {
    const { status } = await fetch(`${nodeRed.url}nats-config/test`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(user && { authorization: `Bearer ${user}` }) },
      body: JSON.stringify({ ...nodeDefaults('nats-config'), id: 'new', servers: server.url }),
    });
    return status;
  };
  assert.equal(await statusFor(), 401);
  for (const user of ['reader', 'tester', 'stranger']) assert.equal(await statusFor(user), 401, user);
  assert.equal(await statusFor('admin'), 200);
});

test('a connection test says what server it found, or why there is none, and never a secret', async (t) => {
  const server = await startNatsServer({
    config: 'server_name: "press", jetstream: enabled, max_payload: 65536, authorization { token: lovelace }',
  });
  t.after(() => server.stop());
  process.env.NATSHAT_PINGS = '2';
  const nodeRed = await startNodeRed([]);
  t.after(nodeRed.stop);
  const tryOut = async (settings: object) => {
    const response = await fetch(`${nodeRed.url}nats-config/test`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...nodeDefaults('nats-config'), id: 'server', servers: server.url, ...settings }),
    });
    const text = await response.text();
    assert.doesNotMatch(text, /lovelace|byron/);
    return JSON.parse(text) as Record<string, unknown>;
  };

  const { roundTripMs, version, ...report } = await tryOut({
    auth: 'token',
    credentials: { token: 'lovelace' },
    maxPingOut: '${NATSHAT_PINGS}',
  });
  assert.deepEqual(report, { server: 'press', cluster: '', jetstream: true, maxPayload: 65536 });
  assert.match(version as string, /^\d+\.\d+\.\d+/);
  assert((roundTripMs as number) > 0);

  const refused: [object, string][] = [
    [{ auth: 'token', credentials: { token: 'byron' } }, 'AUTH'],
    [{ auth: 'token', credentials: {} }, 'BAD_CREDENTIALS'],
    [{ auth: 'user', credentials: { user: 'ada', password: 'byron' } }, 'AUTH'],
    [{}, 'AUTH'],
    [{ servers: 'nats://127.0.0.1:1' }, 'UNREACHABLE'],
    [{ servers: 'ws://127.0.0.1' }, 'BAD_SERVER'],
    [{ pingIntervalMs: '${NATSHAT_UNSET}' }, 'BAD_ENV'],
    [{ maxPingOut: '${NATSHAT_UNSET}' }, 'BAD_ENV'],
    [{ servers: server.url.replace('nats:', 'tls:') }, 'TLS'],
  ];
  for (const [settings, code] of refused) {
    const answer = await tryOut(settings);
    assert.equal(answer.code, code, JSON.stringify(settings));
    assert.match(answer.error as string, /^[^{}]+$/, 'a sentence');
  }
});

test('a secret that is not typed anew is the one that is stored', async (t) => {
  const server = await startNatsServer({ config: 'authorization { token: lovelace }' });
  t.after(() => server.stop());
  const nodeRed = await startNodeRed([]);
  t.after(nodeRed.stop);
  const config = {
    ...nodeDefaults('nats-config'),
    id: 'server',
    type: 'nats-config',
    auth: 'token',
    servers: server.url,
  };
  const post = (url: string, body: object) =>
    fetch(`${nodeRed.url}${url}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  assert((await post('flows', [{ ...config, credentials: { token: 'lovelace' } }])).ok);
  const report = await (await post('nats-config/test', { ...config, credentials: { token: '__PWRD__' } })).json();
  assert('server' in report, JSON.stringify(report));
});

test('every route that the pack adds to the editor asks for a permission first', () => {
  const { 'node-red': pack } = require('../../../package.json') as { 'node-red': { nodes: Record<string, string> } };
  const routes: [path: string, first: unknown][] = [];
  const note = (path: string, first: unknown) => routes.push([path, first]);
  const RED = {
    nodes: { registerType: () => {} },
    auth: { needsPermission: (permission: string) => permission },
    httpAdmin: { get: note, post: note, put: note, delete: note, use: note, all: note },
  };
  for (const file of Object.values(pack.nodes)) require(`../../../${file}`).default(RED);
  assert.deepEqual(routes, [
    ['/nats-config/test', 'nats-config.write'],
    ['/sense-led/show', 'sense-led.write'],
  ]);
});
