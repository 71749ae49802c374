import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ping } from '../../../../lib/nats/client/ping';
import { startNatsServer } from '../../../../scripts/nats-server';
import { dialServer } from '../../../support/dial';

const LIMITED = 'authorization { users: [{ user: u, password: p, permissions: { publish: ok } }] }\nno_auth_user: u';

test('a PONG has the number of the last error before it on the same connection', async (t) => {
  const server = await startNatsServer({ config: LIMITED });
  t.after(() => server.stop());
  const nc = await dialServer(t, server.port);
  const other = await dialServer(t, server.port);
  const pongs = [ping(nc)];
  for (const subject of ['denied', 'ok', 'denied']) {
    nc.publish(subject);
    pongs.push(ping(nc));
  }
  assert.deepEqual(await Promise.all(pongs), [0, 1, 1, 2]);
  assert.equal(await ping(other), 0);
});

test('there is no PONG if the connection is closed or closes first', async (t) => {
  const server = await startNatsServer();
  t.after(() => server.stop());
  const nc = await dialServer(t, server.port);
  const pong = ping(nc);
  await nc.close();
  await assert.rejects(ping(nc), /closed/);
  const settled = await Promise.race([pong.then(() => 'answered').catch(() => 'rejected'), nc.closed()]);
  assert.notEqual(settled, 'answered');
});
