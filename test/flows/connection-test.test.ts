import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { startNatsServer } from '../../scripts/nats-server';
import { startNodeRed } from '../../scripts/node-red';
import { signInByName } from '../support/admin-auth';
import { nodeDefaults } from '../support/node-defaults';
import { startSilentServer } from '../support/silent-server';

/** Posts JSON, as the editor does. */
function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** Tests a connection with the defaults of the dialog and some settings. */
function postTest(url: string, settings: object): Promise<Response> {
  return post(`${url}nats-config/test`, { ...nodeDefaults('nats-config'), ...settings });
}

const adminAuth = signInByName({
  admin: '*',
  reader: 'read',
  tester: ['flows.read', 'nats-config.write'],
});

test('only users who may deploy can test a connection', async (t) => {
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

test('a connection test reports the server or the error, and never a secret', async (t) => {
  const server = await startNatsServer({
    config: 'server_name: "press", jetstream: enabled, max_payload: 65536, authorization { token: lovelace }',
  });
  t.after(() => server.stop());
  process.env.NATSHAT_PINGS = '2';
  const nodeRed = await startNodeRed([]);
  t.after(nodeRed.stop);
  const tryOut = async (settings: object) => {
    const response = await postTest(nodeRed.url, { id: 'server', servers: server.url, ...settings });
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

test('an unchanged secret is the stored one', async (t) => {
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
  assert((await post(`${nodeRed.url}flows`, [{ ...config, credentials: { token: 'lovelace' } }])).ok);
  const report = await (await postTest(nodeRed.url, { ...config, credentials: { token: '__PWRD__' } })).json();
  assert('server' in (report as object), JSON.stringify(report));
});

test('two tests can run at a time, a third one is BUSY, and one that ends makes room', async (t) => {
  const silent = await startSilentServer(t);
  const nodeRed = await startNodeRed([]);
  t.after(nodeRed.stop);
  const tryOut = async () => postTest(nodeRed.url, { id: 'server', servers: `127.0.0.1:${silent.port}` });
  const running = [tryOut(), tryOut()];
  const reached = [await silent.connections.take(), await silent.connections.take()];
  const third = (await (await tryOut()).json()) as { code: string; error: string };
  assert.deepEqual(third, {
    code: 'BUSY',
    error: '2 connection tests are already running: wait until one of them has ended',
  });
  assert.equal(silent.connections.size, 0);
  reached[0]?.destroy();
  await Promise.race(running);
  const next = tryOut();
  reached.push(await silent.connections.take());
  for (const socket of reached) socket.destroy();
  for (const response of await Promise.all([...running, next])) {
    assert.equal(((await response.json()) as { code: string }).code, 'UNREACHABLE');
  }
});

test('a test waits for a server for at most a minute, whatever the settings are', async (t) => {
  const silent = await startSilentServer(t);
  const nodeRed = await startNodeRed([]);
  t.after(nodeRed.stop);
  const timers = t.mock.method(globalThis, 'setTimeout');
  for (const [connectTimeoutMs, longestMs] of [
    [3_600_000, 60_000],
    [50_000, 50_000],
  ] as const) {
    timers.mock.resetCalls();
    const answer = postTest(nodeRed.url, { id: 'server', servers: `127.0.0.1:${silent.port}`, connectTimeoutMs });
    const socket = await silent.connections.take();
    const waits = timers.mock.calls.map(({ arguments: [, wait = 0] }) => wait);
    const waitMs = Math.max(...waits);
    assert(waitMs > longestMs - 5000 && waitMs <= longestMs, `${waitMs} ms`);
    socket.destroy();
    await answer;
  }
});

test('the stored secrets of another node are not sent anywhere', async (t) => {
  const server = await startNatsServer({ config: 'authorization { user: ada, password: lovelace }' });
  t.after(() => server.stop());
  const nodeRed = await startNodeRed([]);
  t.after(nodeRed.stop);
  const credentials = { user: 'ada', password: 'lovelace' };
  const flows = [
    { id: 'config', type: 'nats-config', ...nodeDefaults('nats-config'), credentials },
    { id: 'disabled', type: 'nats-config', ...nodeDefaults('nats-config'), d: true, credentials },
    { id: 'broker', type: 'mqtt-broker', broker: '127.0.0.1', port: '1', autoConnect: false, credentials },
  ];
  assert((await post(`${nodeRed.url}flows`, flows)).ok);
  const test = async (id: unknown) => {
    const typed = { id, servers: server.url, auth: 'user', credentials: { user: '__PWRD__', password: '__PWRD__' } };
    return (await (await postTest(nodeRed.url, typed)).json()) as { code?: string };
  };
  for (const id of ['config', 'disabled']) assert.equal((await test(id)).code, undefined, id);
  for (const id of ['broker', 'new', '__proto__', undefined, null, { id: 'config' }, ['config']]) {
    assert.equal((await test(id)).code, 'BAD_CREDENTIALS', JSON.stringify(id));
  }
});

/** A variable as the editor keeps it. */
type Variable = { name: string; type: string; value?: unknown };

test('variables are resolved as at a deploy, those in the editor before the deployed ones', async (t) => {
  const server = await startNatsServer({ config: 'authorization { token: lovelace }' });
  t.after(() => server.stop());
  Object.assign(process.env, { NATSHAT_SECRET: 'lovelace', NATSHAT_KEPT: 'lovelace' });
  const nodeRed = await startNodeRed([], { settings: { envVarExcludes: ['NATSHAT_KEPT'] } });
  t.after(nodeRed.stop);
  const test = async (token: string, variables?: Variable[], more: object = {}) => {
    const typed = {
      id: 'new',
      name: 'lovelace',
      servers: '${URL}',
      auth: 'token',
      credentials: { token },
      variables,
      ...more,
    };
    const url = { name: 'URL', type: 'str', value: server.url };
    const answer = await postTest(nodeRed.url, { ...typed, variables: [...(variables ?? []), url] });
    return ((await answer.json()) as { code?: string }).code;
  };
  const text = (value: string, name = 'A'): Variable => ({ name, type: 'str', value });
  const taken: [token: string, variables?: Variable[]][] = [
    ['lovelace'],
    ['${NATSHAT_SECRET}'],
    ['${NR_NODE_NAME}'],
    ['${A}', [text('lovelace')]],
    ['${A}', [text('lovelace'), text('byron')]],
    ['${A}', [{ name: 'A', type: 'cred', value: 'lovelace' }]],
    ['${A}', [{ name: 'A', type: 'env', value: 'NATSHAT_SECRET' }]],
    ['${A}', [{ name: 'A', type: 'env', value: '${B}' }, text('lovelace', 'B')]],
    ['${A}', [{ name: 'A', type: 'env', value: 'love${B}' }, text('lace', 'B')]],
    // One that passes on the global one of the same name.
    ['${A}', [{ name: 'A', type: 'env', value: 'A' }, text('lovelace')]],
  ];
  for (const before of ['nothing is deployed', 'the tab is deployed']) {
    for (const [token, variables] of taken) {
      assert.equal(await test(token, variables), undefined, `${token} of ${JSON.stringify(variables)}, ${before}`);
    }
    assert.equal(await test('${NATSHAT_KEPT}'), 'BAD_ENV', before);
    assert.equal(await test('${NATSHAT_UNSET}'), 'BAD_ENV', before);
    assert.equal(await test('${A}', [text('byron')]), 'AUTH', before);
    // Circles end.
    const circle = [
      { name: 'A', type: 'env', value: '${B}' },
      { name: 'B', type: 'env', value: '${A}' },
    ];
    assert.notEqual(await test('${A}', circle), undefined, before);

    const secret = { name: 'TOKEN', type: 'cred' };
    const flows = [
      {
        id: 'tab',
        type: 'tab',
        env: [secret, { name: 'SUM', type: 'jsonata', value: '"love" & "lace"' }],
        credentials: { TOKEN: 'lovelace' },
      },
      {
        id: 'global',
        type: 'global-config',
        env: [text('lovelace', 'EVERYWHERE'), secret],
        credentials: { map: { TOKEN: 'byron' } },
      },
      { id: 'inside', type: 'comment', z: 'tab', x: 0, y: 0, wires: [] },
    ];
    const started = once(nodeRed.app.events, 'flows:started');
    assert((await post(`${nodeRed.url}flows`, flows)).ok);
    await started;
  }

  const stored = { name: 'TOKEN', type: 'cred', value: '__PWRD__' };
  const inTab = { z: 'tab' };
  assert.equal(await test('${TOKEN}', [stored], inTab), undefined);
  assert.equal(await test('${TOKEN}', [stored]), 'AUTH', 'that of all flows');
  assert.equal(await test('${SUM}', [{ name: 'SUM', type: 'jsonata', value: '1' }], inTab), undefined);
  for (const more of [{}, inTab, { z: 'another' }]) assert.equal(await test('${EVERYWHERE}', [], more), undefined);
});

test('every route that the pack adds to the editor asks for a permission first', () => {
  const { 'node-red': pack } = require('../../../package.json') as { 'node-red': { nodes: Record<string, string> } };
  const routes: [path: string, first: unknown][] = [];
  const note = (path: string, first: unknown) => routes.push([path, first]);
  const RED = {
    nodes: { registerType: () => {} },
    comms: { publish: () => {} },
    events: { on: () => {}, off: () => {} },
    auth: { needsPermission: (permission: string) => permission },
    httpAdmin: { get: note, post: note, put: note, delete: note, use: note, all: note },
  };
  for (const file of Object.values(pack.nodes)) require(`../../../${file}`).default(RED);
  assert.deepEqual(routes, [
    ['/nats-config/test', 'nats-config.write'],
    ...['servers', 'tail', 'streams', 'stream', 'message', 'buckets', 'bucket', 'services'].map((look) => [
      `/nats-tab/${look}`,
      'nats-config.read',
    ]),
    ...['publish', 'put', 'delete', 'purge', 'delete-consumer'].map((change) => [
      `/nats-tab/${change}`,
      'nats-config.write',
    ]),
    ['/nats-server/program', 'nats-server.write'],
    ['/nats-server/install', 'nats-server.write'],
    ['/nats-stream/look', 'nats-config.write'],
    ['/sense-led/show', 'sense-led.write'],
    ['/sense-led/simulate', 'sense-led.write'],
    ['/sense-sensors/room', 'sense-sensors.write'],
  ]);
});
