import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { nkeys } from 'nats';
import { type NatsServer, startNatsServer } from '../../../scripts/nats-server';
import { startNodeRed } from '../../../scripts/node-red';
import { Inbox } from '../../support/inbox';
import { makeOperator } from '../../support/jwt';
import { nodeDefaults } from '../../support/node-defaults';
import { startRelay } from '../../support/relay';

const right = nkeys.createUser();
const wrong = nkeys.createUser();
const seedOf = (user: typeof right) => Buffer.from(user.getSeed()).toString();
const stranger = makeOperator();
const operator = makeOperator();
const creds = stranger.creds();

interface Case {
  auth: string;
  secrets: Record<string, string>;
  /** The texts that must not appear anywhere. */
  secret: string[];
  refusing: string;
  accepting: string;
}

const CASES: Case[] = [
  {
    auth: 'user',
    secrets: { user: 'ada-lovelace', password: 'analytical-engine' },
    secret: ['ada-lovelace', 'analytical-engine'],
    refusing: 'authorization { user: ada-lovelace, password: difference-engine }',
    accepting: 'authorization { user: ada-lovelace, password: analytical-engine }',
  },
  {
    auth: 'token',
    secrets: { token: 't0p-secret' },
    secret: ['t0p-secret'],
    refusing: 'authorization { token: 0ther }',
    accepting: 'authorization { token: t0p-secret }',
  },
  {
    auth: 'nkey',
    secrets: { seed: seedOf(wrong) },
    secret: [seedOf(wrong)],
    refusing: `authorization { users: [{ nkey: ${right.getPublicKey()} }] }`,
    accepting: `authorization { users: [{ nkey: ${wrong.getPublicKey()} }] }`,
  },
  {
    auth: 'creds',
    secrets: { creds },
    // The JWT and the seed.
    secret: creds.split('\n').filter((line) => line !== '' && !line.startsWith('---')),
    refusing: operator.config,
    accepting: stranger.config,
  },
];

interface Shown {
  fill?: string;
  shape?: string;
  text?: string;
}

/** A complete Node-RED, and everything that it outputs. */
async function startObserved(t: TestContext) {
  const output: string[] = [];
  const warnings: { id?: string; msg: unknown }[] = [];
  const statuses = new Map<string, Shown>();
  const debugged = new Inbox<string>();
  const changes = new EventEmitter();
  const nodeRed = await startNodeRed([], {
    listeners: {
      'node-status': ({ id, status }: { id: string; status: Shown }) => {
        output.push(JSON.stringify(status));
        statuses.set(id, status);
        changes.emit('status');
      },
      comms: (event: { topic: string; data: { id?: string; msg: string } }) => {
        output.push(JSON.stringify(event));
        if (event.topic === 'debug' && event.data.id?.startsWith('debug-')) debugged.put(event.data.msg);
      },
    },
  });
  t.after(nodeRed.stop);
  const log = new EventEmitter().on('log', (entry: { id?: string; level: number; msg: unknown }) => {
    const { msg } = entry;
    output.push(JSON.stringify(entry), msg instanceof Error ? `${msg.stack}` : '');
    if (entry.level <= nodeRed.app.log.WARN) warnings.push(entry);
  });
  nodeRed.app.log.addHandler(log as never);
  t.after(() => nodeRed.app.log.removeHandler(log as never));

  const ask = async (path: string, init: RequestInit = {}): Promise<string> => {
    const headers = { 'Content-Type': 'application/json', 'Node-RED-API-Version': 'v2' };
    const response = await fetch(nodeRed.url + path, { headers, ...init });
    const text = await response.text();
    assert(response.ok, `${path}: ${response.status} ${text}`);
    return text;
  };
  return {
    output,
    warnings,
    debugged,
    ask,
    userDir: (nodeRed.app.settings as unknown as { userDir: string }).userDir,
    status: async (id: string, isWanted: (status: Shown) => boolean): Promise<Shown> => {
      for (;;) {
        const status = statuses.get(id);
        if (status && isWanted(status)) return status;
        await new Promise((resolve) => changes.once('status', resolve));
      }
    },
  };
}

/** The flow of a case: its message fails, is caught, and is shown in full. */
function flowOf({ auth, secrets }: Case, port: number): object[] {
  const tab = `tab-${auth}`;
  const at = { z: tab, x: 0, y: 0 };
  const server = `server-${auth}`;
  const config = { ...nodeDefaults('nats-config'), servers: `127.0.0.1:${port}`, auth, reconnectWaitMs: 50 };
  const publish = { ...nodeDefaults('nats-publish'), server, subject: 'news', whenDown: 'fail', wires: [[]] };
  const inject = { type: 'inject', props: [{ p: 'payload' }], payload: 'x', payloadType: 'str', repeat: '' };
  const debug = { type: 'debug', active: true, tosidebar: true, console: true, complete: 'true', targetType: 'full' };
  return [
    { id: tab, type: 'tab', label: auth },
    { id: server, type: 'nats-config', ...config, credentials: secrets },
    { id: `inject-${auth}`, ...at, ...inject, wires: [[`publish-${auth}`]] },
    { id: `publish-${auth}`, type: 'nats-publish', ...at, ...publish },
    { id: `catch-${auth}`, type: 'catch', ...at, scope: null, uncaught: false, wires: [[`debug-${auth}`]] },
    { id: `debug-${auth}`, ...at, ...debug, wires: [] },
  ];
}

test('wrong secrets cause one log line and a red status, are never shown, and work once accepted', async (t) => {
  const observed = await startObserved(t);
  const servers: NatsServer[] = [];
  t.after(() => Promise.all(servers.map((server) => server.stop())));
  for (const { refusing } of CASES) servers.push(await startNatsServer({ config: refusing }));
  const relays = await Promise.all(servers.map(({ port }) => startRelay(t, port)));
  const flows = CASES.flatMap((one, index) => flowOf(one, relays[index]?.port ?? 0));
  await observed.ask('flows', { method: 'POST', body: JSON.stringify({ flows }) });

  for (const [index, { auth }] of CASES.entries()) {
    await t.test(`${auth}: red, with the reason`, async () => {
      const { shape, text } = await observed.status(`publish-${auth}`, ({ fill }) => fill === 'red');
      assert.equal(shape, 'dot');
      assert.match(text ?? '', /^127\.0\.0\.1:\d+: authentication failed \('?Authorization Violation'?\); check/);
    });

    await t.test(`${auth}: retried after longer and longer delays, and logged once`, async () => {
      const times: number[] = [];
      while (times.length < 5) times.push((await relays[index]?.arrivals.take()) ?? 0);
      // 0.25 s doubled each time, less up to half: with equal delays it would take a second.
      const tookMs = (times[4] ?? 0) - (times[0] ?? 0);
      assert(tookMs >= 124 * (1 + 2 + 4 + 8), `${times}`);
      const lines = observed.warnings.filter(({ id }) => id?.endsWith(auth));
      assert.deepEqual(
        lines.map(({ id }) => id),
        [`server-${auth}`],
        lines.map(({ msg }) => String(msg)).join('\n'),
      );
    });

    await t.test(`${auth}: a message that fails meanwhile is caught`, async () => {
      await observed.ask(`inject/inject-${auth}`, { method: 'POST' });
      assert.match(await observed.debugged.take(), /NOT_CONNECTED/);
    });
  }

  await t.test('works once the server accepts them, without a deploy', async () => {
    for (const [index, { accepting }] of CASES.entries()) {
      const server = servers[index] as NatsServer;
      await server.stop();
      servers[index] = await startNatsServer({ port: server.port, config: accepting });
    }
    for (const { auth } of CASES) await observed.status(`publish-${auth}`, ({ fill }) => fill === 'green');
  });

  await t.test('no secret is in a status, a log line, a message, a file or an answer of Node-RED', async () => {
    const { output, userDir, ask } = observed;
    const places = new Map([
      ['the output', output.join('\n')],
      ['/flows', await ask('flows')],
      ['/settings', await ask('settings')],
      ['/nodes', await ask('nodes', { headers: { Accept: 'application/json' } })],
    ]);
    for (const { auth } of CASES) places.set(`/flow ${auth}`, await ask(`flow/tab-${auth}`));
    for (const entry of readdirSync(userDir, { withFileTypes: true, recursive: true })) {
      if (entry.isFile() && !entry.parentPath.includes('node_modules'))
        places.set(entry.name, readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    }
    assert(places.has('flows.json') && places.has('flows_cred.json'), [...places.keys()].join());
    assert.match(places.get('/flows') ?? '', /server-creds/);
    assert.match(places.get('the output') ?? '', /Authorization Violation[\s\S]*NOT_CONNECTED/);
    for (const [place, text] of places) {
      for (const secret of CASES.flatMap(({ secret }) => secret)) assert(!text.includes(secret), `${place}: ${secret}`);
    }
  });

  await t.test('the editor receives only the name of the user, and whether there are other secrets', async () => {
    for (const { auth, secrets } of CASES) {
      const { user, ...hidden } = secrets;
      const expected = Object.keys(hidden).map((name) => [`has_${name}`, true]);
      const credentials = JSON.parse(await observed.ask(`credentials/nats-config/server-${auth}`));
      const others = Object.entries(credentials).filter(([, value]) => value !== false && value !== '');
      assert.deepEqual(
        Object.fromEntries(others),
        Object.fromEntries([...(user ? [['user', user]] : []), ...expected]),
      );
    }
  });
});
