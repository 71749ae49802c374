import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { CodedError } from '../../../../lib/coded-error';
import type { Connection } from '../../../../lib/nats/connection/connection';
import { Endpoint } from '../../../../lib/nats/services/endpoint';
import { Service } from '../../../../lib/nats/services/service';
import { connectionsOf, MONITORED, poll } from '../../../../scripts/monitoring';
import { type NatsServerOptions, startNatsServer } from '../../../../scripts/nats-server';
import { Inbox } from '../../../support/inbox';
import { isConnected, openConnection } from '../../../support/open-connection';
import { type Peer, startPeer } from '../../../support/peer';
import { checkResponse, type Response } from '../../../support/service-schemas';

const SETTINGS = {
  name: 'rooms',
  version: '1.2.3',
  description: 'the climate of rooms',
  metadata: { region: 'eu' },
};

const endpoint = (name = 'get') => new Endpoint({ name, subject: `rooms.${name}`, queue: 'q' });

async function start(t: TestContext, options: NatsServerOptions = {}) {
  const server = await startNatsServer(options);
  t.after(() => server.stop());
  const opened = openConnection(t, server.url);
  await opened.until(isConnected);
  const service = new Service(SETTINGS, opened.connection);
  return { server, ...opened, service };
}

/** The answers to a request within the system, as soon as there are so many. */
async function ask({ nc }: Peer, subject: string, count: number): Promise<Response[]> {
  const replies: Response[] = [];
  const options = { strategy: 'count', maxMessages: count, maxWait: 10_000 } as const;
  for await (const reply of await nc.requestMany(subject, '', options)) replies.push(reply.json<Response>());
  assert.equal(replies.length, count, subject);
  return replies;
}

/** Resolves when the server has processed everything that a connection has sent. */
function settled(connection: Connection): Promise<void> {
  const ready = { subject: 'ready', data: Buffer.alloc(0), confirm: true, whenDown: 'hold', maxAgeMs: 0 } as const;
  return new Promise((resolve, reject) => {
    connection.publish(ready, (error) => (error ? reject(error) : resolve()));
  });
}

/** Resolves when a connection has this many subscriptions. */
const subscribed = async (server: Awaited<ReturnType<typeof startNatsServer>>, count: number) => {
  const isThere = (known: { subscriptions: string[] }[]) => known[0]?.subscriptions.length === count;
  const found = await poll(() => connectionsOf(server), isThere);
  return found[0]?.subscriptions ?? [];
};

test('a service answers all three requests by kind, by name, and by name and id', async (t) => {
  const { server, service, connection } = await start(t);
  const peer = await startPeer(t, server.url);
  service.add(endpoint(), () => {});
  await settled(connection);
  for (const verb of ['PING', 'INFO', 'STATS'] as const) {
    for (const subject of [`$SRV.${verb}`, `$SRV.${verb}.rooms`, `$SRV.${verb}.rooms.${service.id}`]) {
      const [response] = await ask(peer, subject, 1);
      checkResponse(verb, response);
      const { id, name, version, metadata } = response as Response;
      assert.deepEqual({ id, name, version, metadata }, { ...pick(SETTINGS), id: service.id });
    }
  }
});

function pick({ name, version, metadata }: typeof SETTINGS) {
  return { name, version, metadata };
}

test('INFO describes the endpoints as they are, and STATS since when there are some', async (t) => {
  const { server, service, connection } = await start(t);
  const peer = await startPeer(t, server.url);
  const before = Date.now();
  const [get, set] = [endpoint('get'), endpoint('set')];
  service.add(get, () => {});
  service.add(set, () => {});
  const described = (name: string) => ({ name, subject: `rooms.${name}`, queue_group: 'q', metadata: {} });
  await settled(connection);
  let [info] = await ask(peer, '$SRV.INFO.rooms', 1);
  assert.equal(info?.description, SETTINGS.description);
  assert.deepEqual(info?.endpoints, [described('get'), described('set')]);
  await service.remove(get);
  [info] = await ask(peer, '$SRV.INFO.rooms', 1);
  assert.deepEqual(info?.endpoints, [described('set')]);
  const [stats] = await ask(peer, '$SRV.STATS.rooms', 1);
  const started = Date.parse(stats?.started ?? '');
  assert(started >= before && started <= Date.now(), stats?.started);
});

test('nothing is subscribed without an endpoint, and a service begins again with the same id', async (t) => {
  const { server, service } = await start(t, { config: MONITORED });
  await subscribed(server, 0);
  const [get, set] = [endpoint('get'), endpoint('set')];
  service.add(get, () => {});
  service.add(set, () => {});
  const subjects = await subscribed(server, 9);
  assert(
    subjects.every((subject) => subject.startsWith('$SRV.')),
    subjects.join(),
  );
  await service.remove(get);
  await subscribed(server, 9);
  await service.remove(set);
  await service.remove(set);
  await subscribed(server, 0);
  service.add(endpoint(), () => {});
  assert.deepEqual(await subscribed(server, 9), subjects);
});

test('the name of an endpoint is free again when it has gone', async (t) => {
  const { service } = await start(t);
  const first = endpoint();
  service.add(first, () => {});
  assert.throws(() => service.add(endpoint(), () => {}), { code: 'BAD_ENDPOINT' });
  service.add(endpoint('set'), () => {});
  await service.remove(first);
  service.add(endpoint(), () => {});
});

test('an instance keeps its id and its statistics over an outage', async (t) => {
  const { server, service, connection, until } = await start(t);
  const get = endpoint();
  service.add(get, () => {});
  get.received(undefined);
  await server.stop();
  await until(({ name }) => name !== 'connected');
  const again = await startNatsServer({ port: server.port });
  t.after(() => again.stop());
  await until(isConnected);
  const peer = await startPeer(t, again.url);
  await settled(connection);
  const [stats] = await ask(peer, '$SRV.STATS', 1);
  assert.equal(stats?.id, service.id);
  assert.equal(stats?.endpoints?.[0]?.num_requests, 1);
});

test('two instances on one connection are told apart by their ids', async (t) => {
  const { server, service, connection } = await start(t);
  const other = new Service(SETTINGS, connection);
  for (const one of [service, other]) one.add(endpoint(), () => {});
  const peer = await startPeer(t, server.url);
  await settled(connection);
  const ids = (await ask(peer, '$SRV.PING.rooms', 2)).map(({ id }) => id);
  assert.deepEqual(ids.sort(), [service.id, other.id].sort());
  const [one] = await ask(peer, `$SRV.PING.rooms.${other.id}`, 1);
  assert.equal(one?.id, other.id);
});

test('a request without a reply subject, or with one of the server, is not answered', async (t) => {
  const { server, service, connection } = await start(t);
  service.add(endpoint(), () => {});
  const peer = await startPeer(t, server.url);
  await settled(connection);
  const stolen = await peer.subscribe('$JS.API.>');
  const answers = await peer.subscribe('answers');
  peer.nc.publish('$SRV.PING');
  peer.nc.publish('$SRV.PING', '', { reply: '$JS.API.STREAM.PURGE.ORDERS' });
  peer.nc.publish('$SRV.PING', '', { reply: 'answers' });
  await answers.take();
  assert.equal(stolen.size, 0);
});

test('a user who may not subscribe below $SRV hears it once, until it is allowed', async (t) => {
  const permissions = (denied: string) =>
    `authorization { users: [ { user: a, password: a, permissions: { subscribe: { ${denied} } } } ] }\n`;
  const server = await startNatsServer({ config: permissions('deny: ["$SRV.>"]') });
  t.after(() => server.stop());
  const { connection, until } = openConnection(t, server.url, {
    auth: 'user',
    secrets: { user: 'a', password: 'a' },
  });
  await until(isConnected);
  const logged = new Inbox<string>();
  const told = new Inbox<string>();
  const nameOf = (trouble?: CodedError) => (trouble ? `${trouble.code} ${trouble.values.subject}` : 'none');
  const service = new Service(SETTINGS, connection, (trouble) => logged.put(nameOf(trouble)));
  service.add(endpoint(), (trouble) => told.put(nameOf(trouble)));
  const trouble = await logged.take();
  assert.match(trouble, /^PERMISSION \$SRV\.PING/);
  assert.equal(await told.take(), trouble);
  const late: string[] = [];
  service.add(endpoint('set'), (trouble) => late.push(nameOf(trouble)));
  assert.deepEqual(late, [trouble]);
  await server.stop();
  const kinder = await startNatsServer({ port: server.port, config: permissions('allow: [">"]') });
  t.after(() => kinder.stop());
  assert.equal(await logged.take(), 'none');
  assert.equal(await told.take(), 'none');
  assert.deepEqual([logged.size, told.size], [0, 0]);
});

test('a service tells if its answers are larger than the server allows', async (t) => {
  const { server, connection } = await start(t, { config: 'max_payload: 1024' });
  const told = new Inbox<CodedError | undefined>();
  const service = new Service({ ...SETTINGS, description: 'x'.repeat(1024) }, connection, (trouble) =>
    told.put(trouble),
  );
  service.add(endpoint(), () => {});
  await settled(connection);
  const peer = await startPeer(t, server.url);
  peer.nc.publish('$SRV.INFO', '', { reply: 'answers' });
  assert.equal((await told.take())?.code, 'MAX_PAYLOAD');
  await ask(peer, '$SRV.PING', 1);
});
