import assert from 'node:assert/strict';
import { test } from 'node:test';
import { briefly } from '../../../../lib/nats/connection/brief';
import type { Connection } from '../../../../lib/nats/connection/connection';
import { startNatsServer } from '../../../../scripts/nats-server';
import { optionsFor } from '../../../support/open-connection';
import { startSilentServer } from '../../../support/silent-server';

test('the connection is there for as long as it is used, and its result is passed on', async (t) => {
  const server = await startNatsServer();
  t.after(() => server.stop());
  let used: Connection | undefined;
  const result = await briefly(optionsFor(server.url), 5000, async (connection) => {
    used = connection;
    await connection.request({ subject: 'nobody', data: Buffer.alloc(0), timeoutMs: 1000 }).catch(({ code }) => {
      assert.equal(code, 'NO_RESPONDERS', 'it takes requests at once');
    });
    return connection.state.name;
  });
  assert.equal(result, 'connected');
  assert.equal(used?.state.name, 'closed');
  const failing = briefly(optionsFor(server.url), 5000, async (connection) => {
    used = connection;
    throw new Error('no use');
  });
  await assert.rejects(failing, /no use/);
  assert.equal(used?.state.name, 'closed');
});

test('where no server accepts it, the reason is the error', async (t) => {
  const never = () => assert.fail('used');
  const server = await startNatsServer({ config: 'authorization { token: t0p }' });
  t.after(() => server.stop());
  await assert.rejects(briefly(optionsFor(server.url), 5000, never), { code: 'AUTH' });
  await assert.rejects(briefly(optionsFor('nats://127.0.0.1:1, 127.0.0.1:2'), 5000, never), { code: 'UNREACHABLE' });
  const silent = await startSilentServer(t);
  const options = optionsFor(`127.0.0.1:${silent.port}`, { connectTimeoutMs: 60_000 });
  await assert.rejects(briefly(options, 100, never), { code: 'NOT_CONNECTED' });
});
