import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { portOwner } from '../../lib/nats/server/port-owner';
import { freePort } from '../../scripts/free-port';
import { poll } from '../../scripts/monitoring';
import { natsServerVersion } from '../../scripts/nats-server';
import { makeUserDir, startNodeRed } from '../../scripts/node-red';
import { signInByName } from '../support/admin-auth';
import { makeBare } from '../support/bare-machine';
import type { FlowNode } from '../support/examples';
import { nodeDefaults } from '../support/node-defaults';
import { startProcess } from '../support/node-red-process';
import { startPeer } from '../support/peer';
import { serverPid } from '../support/server-pid';
import { startWatchedNodeRed } from '../support/watched-node-red';

function flowOf(port: number): FlowNode[] {
  const server = { ...nodeDefaults('nats-server'), type: 'nats-server', z: 'tab', x: 100, y: 40, port, wires: [[]] };
  return [{ id: 'tab', type: 'tab', label: 'own' }, { ...server, id: 'own' } as FlowNode];
}

const isGone = (pid: number | undefined) => pid === undefined;

test('the server ends with Node-RED, also with one that is killed, and the next one has its streams', async (t) => {
  const { path: userDir, remove } = makeUserDir();
  t.after(remove);
  const port = await freePort();
  const configFile = join(userDir, 'nats-server', `${port}.conf`);
  const url = `nats://127.0.0.1:${port}`;
  const isRunning = async () => (await portOwner(port))?.version !== undefined;
  const start = async () => {
    const nodeRed = await startProcess(t, flowOf(port), '{}', userDir);
    await nodeRed.started();
    assert(await poll(isRunning, Boolean));
    return nodeRed;
  };

  const killed = await start();
  const { nc } = await startPeer(t, url);
  const body = JSON.stringify({ name: 'KEPT', subjects: ['kept'] });
  assert.doesNotMatch((await nc.request('$JS.API.STREAM.CREATE.KEPT', body)).string(), /error/);
  await nc.request('kept', 'word');
  await nc.close();
  killed.kill();
  await killed.exited;
  // At once, so that the server of the one before may still be ending.
  const next = await startProcess(t, flowOf(port), '{}', userDir);
  await next.line(new RegExp(`nats-server ${natsServerVersion().replaceAll('.', '\\.')} runs on port ${port}`));
  const { nc: again } = await startPeer(t, url);
  const info = (await again.request('$JS.API.STREAM.INFO.KEPT')).json<{ state: { messages: number } }>();
  assert.equal(info.state.messages, 1);
  await again.close();
  await next.stop();
  assert.equal(serverPid(configFile), undefined);

  const last = await start();
  last.kill();
  await last.exited;
  assert.equal(await poll(async () => serverPid(configFile), isGone), undefined);
});

interface Answer {
  status: number;
  [property: string]: unknown;
}

/** Posts a question of the dialog. */
async function ask(url: string, question: 'program' | 'install', user?: string): Promise<Answer> {
  const headers = { 'content-type': 'application/json', ...(user && { authorization: `Bearer ${user}` }) };
  const response = await fetch(`${url}nats-server/${question}`, { method: 'POST', headers, body: '{}' });
  const isJson = response.headers.get('content-type')?.includes('json');
  return { ...(isJson && ((await response.json()) as object)), status: response.status };
}

test('a person without nats-server installs it from the dialog, and the node starts', async (t) => {
  const [port, version] = [await freePort(), natsServerVersion()];
  const to = makeBare(t, '[ "$4" = --no-install-recommends ] && ln -s "$FROM" "$TO"; exit 0');
  const { url, shows, lines } = await startWatchedNodeRed(t, flowOf(port));
  await shows('own', ({ fill, text }) => fill === 'red' && text.endsWith('errors.NO_PROGRAM'));
  const { command, isInstallable, path } = await ask(url, 'program');
  assert.match(String(command), /^sudo apt-get update && sudo apt-get install nats-server/);
  assert.deepEqual([isInstallable, path], [true, undefined]);
  const installed = await ask(url, 'install');
  assert.deepEqual([installed.path, installed.version], [to, version]);
  await shows('own', ({ fill }) => fill === 'green');
  assert.equal(lines.length, 1, lines.join('\n'));
  assert.deepEqual((await ask(url, 'program')).isInstallable, false);
});

test('an installation that fails, or that the settings forbid, is an answer with the reason', async (t) => {
  makeBare(t, 'echo E: Unable to fetch >&2; exit 100');
  const { url, stop } = await startWatchedNodeRed(t, []);
  assert.match(String((await ask(url, 'install')).error), /\(E: Unable to fetch\): in a terminal, type sudo apt-get/);
  await stop();
  const strict = await startWatchedNodeRed(t, [], { externalModules: { palette: { allowInstall: false } } });
  assert.equal((await ask(strict.url, 'program')).isInstallable, false);
  const { code, error } = await ask(strict.url, 'install');
  assert.equal(code, 'INSTALL_FAILED');
  assert.match(String(error), /allowInstall/);
});

test('only users who may deploy a nats-server can ask for it or install it', async (t) => {
  const adminAuth = signInByName({
    admin: '*',
    reader: 'read',
    deployer: ['flows.write'],
    tester: ['flows.read', 'nats-server.write'],
    both: ['flows.write', 'nats-server.write'],
  });
  makeBare(t, 'echo E: never >&2; exit 1');
  const nodeRed = await startNodeRed([], { settings: { adminAuth } });
  t.after(nodeRed.stop);
  for (const question of ['program', 'install'] as const) {
    for (const user of [undefined, 'reader', 'deployer', 'tester', 'stranger']) {
      assert.equal((await ask(nodeRed.url, question, user)).status, 401, user);
    }
    for (const user of ['admin', 'both']) assert.equal((await ask(nodeRed.url, question, user)).status, 200, user);
  }
});
