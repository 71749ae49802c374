import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dial } from '../../../../lib/nats/client/dial';
import { ping } from '../../../../lib/nats/client/ping';
import { startNatsServer } from '../../../../scripts/nats-server';

const LIMITED = 'authorization { users: [{ user: u, password: p, permissions: { publish: ok } }] }\nno_auth_user: u';

test('a PONG comes with the number of the last denial before it, on its own connection', async (t) => {
  const server = await startNatsServer({ config: LIMITED });
  t.after(() => server.stop());
  const nc = await dial({ servers: server.url });
  const other = await dial({ servers: server.url });
  t.after(() => Promise.all([nc.close(), other.close()]));
  const pongs = [ping(nc)];
  for (const subject of ['denied', 'ok', 'denied']) {
    nc.publish(subject);
    pongs.push(ping(nc));
  }
  assert.deepEqual(await Promise.all(pongs), [0, 1, 1, 2]);
  assert.equal(await ping(other), 0);
});

test('there is no PONG where the connection is closed, or closes first', async (t) => {
  const server = await startNatsServer();
  t.after(() => server.stop());
  const nc = await dial({ servers: server.url, reconnectTimeWait: 10 });
  t.after(() => nc.close());
  const statuses = nc.status()[Symbol.asyncIterator]();
  const pong = ping(nc);
  await nc.reconnect();
  await assert.rejects(pong, /disconnect/);
  for (let type = ''; type !== 'reconnect'; ) type = (await statuses.next()).value.type;
  await nc.close();
  await assert.rejects(ping(nc), /closed/);
});
