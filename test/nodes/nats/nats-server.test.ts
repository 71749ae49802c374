import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { portOwner } from '../../../lib/nats/server/port-owner';
import { freePort } from '../../../scripts/free-port';
import { makeUserDir, startNodeRed } from '../../../scripts/node-red';
import type { FlowNode } from '../../support/examples';
import { Inbox } from '../../support/inbox';
import { nodeDefaults } from '../../support/node-defaults';
import { startPeer } from '../../support/peer';
import { serverPid } from '../../support/server-pid';

const TAB = { id: 'tab', type: 'tab', label: 'server' };
const PLACE = { z: 'tab', x: 100, y: 40 };

interface Shown {
  fill: string;
  shape: string;
  text: string;
}

interface Sent {
  topic: string;
  payload: unknown;
}

/** A complete Node-RED with a `nats-server` on a free port, whose messages, statuses and log are watched. */
async function start(t: TestContext, properties: object = {}, credentials: object = {}) {
  const port = await freePort();
  const { path: userDir, remove } = makeUserDir();
  const server = { ...nodeDefaults('nats-server'), id: 'own', type: 'nats-server', port, ...PLACE, ...properties };
  const flowOf = (more: object = {}, others: object[] = []) => [
    TAB,
    { ...server, wires: [['debug']], ...more },
    { id: 'debug', type: 'debug', ...PLACE, active: true, complete: 'true', targetType: 'full', wires: [] },
    ...others,
  ];
  const messages = new Inbox<Sent>();
  const statuses = new Inbox<Shown>();
  const logged: string[] = [];
  const log = ({ id, msg }: { id?: string; msg: unknown }) => id === 'own' && logged.push(String(msg));
  const nodeRed = await startNodeRed([TAB], {
    userDir,
    settings: {
      logging: {
        console: { level: 'off' },
        kept: { level: 'warn', handler: () => log },
      },
    },
    listeners: {
      comms: ({ topic, data }: { topic: string; data?: { id?: string; msg: string } }) => {
        if (topic === 'debug' && data?.id === 'debug') messages.put(JSON.parse(data.msg));
      },
      'node-status': ({ id, status }: { id: string; status: Shown }) => {
        if (id === 'own') statuses.put(status);
      },
    },
  });
  t.after(async () => {
    await nodeRed.stop();
    remove();
  });
  const deploy = async (flow: object[], type: 'full' | 'nodes' = 'full') => {
    const started = once(nodeRed.app.events, 'flows:started');
    const headers = { 'content-type': 'application/json', 'Node-RED-Deployment-Type': type };
    await fetch(`${nodeRed.url}flows`, { method: 'POST', headers, body: JSON.stringify(flow) });
    await started;
  };
  // As from the editor, which sends secrets only when they have changed.
  await deploy(flowOf({ credentials }));
  const configFile = join(userDir, 'nats-server', `${port}.conf`);
  const said = async (topic: string) => {
    for (;;) {
      const message = await messages.take();
      if (message.topic === topic) return message.payload;
    }
  };
  const shown = async (fill: string) => {
    for (;;) {
      const status = await statuses.take();
      if (status.fill === fill) return status;
    }
  };
  const url = `nats://127.0.0.1:${port}`;
  return {
    nodeRed,
    userDir,
    port,
    url,
    configFile,
    flowOf,
    deploy,
    said,
    shown,
    logged,
    pid: () => serverPid(configFile),
  };
}

test('the server runs while its node does, and tells when it starts, what it logs and when it ends', async (t) => {
  const { port, url, userDir, said, shown, deploy, logged, pid } = await start(t);
  assert.deepEqual(await shown('yellow'), { fill: 'yellow', shape: 'ring', text: 'status.starting' });
  assert.equal(await said('log'), '[INF] Starting nats-server');
  assert.equal(await said('start'), url);
  assert.deepEqual(await shown('green'), { fill: 'green', shape: 'dot', text: `running on port ${port}` });
  const { nc } = await startPeer(t, url);
  assert.equal(nc.info?.jetstream, true);
  assert.deepEqual(readdirSync(join(userDir, 'nats-server', String(port))), ['jetstream']);
  process.kill(pid() ?? assert.fail(), 'SIGKILL');
  assert.equal(await said('exit'), 'SIGKILL');
  assert.match((await shown('red')).text, /^nats-server has ended \(SIGKILL\) and is started again$/);
  await shown('green');
  assert.equal(await said('start'), url);
  await deploy([TAB]);
  assert.equal(await portOwner(port), undefined);
  assert.deepEqual(logged, ['nats-server has ended (SIGKILL) and is started again (SERVER_ENDED)']);
});

test('a deploy of other nodes keeps the server running, and a full one keeps its streams', async (t) => {
  const { url, flowOf, deploy, said, pid } = await start(t);
  await said('start');
  const first = pid();
  await deploy(flowOf({}, [{ id: 'new', type: 'comment', name: 'new', ...PLACE, wires: [] }]), 'nodes');
  assert.equal(pid(), first);
  const { nc } = await startPeer(t, url);
  const body = JSON.stringify({ name: 'KEPT', subjects: ['kept'] });
  assert.doesNotMatch((await nc.request('$JS.API.STREAM.CREATE.KEPT', body)).string(), /error/);
  await nc.request('kept', 'word');
  await nc.close();

  const startedAt = performance.now();
  await deploy(flowOf());
  assert.equal(await said('start'), url);
  const tookMs = performance.now() - startedAt;
  assert.notEqual(pid(), first);
  const { nc: next } = await startPeer(t, url);
  const info = (await next.request('$JS.API.STREAM.INFO.KEPT')).json<{ state: { messages: number } }>();
  assert.equal(info.state.messages, 1);
  assert(tookMs < 5000, `${tookMs} ms`);
});

test('a server without JetStream keeps nothing', async (t) => {
  const { url, userDir, port, said } = await start(t, { jetstream: false });
  await said('start');
  const { nc } = await startPeer(t, url);
  assert.notEqual(nc.info?.jetstream, true);
  assert.deepEqual(readdirSync(join(userDir, 'nats-server')), [`${port}.conf`]);
});

test('a folder is a path from the user folder', async (t) => {
  const { userDir, said } = await start(t, { storeDir: 'my/streams' });
  await said('start');
  assert.deepEqual(readdirSync(join(userDir, 'my', 'streams')), ['jetstream']);
});

test('a token is needed to connect, and stands nowhere but in a file that only the user can read', async (t) => {
  const { url, port, said, shown, logged, configFile, pid } = await start(
    t,
    { listen: 'all' },
    { token: 't0p-s3cret' },
  );
  await said('start');
  assert.equal((await shown('green')).text, `running on port ${port}`);
  await assert.rejects(startPeer(t, url), /[Aa]uthorization/);
  const { nc } = await startPeer(t, url, { token: 't0p-s3cret' });
  assert.match(String(await said('log')), /^\[/);
  await nc.close();
  assert.match(readFileSync(configFile, 'utf8'), /"host":"0\.0\.0\.0".*t0p-s3cret/);
  for (const part of ['cmdline', 'environ']) {
    assert.doesNotMatch(readFileSync(`/proc/${pid()}/${part}`, 'utf8'), /s3cret/);
  }
  assert.doesNotMatch(logged.join('\n'), /s3cret|listens on all/);
  assert.match(logged.join('\n'), /the server reported an error: .*authentication/);
});

test('a server that is open to everyone is shown and logged as such', async (t) => {
  const { port, said, shown, logged } = await start(t, { listen: 'all' });
  await said('start');
  await shown('yellow');
  const { shape, text } = await shown('yellow');
  assert.deepEqual([shape, text], ['dot', `running on port ${port}, open to everyone`]);
  assert.match(logged.join('\n'), /^nats-server listens on all addresses, port \d+, and needs no token/);
});

test('a port that is taken is named, and the server starts when it is free', async (t) => {
  const { port, flowOf, deploy, said, shown, logged } = await start(t);
  await said('start');
  await deploy([TAB]);
  const other = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
  await once(other, 'listening');
  await deploy(flowOf());
  assert.match((await shown('red')).text, new RegExp(`^port ${port} is taken by another program: stop`));
  other.close();
  await shown('green');
  assert.equal(logged.length, 1, logged.join('\n'));
});

test('settings that no server can have are errors of the node', async (t) => {
  const { flowOf, deploy, shown, said } = await start(t);
  await said('start');
  for (const [properties, expected] of [
    [{ port: 0 }, /^port is 0: expected a number from 1 to 65535$/],
    [{ port: 'x' }, /^port is "x": expected/],
    [{ listen: 'world' }, /^listen is "world": expected one of local, all$/],
    [{ jetstream: 'maybe' }, /^jetstream is "maybe"/],
    [{ storeDir: '${NATSHAT_UNSET}' }, /NATSHAT_UNSET is not set/],
    [{ storeDir: '/dev/null/streams' }, /^cannot use the folder of the server, "\/dev\/null/],
  ] as [Partial<FlowNode>, RegExp][]) {
    await deploy(flowOf(properties));
    assert.match((await shown('red')).text, expected);
  }
});

test('a NATS_SERVER that is no program is named', async (t) => {
  const { NATS_SERVER } = process.env;
  t.after(() =>
    NATS_SERVER === undefined ? delete process.env.NATS_SERVER : Object.assign(process.env, { NATS_SERVER }),
  );
  const { flowOf, deploy, shown, said } = await start(t);
  await said('start');
  process.env.NATS_SERVER = '/nowhere/nats-server';
  await deploy(flowOf());
  assert.match(
    (await shown('red')).text,
    /NATS_SERVER is "\/nowhere\/nats-server", which is not a program: correct it$/,
  );
});
