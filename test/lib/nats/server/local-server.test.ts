import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findNatsServer } from '../../../../lib/nats/server/find-server';
import { LocalServer } from '../../../../lib/nats/server/local-server';
import { portOwner } from '../../../../lib/nats/server/port-owner';
import type { ServerSettings } from '../../../../lib/nats/server/server-settings';
import { freePort } from '../../../../scripts/free-port';
import { natsServerVersion, startNatsServer } from '../../../../scripts/nats-server';
import { makeFolder } from '../../../support/folder';
import { Inbox } from '../../../support/inbox';
import { serverPid } from '../../../support/server-pid';

/** What a server of this machine does, as texts: `ready`, `exit SIGKILL`, or the key of an error's sentence. */
async function start(t: TestContext, more: Partial<ServerSettings> = {}, find?: () => string | undefined) {
  const settings: ServerSettings = {
    port: await freePort(),
    listen: 'local',
    configFile: join(makeFolder(), 'server.conf'),
    ...more,
  };
  const events = new Inbox<string>();
  const errors: object[] = [];
  const server = new LocalServer(
    settings,
    {
      onReady: (version) => events.put(/^\d+\.\d+\.\d+$/.test(version) ? 'ready' : version),
      onLog: () => {},
      onExit: (exit) => events.put(`exit ${exit}`),
      onFailure: (error) => {
        errors.push(error.values);
        events.put(error.text);
      },
    },
    find,
  );
  t.after(() => server.close());
  const kill = () => process.kill(serverPid(settings.configFile) ?? assert.fail(), 'SIGKILL');
  return { server, events, errors, settings, kill };
}

/** Listens on a port of the loopback address until the test ends, and closes each connection, of which it tells. */
async function listen(t: TestContext, onConnection = () => {}): Promise<{ port: number; close(): void }> {
  const other = createServer((socket) => {
    onConnection();
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.after(() => other.close());
  return { port: (other.address() as AddressInfo).port, close: () => other.close() };
}

test('a server runs until it is closed', async (t) => {
  const { server, events, settings } = await start(t);
  assert.equal(await events.take(), 'ready');
  assert((await portOwner(settings.port))?.version);
  await server.close();
  assert.match(await events.take(), /^exit (0|1|SIGTERM)$/);
  assert.equal(await portOwner(settings.port), undefined);
  assert.equal(events.size, 0);
  await server.close();
});

test('a server can be closed at any moment of its start', async (t) => {
  for (const turns of [0, 1, 2, 5, 10, 20, 50, 100, 200]) {
    const { server, events, settings } = await start(t);
    for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
    await server.close();
    assert.equal(serverPid(settings.configFile), undefined);
    while (events.size > 0) assert.match(await events.take(), /^(ready|exit .*)$/);
  }
});

test('a server that crashes is started again, each time later', async (t) => {
  const { events, kill, errors } = await start(t);
  const waits: number[] = [];
  for (let crash = 0; crash < 3; crash++) {
    assert.equal(await events.take(), 'ready');
    kill();
    assert.equal(await events.take(), 'exit SIGKILL');
    assert.equal(await events.take(), 'SERVER_ENDED');
    assert.deepEqual(errors.at(-1), { reason: 'SIGKILL' });
    const since = performance.now();
    const event = await events.take();
    waits.push(performance.now() - since);
    events.put(event);
  }
  const [first = 0, second = 0, third = 0] = waits;
  assert(first > 240 && second > 490 && third > 990, String(waits));
});

test('what a server writes before it ends is the reason', async (t) => {
  const program = join(makeFolder(), 'nats-server');
  const script = (end: string) =>
    `#!/bin/sh\n[ "$1" = --version ] && echo nats-server: v2.9.0 && exit\necho '[1] [INF] hello' >&2\n${end}\n`;
  for (const [end, text, values] of [
    [`echo '[1] [FTL] no room' >&2; exit 3`, 'SERVER_ENDED', { reason: 'no room' }],
    [`echo 'nats-server: bad' >&2; exit 3`, 'SERVER_ENDED', { reason: 'nats-server: bad' }],
    ['exit 3', 'SERVER_ENDED', { reason: 'exit code 3' }],
    [`echo '[1] [FTL] listen: bind: address already in use' >&2; exit 1`, 'PORT_TAKEN', undefined],
  ] as const) {
    writeFileSync(program, script(end));
    chmodSync(program, 0o755);
    const { server, events, errors, settings } = await start(t, {}, () => program);
    assert.match(await events.take(), /^exit [13]$/);
    assert.equal(await events.take(), text);
    assert.deepEqual(errors[0], values ?? { port: settings.port });
    await server.close();
  }
});

test('an old server is not started', async (t) => {
  const program = join(makeFolder(), 'nats-server');
  writeFileSync(program, '#!/bin/sh\necho nats-server: v2.1.9\n', { mode: 0o755 });
  const { events, errors } = await start(t, {}, () => program);
  assert.equal(await events.take(), 'NEEDS_SERVER-program');
  assert.deepEqual(errors[0], { path: program, version: '2.1.9', needed: '2.9' });
});

test('a server that was missing starts as soon as it is there and a retry is asked for', async (t) => {
  let program: string | undefined;
  const { server, events } = await start(t, {}, () => program);
  assert.match(await events.take(), /^NO_PROGRAM/);
  program = findNatsServer();
  server.retry();
  assert.equal(await events.take(), 'ready');
  server.retry();
  assert.equal(events.size, 0);
});

test('a port that another program has is named, and used once it is free', async (t) => {
  const other = await listen(t);
  const { server, events, errors } = await start(t, { port: other.port });
  assert.equal(await events.take(), 'PORT_TAKEN');
  assert.deepEqual(errors[0], { port: other.port });
  other.close();
  server.retry();
  assert.equal(await events.take(), 'ready');
});

test('a port that another NATS server has is waited for, and then named with the version of that server', async (t) => {
  const other = await startNatsServer();
  t.after(other.stop);
  const { events, errors } = await start(t, { port: other.port });
  assert.equal(await events.take(), 'PORT_TAKEN-nats');
  assert.deepEqual(errors[0], { port: other.port, version: natsServerVersion() });
});

test('a server that is about to end gives its port to the next one without an error', async (t) => {
  const other = await startNatsServer();
  t.after(other.stop);
  const { events } = await start(t, { port: other.port });
  await other.stop();
  assert.equal(await events.take(), 'ready');
});

test('a server that ends while it is asked who it is gives its port to the next one', async (t) => {
  const other = await listen(t, () => other.close());
  const { events } = await start(t, { port: other.port });
  assert.equal(await events.take(), 'ready');
});

test('two servers do not share a folder', async (t) => {
  const storeDir = join(makeFolder(), 'streams');
  const first = await start(t, { storeDir });
  assert.equal(await first.events.take(), 'ready');
  const second = await start(t, { storeDir });
  assert.equal(await second.events.take(), 'BAD_FOLDER-taken');
  await first.server.close();
  second.server.retry();
  assert.equal(await second.events.take(), 'ready');
});
