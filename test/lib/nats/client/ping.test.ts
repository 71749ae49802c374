import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ping } from '../../../../lib/nats/client/ping';
import { startNatsServer } from '../../../../scripts/nats-server';
import { dialServer } from '../../../support/dial';
import { Inbox } from '../../../support/inbox';

const LIMITED = 'authorization { users: [{ user: u, password: p, permissions: { publish: ok } }] }\nno_auth_user: u';

test('a PONG is heard between the errors before and after it', async (t) => {
  const server = await startNatsServer({ config: LIMITED });
  t.after(() => server.stop());
  const heard: string[] = [];
  const last = new Inbox<string>();
  const nc = await dialServer(t, server.port, {}, { onError: () => void heard.push('error') });
  const pong = (name: string) => ping(nc, () => heard.push(name));
  pong('first');
  for (const subject of ['denied', 'ok', 'denied']) {
    nc.publish(subject);
    pong(subject);
  }
  nc.publish('denied');
  ping(nc, () => last.put('last'));
  await last.take();
  assert.deepEqual(heard, ['first', 'error', 'denied', 'ok', 'error', 'denied', 'error']);
});

test('there is no PONG if the connection is closed or closes first', async (t) => {
  const server = await startNatsServer();
  t.after(() => server.stop());
  const nc = await dialServer(t, server.port);
  const pong = t.mock.fn();
  ping(nc, pong);
  await nc.close();
  ping(nc, pong);
  const other = await dialServer(t, server.port);
  await other.flush();
  assert.equal(pong.mock.callCount(), 0);
});
