import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findNatsServer } from '../../../../lib/nats/server/find-server';
import { startServer, writeConfig } from '../../../../lib/nats/server/server-process';
import { freePort } from '../../../../scripts/free-port';
import { makeFolder } from '../../../support/folder';
import { Inbox } from '../../../support/inbox';

test('only the user of Node-RED can read the configuration file and the streams', async () => {
  const folder = join(makeFolder(), 'nats-server');
  const settings = { port: 4222, listen: 'local', configFile: join(folder, 'server.conf'), token: 't0p' } as const;
  mkdirSync(folder);
  writeFileSync(settings.configFile, 'old', { mode: 0o666 });
  const storeDir = join(folder, 'streams', 'of', '4222');
  await writeConfig({ ...settings, storeDir });
  assert.match(readFileSync(settings.configFile, 'utf8'), /t0p/);
  assert.equal(statSync(settings.configFile).mode & 0o777, 0o600);
  assert.equal(statSync(storeDir).mode & 0o777, 0o700);
});

test('a folder that cannot be made is named', async () => {
  const folder = makeFolder();
  writeFileSync(join(folder, 'file'), '');
  const [configFile, other] = [join(folder, 'file', 'server.conf'), join(folder, 'server.conf')];
  const settings = { port: 4222, listen: 'local' } as const;
  await assert.rejects(writeConfig({ ...settings, configFile }), { text: 'BAD_FOLDER' });
  const storeDir = join(folder, 'file', 'streams');
  await assert.rejects(writeConfig({ ...settings, configFile: other, storeDir }), { text: 'BAD_FOLDER' });
});

// The guard of Windows works on other systems as well.
for (const platform of ['linux', 'win32'] as const) {
  test(`a server logs until it is stopped, and its command line has no secret (${platform})`, async () => {
    const configFile = join(makeFolder(), 'server.conf');
    await writeConfig({ port: await freePort(), listen: 'local', configFile, token: 't0p-s3cret' });
    const lines = new Inbox<string>();
    const server = startServer(findNatsServer() ?? assert.fail(), configFile, (line) => lines.put(line), platform);
    let pid = '';
    for (let line = await lines.take(); !line.endsWith('Server is ready'); line = await lines.take()) {
      pid = /^\[(\d+)\]/.exec(line)?.[1] ?? '';
    }
    if (process.platform === 'linux') {
      assert.doesNotMatch(readFileSync(`/proc/${pid}/cmdline`, 'utf8'), /s3cret/);
      assert.doesNotMatch(readFileSync(`/proc/${pid}/environ`, 'utf8'), /s3cret/);
    }
    server.stop();
    server.stop();
    await server.ended;
    assert.throws(() => process.kill(Number(pid), 0));
  });
}

test('a program that cannot be run ends at once, with the reason', async () => {
  const lines = new Inbox<string>();
  const server = startServer('/nowhere/nats-server', '/nowhere/server.conf', (line) => lines.put(line));
  assert.equal(await server.ended, 127);
  assert.match(await lines.take(), /not found/);
  server.stop();
});
