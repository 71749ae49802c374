import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { jetStreamOf } from '../../../../lib/nats/jetstream/jetstream';
import { SharedStream } from '../../../../lib/nats/jetstream/shared-stream';
import type { StreamState } from '../../../../lib/nats/jetstream/stream';
import { type StreamSettings, wantedStream } from '../../../../lib/nats/jetstream/stream-config';
import { Inbox } from '../../../support/inbox';
import { startJetStream } from '../../../support/jetstream-server';
import { isConnected, openConnection } from '../../../support/open-connection';
import { ORDERS } from '../../../support/stream-settings';

/** A stream on a connection, and what is known of it. */
async function start(t: TestContext, settings: Partial<StreamSettings> = {}, config = '') {
  const server = await startJetStream(t, config);
  const { connection, until } = openConnection(t, server.url);
  const shared = new SharedStream(wantedStream({ ...ORDERS, ...settings }), connection);
  const states = new Inbox<StreamState>();
  const user = (state: StreamState) => states.put(state);
  t.after(() => shared.remove(user));
  const isThere = () =>
    jetStreamOf(connection)
      .api()
      .request('STREAM.INFO.ORDERS')
      .then(
        () => true,
        () => false,
      );
  const remove = () => jetStreamOf(connection).api().request('STREAM.DELETE.ORDERS');
  return { server, connection, until, shared, states, user, isThere, remove };
}

test('the stream is made on the connect for its first user, and each user hears of it', async (t) => {
  const { until, shared, states, user, isThere } = await start(t);
  await until(isConnected);
  assert.equal(await isThere(), false);
  shared.add(user);
  assert.equal((await states.take()).info?.config.name, 'ORDERS');
  assert.equal(await isThere(), true);
  const late: StreamState[] = [];
  shared.add((state) => late.push(state));
  assert.equal(late[0]?.info?.config.name, 'ORDERS');
});

test('a stream that is missing is looked for again until someone makes it', async (t) => {
  const { until, shared, states, user, connection } = await start(t, { create: false });
  shared.add(user);
  await until(isConnected);
  for (const _ of [1, 2]) assert.equal((await states.take()).error?.code, 'NO_STREAM');
  await jetStreamOf(connection)
    .api()
    .request('STREAM.CREATE.ORDERS', { name: 'ORDERS', subjects: ['orders.>'] });
  let state = await states.take();
  while (state.error) state = await states.take();
  assert.equal(state.info?.config.name, 'ORDERS');
});

test('after an outage the stream is looked at again, and made if it is gone', async (t) => {
  const { server, until, shared, states, user, remove, isThere } = await start(t);
  shared.add(user);
  await until(isConnected);
  await states.take();
  await remove();
  await server.kill();
  await until(({ name }) => name !== 'connected');
  await server.restart();
  await until(isConnected);
  const { info, error } = await states.take();
  assert.equal(error, undefined, 'the outage itself is no trouble of the stream');
  assert.equal(info?.config.name, 'ORDERS');
  assert.equal(await isThere(), true);
});

test('a server without JetStream is asked again, until its last user leaves', async (t) => {
  const timers = t.mock.method(globalThis, 'setTimeout');
  const server = await startJetStream(t, 'accounts { A { users: [ { user: a, password: a } ] } }\nno_auth_user: a');
  const { connection, until } = openConnection(t, server.url);
  const states = new Inbox<StreamState>();
  const user = (state: StreamState) => states.put(state);
  const shared = new SharedStream(wantedStream(ORDERS), connection);
  await until(isConnected);
  shared.add(user);
  for (const _ of [1, 2]) assert.equal((await states.take()).error?.code, 'NO_JETSTREAM');
  shared.remove(user);
  const { result } = timers.mock.calls.filter(({ arguments: [, ms = 0] }) => ms > 100 && ms < 500).at(-1) ?? {};
  assert.equal((result as unknown as { _destroyed: boolean })._destroyed, true, 'no timer is left');
});
