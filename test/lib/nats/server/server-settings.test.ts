import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkToken, hostOf, serverConfig } from '../../../../lib/nats/server/server-settings';

const LOCAL = { port: 4222, listen: 'local', configFile: 'server.conf' } as const;

test('a server listens on the loopback address unless it is to listen on all', () => {
  assert.equal(hostOf(LOCAL), '127.0.0.1');
  assert.equal(hostOf({ ...LOCAL, listen: 'all' }), '0.0.0.0');
});

test('the configuration has what the settings say and nothing else', () => {
  assert.deepEqual(JSON.parse(serverConfig(LOCAL)), { host: '127.0.0.1', port: 4222, logtime: false });
  const settings = { ...LOCAL, storeDir: 'C:\\Users\\a "b"', token: 'a"b\\c $x {} é' };
  const { authorization, jetstream } = JSON.parse(serverConfig(settings));
  assert.deepEqual([authorization, jetstream], [{ token: settings.token }, { store_dir: settings.storeDir }]);
});

test('a token has no control characters, which JSON writes in a way that the server does not read', () => {
  for (const token of ['s3cret', 'a"b\\c $x {} é', '🔑']) assert.equal(checkToken(token), token);
  for (const token of ['a\nb', '\u0000', 'a\u007f']) assert.throws(() => checkToken(token), { code: 'BAD_TOKEN' });
});
