import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { CodedError } from '../../../../lib/coded-error';
import { Protocol } from '../../../../lib/nats/client/protocol';
import { Connection, type ConnectionState } from '../../../../lib/nats/connection/connection';
import type { ConnectionSettings } from '../../../../lib/nats/connection/options';
import { probe } from '../../../../lib/nats/connection/probe';
import type { DesiredSubscription } from '../../../../lib/nats/core/subscriptions';
import { type NatsServer, type NatsServerOptions, startNatsServer } from '../../../../scripts/nats-server';
import { freeze, NO_FREEZE } from '../../../support/freeze';
import { Inbox } from '../../../support/inbox';
import { isConnected, openConnection as open, optionsFor } from '../../../support/open-connection';
import { startPeer } from '../../../support/peer';

async function startServer(t: TestContext, options?: NatsServerOptions): Promise<NatsServer> {
  const server = await startNatsServer(options);
  t.after(() => server.stop());
  return server;
}

const hasError = ({ error }: ConnectionState) => error !== undefined;

const INFO = { server_id: 'fake', version: '2.10.0', proto: 1, max_payload: 1_048_576, headers: true };

/** A server with a given greeting and given answers, which records its clients. */
async function startFake(t: TestContext, info: object, onLine: (line: string, client: Socket) => void) {
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    client.on('error', () => {}).on('close', () => clients.delete(client));
    client.write(`INFO ${JSON.stringify({ ...INFO, ...info })}\r\n`);
    let text = '';
    client.setEncoding('latin1').on('data', (chunk) => {
      const lines = (text + chunk).split('\r\n');
      text = lines.pop() ?? '';
      for (const line of lines) onLine(line, client);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const client of clients) client.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, clients };
}

const pong = (line: string, client: Socket) => {
  if (line === 'PING') client.write('PONG\r\n');
};

test('an outage ends even if the clock goes back by an hour', async (t) => {
  const server = await startServer(t);
  const { until } = open(t, server.url);
  await until(isConnected);
  await server.stop();
  await until(({ name }) => name === 'disconnected');
  const { now } = Date;
  t.mock.method(Date, 'now', () => now() - 3_600_000);
  await startServer(t, { port: server.port });
  await until(isConnected);
});

test('after a restart a limited subscription in a queue group takes only the rest of its limit', async (t) => {
  const server = await startServer(t);
  const { connection, until } = open(t, server.url);
  const here: string[] = [];
  const before = new Inbox<string>();
  const ended = new Inbox<string>();
  const limited: DesiredSubscription = {
    subject: 'work',
    queue: 'group',
    max: 5,
    onMessage: (msg) => {
      here.push(msg.text);
      if (here.length === 1) before.put(msg.text);
    },
    onEnd: () => ended.put('end'),
    onRefused: (error) => assert.fail(error),
  };
  connection.subscribe(limited);
  await until(isConnected);
  const first = await startPeer(t, server.url);
  first.nc.publish('work', 'before');
  assert.equal(await before.take(), 'before');
  await server.stop();
  await until(({ name }) => name === 'disconnected');
  const again = await startServer(t, { port: server.port });
  await until(isConnected);
  const { nc } = await startPeer(t, again.url);
  const elsewhere: string[] = [];
  const done = new Inbox<string>();
  nc.subscribe('work', { queue: 'group', callback: (_, msg) => void elsewhere.push(msg.string()) });
  nc.subscribe('done', { callback: () => done.put('done') });
  await nc.flush();
  const lines = Array.from({ length: 200 }, (_, index) => `PUB work ${String(index).length}\r\n${index}\r\n`);
  const writer = createConnection(again.port, '127.0.0.1');
  t.after(() => writer.destroy());
  writer.write(`CONNECT {"verbose":false}\r\n${lines.join('')}PUB done 0\r\n\r\n`);
  await ended.take();
  await done.take();
  assert.equal(here.length, 5);
  assert.equal(elsewhere.length, 196);
  assert.equal(new Set([...here, ...elsewhere]).size, 201);
});

for (const [what, connect_urls] of [
  ['that is no address', ['nats.1:4222', 'other:x', '']],
  ['that is no list', { other: 4222 }],
  ['of 40,000 members', Array.from({ length: 40_000 }, (_, index) => `10.${index >> 8}.${index & 255}.1:4222`)],
] as const) {
  test(`a greeting with an announcement ${what} is accepted and leaves nothing open`, async (t) => {
    const fake = await startFake(t, { connect_urls }, pong);
    const servers = `127.0.0.1:${fake.port}`;
    const { states } = open(t, servers);
    const startedAt = performance.now();
    assert.equal((await states.take()).name, 'connected');
    t.diagnostic(`connected after ${(performance.now() - startedAt).toFixed(0)} ms`);
    assert.equal((await probe(optionsFor(servers))).version, INFO.version);
    const [, probing] = fake.clients;
    if (probing) await once(probing, 'close');
    assert.equal(fake.clients.size, 1);
  });
}

test('a connection that ends within the microtasks after the PONG leaves nothing open', async (t) => {
  const fake = await startFake(t, {}, pong);
  const { processPong } = Protocol.prototype;
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  for (let ticks = 0; ticks < 10; ticks++) {
    const before = timers();
    const closed = new Promise<void>((resolve) => {
      const { mock } = t.mock.method(Protocol.prototype, 'processPong', async function (this: Protocol) {
        mock.restore();
        processPong.call(this);
        for (let tick = 0; tick < ticks; tick++) await undefined;
        resolve(connection.close());
      });
    });
    const { connection } = open(t, `127.0.0.1:${fake.port}`);
    await closed;
    assert.equal(connection.state.name, 'closed');
    assert.equal(timers(), before, `after ${ticks} microtasks`);
  }
});

test('a connection is closed if something cannot be attached to it, with the reason', async (t) => {
  const fake = await startFake(t, {}, pong);
  const { connection, until } = open(t, `127.0.0.1:${fake.port}`);
  const detached = new Inbox<string>();
  const remove = connection.use({
    attach: () => {
      throw new Error('no');
    },
    detach: async () => detached.put('detached'),
  });
  const { error } = await until(({ error }) => error !== undefined);
  assert.equal(error?.values.reason, 'no');
  await detached.take();
  remove();
  await until(isConnected);
});

test('a dial that a disconnect has ended is no failure of the server', async (t) => {
  const dialled = new Inbox<string>();
  const fake = await startFake(t, {}, (line) => line.startsWith('CONNECT') && dialled.put(line));
  const { connection } = open(t, `127.0.0.1:${fake.port}`);
  const startedAt = performance.now();
  for (let count = 0; count < 6; count++) {
    await dialled.take();
    await connection.disconnect();
    connection.connect();
  }
  const took = performance.now() - startedAt;
  assert(took < 3000, `it took ${took} ms`);
});

test('a member with an invalid address may join later: the connection stays open', async (t) => {
  const fake = await startFake(t, {}, pong);
  const { states, connection } = open(t, `127.0.0.1:${fake.port}`);
  await states.take();
  const received = new Inbox<string>();
  connection.subscribe({
    subject: 'a',
    max: 0,
    onMessage: (msg) => received.put(msg.text),
    onRefused: (error) => assert.fail(error),
  });
  const [client] = fake.clients;
  client?.write(`INFO ${JSON.stringify({ ...INFO, connect_urls: ['nats.1:4222'] })}\r\nMSG a 1 5\r\nhello\r\n`);
  assert.equal(await received.take(), 'hello');
  assert.equal(states.size, 0);
});

test('unreadable bytes end the connection at once, with a reason, and nothing is printed', async (t) => {
  const printed = t.mock.method(console, 'log', () => {});
  const fake = await startFake(t, {}, pong);
  const { until } = open(t, `127.0.0.1:${fake.port}`);
  await until(isConnected);
  const [client] = fake.clients;
  client?.write('NONSENSE secret\r\n');
  await until(({ name }) => name === 'disconnected');
  await until(isConnected);
  assert.equal(printed.mock.callCount(), 0);
});

for (const reason of ['User Authentication Revoked', 'Server Shutdown', 'maximum connections exceeded']) {
  test(`an error before the first PONG is the reason at once: ${reason}`, async (t) => {
    const fake = await startFake(t, {}, (line, client) => {
      if (line === 'PING') client.end(`-ERR '${reason}'\r\n`);
    });
    const servers = `127.0.0.1:${fake.port}`;
    const startedAt = performance.now();
    const { until } = open(t, servers);
    const { error } = await until(hasError);
    await assert.rejects(probe(optionsFor(servers)), new RegExp(reason));
    assert.match(String(error?.values.reason), new RegExp(reason));
    assert(performance.now() - startedAt < 2500, 'well before the time-out');
  });
}

test('a server that revokes the credentials of a connection is a refusal with its reason', async (t) => {
  const fake = await startFake(t, {}, pong);
  const { until } = open(t, `127.0.0.1:${fake.port}`);
  await until(isConnected);
  const [client] = fake.clients;
  client?.end("-ERR 'User Authentication Revoked'\r\n");
  const { name, error } = await until(hasError);
  assert.deepEqual([name, error?.code, error?.values.reason], ['refused', 'AUTH', 'User Authentication Revoked']);
});

test('a full server is reported at once', async (t) => {
  const server = await startServer(t, { config: 'max_connections: 1' });
  await startPeer(t, server.url);
  const { until } = open(t, server.url);
  // A reset of the connection may overtake the words of the server: then those of the next dial count.
  await until(({ error }) => /maximum connections exceeded/.test(String(error?.values.reason)));
});

test('after an outage the reason is reported once, as at the first connect', async (t) => {
  const server = await startServer(t);
  const { until, states } = open(t, server.url, { reconnectWaitMs: 20 });
  await until(isConnected);
  await server.stop();
  // A server that is stopping may still reset a connection.
  const { error } = await until(({ error }) => error?.values.reason === 'connection refused');
  assert.equal(error?.code, 'UNREACHABLE');
  const fake = createServer((client) => client.destroy());
  fake.listen(server.port, '127.0.0.1');
  t.after(() => fake.close());
  for (let count = 0; count < 2; count++) await once(fake, 'connection');
  assert(states.size <= 1, 'one other reason at most');
});

test('of an unreachable and a refusing server, the refusal is the reason and is reported once', async (t) => {
  const away = await startNatsServer();
  await away.stop();
  const strict = await startServer(t, { config: 'authorization { token: secret }' });
  const { until, states, connection } = open(t, `${away.url}, ${strict.url}`);
  const { name, error } = await until(hasError);
  assert.deepEqual([name, error?.code], ['refused', 'AUTH']);
  const dials = new Inbox<string>();
  const relay = createServer(() => dials.put('dial'));
  relay.listen(away.port, '127.0.0.1');
  t.after(() => relay.close());
  for (let count = 0; count < 2; count++) await dials.take();
  assert.equal(states.size, 0);
  assert.equal(connection.state.name, 'refused');
});

test('40 connections that end while they dial a silent server leave nothing open', async (t) => {
  const sockets = new Inbox<Socket>();
  const silent = createServer((client) => sockets.put(client.on('error', () => {}).resume()));
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => silent.close());
  const { port } = silent.address() as AddressInfo;
  for (let count = 0; count < 40; count++) {
    const connection = new Connection(optionsFor(`127.0.0.1:${port}`, { connectTimeoutMs: 60_000 }), () => {});
    const client = await sockets.take();
    const closed = once(client, 'close');
    await connection.close();
    await closed;
  }
});

test('the time to drain subscriptions is linear in their number', async (t) => {
  const server = await startServer(t);
  const { connection, until } = open(t, server.url);
  await until(isConnected);
  const drain = async (count: number) => {
    const desired = Array.from({ length: count }, (_, index) => ({
      subject: `many.${index}`,
      max: 0,
      onMessage: () => {},
      onRefused: (error: CodedError) => assert.fail(error),
    }));
    for (const one of desired) connection.subscribe(one);
    await assert.rejects(connection.request({ subject: 'nobody', data: Buffer.alloc(0), timeoutMs: 20_000 }));
    const startedAt = performance.now();
    await connection.drain(desired);
    return performance.now() - startedAt;
  };
  await drain(1000);
  const few = await drain(5000);
  const many = await drain(40_000);
  t.diagnostic(`5,000: ${few.toFixed(0)} ms, 40,000: ${many.toFixed(0)} ms`);
  // Quadratic time would be 64 times as long.
  assert(many < 40 * few, `${few} ms, ${many} ms`);
});

/** A connection with 100,000 messages that wait for a frozen server; `done` resolves with how long they took to end. */
async function openFrozen(t: TestContext, settings: Partial<ConnectionSettings>) {
  const count = 100_000;
  const server = await startServer(t);
  const { connection, until } = open(t, server.url, settings);
  await until(isConnected);
  await freeze(server);
  const ended: number[] = [];
  const codes = new Set<string | undefined>();
  let firstAt = 0;
  const done = new Promise<number>((resolve) => {
    for (let number = 0; number < count; number++) {
      const publication = {
        subject: 'a',
        data: Buffer.alloc(10),
        whenDown: 'hold',
        maxAgeMs: 0,
        confirm: true,
      } as const;
      connection.publish(publication, (error) => {
        firstAt ||= performance.now();
        codes.add((error as CodedError | undefined)?.code);
        if (ended.push(number) === count) resolve(performance.now() - firstAt);
      });
    }
  });
  return { server, connection, until, ended, codes, count, done };
}

test('very many messages that a frozen server leaves unconfirmed end in order, and in short turns', {
  skip: NO_FREEZE,
}, async (t) => {
  const { until, ended, codes, count, done } = await openFrozen(t, { pingIntervalMs: 300, maxPingOut: 1 });
  // Their number in a turn, as a busy machine may make any turn long.
  let most = 0;
  let before = 0;
  let turn: NodeJS.Immediate;
  const beat = () => {
    most = Math.max(most, ended.length - before);
    before = ended.length;
    turn = setImmediate(beat);
  };
  turn = setImmediate(beat);
  const tookMs = await done;
  clearImmediate(turn);
  most = Math.max(most, ended.length - before);
  t.diagnostic(`${count} messages: ${tookMs.toFixed(0)} ms, at most ${most} in a turn`);
  assert(most < count / 4, `${most} of ${count} in a turn`);
  assert.deepEqual([...codes], ['UNCONFIRMED']);
  assert(ended.every((number, index) => number === index));
  await until(({ name }) => name === 'disconnected');
});

test('a connection with very many unconfirmed messages ends in time, and all of them end', {
  skip: NO_FREEZE,
}, async (t) => {
  const { connection, ended, codes, done, count } = await openFrozen(t, {});
  const startedAt = performance.now();
  await connection.close();
  const tookMs = performance.now() - startedAt;
  t.diagnostic(`closed after ${tookMs.toFixed(0)} ms`);
  assert(tookMs < 5000, `it took ${tookMs} ms`);
  await done;
  assert.equal(ended.length, count);
  assert.deepEqual([...codes], ['UNCONFIRMED']);
});
