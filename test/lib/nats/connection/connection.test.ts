import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { CodedError } from '../../../../lib/coded-error';
import type { ConnectionState, Presence } from '../../../../lib/nats/connection/connection';
import type { ConnectionSettings } from '../../../../lib/nats/connection/options';
import type { Publication } from '../../../../lib/nats/core/publication';
import type { DesiredSubscription } from '../../../../lib/nats/core/subscriptions';
import { encodeHeaders } from '../../../../lib/nats/message/headers';
import { freePort } from '../../../../scripts/free-port';
import { type NatsServer, type NatsServerOptions, startNatsServer } from '../../../../scripts/nats-server';
import { makeCertificate } from '../../../support/certificates';
import { freeze, NO_FREEZE } from '../../../support/freeze';
import { Inbox } from '../../../support/inbox';
import { openConnection } from '../../../support/open-connection';
import { startPeer } from '../../../support/peer';
import { startRelay } from '../../../support/relay';

const TOKEN = 'authorization { token: secret }';

/** Permission to publish and subscribe to everything except `denied`. */
const LIMITED = `
  authorization {
    users: [{ user: u, password: p, permissions: { publish: { deny: ["denied"] }, subscribe: { deny: ["denied"] } } }]
  }
  no_auth_user: u
`;

/** A server that is stopped when the test ends, in whatever state it is. */
async function startServer(t: TestContext, options?: NatsServerOptions): Promise<NatsServer> {
  const server = await startNatsServer(options);
  t.after(() => server.stop());
  return server;
}

/** A connection until the test ends. */
function open(t: TestContext, port: number, settings: Partial<ConnectionSettings> = {}, presence: Presence = {}) {
  const { connection, states, reported } = openConnection(t, `nats://127.0.0.1:${port}`, settings, presence);
  return {
    connection,
    states,
    reported,
    /** Resolves when the connection reaches this state. */
    until: async (name: ConnectionState['name']): Promise<ConnectionState> => {
      for (;;) {
        const state = await states.take();
        if (state.name === name) return state;
      }
    },
    /** Resolves with the outcome of a publication. */
    publish: (subject: string, text = '', settings: Partial<Publication> = {}): Promise<CodedError | undefined> => {
      const data = Buffer.from(text);
      const publication: Publication = { subject, data, whenDown: 'hold', maxAgeMs: 0, confirm: true, ...settings };
      return new Promise((resolve) => {
        connection.publish(publication, (error) => resolve(error as CodedError | undefined));
      });
    },
    request: (subject: string, timeoutMs = 5000) =>
      connection.request({ subject, data: Buffer.from('question'), timeoutMs }),
    requestMany: (subject: string, timeoutMs = 5000) =>
      connection.requestMany({ subject, data: Buffer.from('question'), timeoutMs }, { count: 2, stallMs: 0 }),
  };
}

/** A subscription and the messages that it receives. */
function want(subject: string, settings: Partial<DesiredSubscription> = {}) {
  const texts = new Inbox<string>();
  const errors = new Inbox<CodedError>();
  const ends = new Inbox<string>();
  const wanted: DesiredSubscription = {
    subject,
    max: 0,
    onMessage: (msg) => texts.put(msg.text),
    onEnd: () => ends.put('end'),
    onRefused: (error) => errors.put(error),
    ...settings,
  };
  return { wanted, texts, errors, ends };
}

type Wants = ReturnType<typeof want> & { accepted: Inbox<string> };

async function take<T>(inbox: Inbox<T>, count: number): Promise<T[]> {
  const items: T[] = [];
  while (items.length < count) items.push(await inbox.take());
  return items;
}

test('a server that is down at the start is reported, and found when it starts', async (t) => {
  const port = await freePort();
  const { connection, until, publish } = open(t, port);
  const { wanted, texts } = want('a');
  connection.subscribe(wanted);
  const outcome = publish('a', 'held');
  const { error } = await until('connecting');
  assert.equal(error?.code, 'UNREACHABLE');
  assert.equal(error?.values.servers, `127.0.0.1:${port}`);
  await startServer(t, { port });
  const { server, error: none } = await until('connected');
  assert.equal(server, `127.0.0.1:${port}`);
  assert.equal(none, undefined);
  assert.equal(await outcome, undefined);
  assert.equal(await texts.take(), 'held');
});

test('after a crash of the server subscriptions are restored and held messages go out in order', async (t) => {
  const server = await startServer(t);
  const { connection, states, until, publish } = open(t, server.port);
  const all = want('a.*');
  const group = want('a.*', { queue: 'group' });
  connection.subscribe(all.wanted);
  await until('connected');
  connection.subscribe(group.wanted);
  assert.equal(await publish('a.0', '0'), undefined);
  assert.deepEqual([await all.texts.take(), await group.texts.take()], ['0', '0']);

  await server.stop();
  assert.equal((await states.take()).name, 'disconnected');
  const outcomes = ['1', '2', '3'].map((text) => publish(`a.${text}`, text));
  const late = want('a.3');
  connection.subscribe(late.wanted);
  await startServer(t, { port: server.port });
  await until('connected');
  assert.deepEqual(await Promise.all(outcomes), [undefined, undefined, undefined]);
  assert.deepEqual(await take(all.texts, 3), ['1', '2', '3']);
  assert.deepEqual(await take(group.texts, 3), ['1', '2', '3']);
  assert.equal(await late.texts.take(), '3');
  assert.deepEqual([all.texts.size, group.texts.size, late.texts.size], [0, 0, 0]);
});

test('a server that stops answering is given up, and found when it answers again', {
  skip: NO_FREEZE,
}, async (t) => {
  const server = await startServer(t);
  const { until, publish } = open(t, server.port, { pingIntervalMs: 30, connectTimeoutMs: 200 });
  await until('connected');
  await freeze(server);
  await until('disconnected');
  const outcome = publish('a');
  server.process.kill('SIGCONT');
  await until('connected');
  assert.equal(await outcome, undefined);
});

test('a server that stops reading is given up, and found when it answers again', {
  skip: NO_FREEZE,
}, async (t) => {
  const server = await startServer(t);
  const { subscribe } = await startPeer(t, server.url);
  const asked = await subscribe('silent');
  const { connection, states, until, publish, request } = open(t, server.port, {
    pingIntervalMs: 100,
    connectTimeoutMs: 200,
  });
  const { wanted, texts } = want('a');
  connection.subscribe(wanted);
  await until('connected');
  const lost = assert.rejects(request('silent'), { code: 'CONNECTION_LOST' });
  await asked.take();
  await freeze(server);
  // Several times as much as the socket accepts.
  const outcomes = Array.from({ length: 32 }, () => publish('large', 'x'.repeat(1024 * 1024)));
  assert.deepEqual([(await states.take()).name, (await states.take()).name], ['disconnected', 'connecting']);
  await lost;
  for (const outcome of outcomes) assert.equal((await outcome)?.code, 'UNCONFIRMED');
  const held = publish('a', 'held');
  server.process.kill('SIGCONT');
  await until('connected');
  assert.equal(await held, undefined);
  assert.equal(await texts.take(), 'held');
  assert.equal((await request('nobody').catch((error) => error)).code, 'NO_RESPONDERS');
});

test('subscribing twice does not double the messages, and an ended subscription gets none', async (t) => {
  const server = await startServer(t);
  const { connection, until, publish } = open(t, server.port);
  const { wanted, texts } = want('a');
  const ended = want('a');
  const endedWhileDown = want('a');
  for (const one of [wanted, ended.wanted, endedWhileDown.wanted]) connection.subscribe(one);
  await until('connected');
  connection.subscribe(wanted);
  connection.unsubscribe(ended.wanted);
  await publish('a', '1');
  await publish('a', '2');
  assert.deepEqual(await take(texts, 2), ['1', '2']);

  await server.stop();
  await until('disconnected');
  connection.unsubscribe(endedWhileDown.wanted);
  await startServer(t, { port: server.port });
  await until('connected');
  await publish('a', '3');
  assert.equal(await texts.take(), '3');
  assert.deepEqual([texts.size, ended.texts.size, endedWhileDown.texts.size], [0, 0, 2]);
});

test('a subscription ends after its maximum number of messages, and can be started again', async (t) => {
  const server = await startServer(t);
  const { connection, until, publish } = open(t, server.port);
  const { wanted, texts, ends } = want('a', { max: 2 });
  const all = want('a');
  connection.subscribe(wanted);
  connection.subscribe(all.wanted);
  await until('connected');
  for (const text of ['1', '2', '3']) await publish('a', text);
  assert.equal(await ends.take(), 'end');
  connection.subscribe(wanted);
  await publish('a', '4');
  await take(all.texts, 4);
  assert.deepEqual(await take(texts, 3), ['1', '2', '4']);
  assert.equal(ends.size, 0);
});

test('a callback may start its subscription anew, which then takes its own number of messages', async (t) => {
  const { port } = await startServer(t);
  const { connection, until, publish } = open(t, port);
  await until('connected');
  const texts = new Inbox<string>();
  const ended = new Inbox<string>();
  let count = 0;
  const subscription: DesiredSubscription = {
    subject: 'a',
    max: 1,
    onMessage: (msg) => {
      texts.put(msg.text);
      if (++count > 1) return;
      connection.unsubscribe(subscription);
      connection.subscribe(subscription);
    },
    onEnd: () => ended.put(`after ${count}`),
    onRefused: (error) => assert.fail(error),
  };
  connection.subscribe(subscription);
  for (const text of ['one', 'two']) {
    await publish('a', text);
    assert.equal(await texts.take(), text);
  }
  assert.equal(await ended.take(), 'after 2');
});

test('the number of messages continues to count after a restart of the server', async (t) => {
  const server = await startServer(t);
  const { connection, until, publish } = open(t, server.port);
  const { wanted, texts, ends } = want('a', { max: 3 });
  const all = want('a');
  connection.subscribe(wanted);
  connection.subscribe(all.wanted);
  await until('connected');
  await publish('a', '1');
  await take(all.texts, 1);
  await server.stop();
  await until('disconnected');
  await startServer(t, { port: server.port });
  await until('connected');
  for (const text of ['2', '3', '4']) await publish('a', text);
  await take(all.texts, 3);
  assert.deepEqual(await take(texts, 3), ['1', '2', '3']);
  assert.deepEqual([texts.size, ends.size], [0, 1]);
});

test('a wrong token is refused, and a server without authentication accepts it', async (t) => {
  const server = await startServer(t, { config: TOKEN });
  const { until } = open(t, server.port, { auth: 'token', secrets: { token: 'wrong' } });
  const { error } = await until('refused');
  assert.equal(error?.code, 'AUTH');
  assert(!JSON.stringify(error?.values).includes('wrong'));
  await server.stop();
  await startServer(t, { port: server.port });
  await until('connected');
});

test('the right token is accepted', async (t) => {
  const server = await startServer(t, { config: TOKEN });
  const { states } = open(t, server.port, { auth: 'token', secrets: { token: 'secret' } });
  assert.equal((await states.take()).name, 'connected');
});

test('a server that restarts with another token refuses, until it requires none again', async (t) => {
  const server = await startServer(t);
  const { until, publish } = open(t, server.port);
  await until('connected');
  await server.stop();
  const strict = await startServer(t, { port: server.port, config: TOKEN });
  assert.equal((await until('refused')).error?.code, 'AUTH');
  const outcome = publish('a');
  await strict.stop();
  await startServer(t, { port: server.port });
  await until('connected');
  assert.equal(await outcome, undefined);
});

test('after refused dials a connection reports once that it is open, and a denied held message fails', async (t) => {
  const allow = (password: string) => `
    authorization {
      users: [
        { user: u, password: ${password}, permissions: { publish: { deny: ["denied"] } } }
        { user: witness, password: p }
      ]
    }
    no_auth_user: witness
  `;
  const server = await startServer(t, { config: allow('p') });
  const witness = await startPeer(t, server.url);
  const online = await witness.subscribe('online');
  const relay = await startRelay(t, server.port);
  const signIn = { auth: 'user', secrets: { user: 'u', password: 'p' } } as const;
  const { until, publish } = open(t, relay.port, signIn, { online: { subject: 'online', data: Buffer.from('here') } });
  await until('connected');
  await online.take();
  await relay.arrivals.take();

  server.reload(allow('other'));
  await take(relay.arrivals, 3);
  const outcomes = [publish('a'), publish('denied')];
  server.reload(allow('p'));
  await until('connected');
  const [allowed, denied] = await Promise.all(outcomes);
  assert.deepEqual([allowed, denied?.code], [undefined, 'PERMISSION']);
  assert.equal(await publish('a'), undefined);
  await witness.nc.flush();
  assert.equal(online.size, 1);
});

test('an invalid seed or credentials file is a refusal', async (t) => {
  const server = await startServer(t);
  const cases: Partial<ConnectionSettings>[] = [
    { auth: 'nkey', secrets: { seed: 'nonsense' } },
    { auth: 'creds', secrets: { creds: 'nonsense' } },
  ];
  for (const settings of cases) {
    const { states } = open(t, server.port, settings);
    const { name, error } = await states.take();
    assert.deepEqual([name, error?.text], ['refused', 'AUTH-secret'], settings.auth);
    assert(!JSON.stringify(error?.values).includes('nonsense'));
  }
});

test('a server without TLS is refused if TLS is required', async (t) => {
  const server = await startServer(t);
  const { until } = open(t, server.port, { tls: {} });
  const { error } = await until('refused');
  assert.deepEqual([error?.code, error?.text], ['TLS', 'TLS-missing']);
});

test('a server with TLS is accepted if its certificate is trusted, and refused otherwise', async (t) => {
  const { cert, key, text } = makeCertificate();
  const { port } = await startServer(t, { config: `tls { cert_file: "${cert}", key_file: "${key}" }` });
  const trusting = open(t, port, { tls: { ca: text } });
  assert.equal((await trusting.states.take()).name, 'connected');
  const untrusting: [string, Record<string, unknown> | undefined][] = [
    ['TLS not asked for', undefined],
    ['no authority', {}],
    ['an authority that is none', { ca: 'nonsense' }],
    ['a client certificate that is none', { ca: text, cert: 'nonsense' }],
  ];
  for (const [what, tls] of untrusting) {
    const { states } = open(t, port, { tls });
    const { name, error } = await states.take();
    assert.deepEqual([name, error?.code], ['refused', 'TLS'], what);
  }
});

test('a server that requires a client certificate accepts only a client that has one', async (t) => {
  const { cert, key, text } = makeCertificate();
  const config = `tls { cert_file: "${cert}", key_file: "${key}", ca_file: "${cert}", verify: true }`;
  const { port } = await startServer(t, { config });
  const known = open(t, port, { tls: { ca: text, cert: text, key: readFileSync(key, 'utf8') } });
  assert.equal((await known.states.take()).name, 'connected');
  const unknown = open(t, port, { tls: { ca: text }, connectTimeoutMs: 200 });
  // The server closes the connection with its alert, which may get lost: then a later dial tells.
  const { error } = await unknown.until('refused');
  assert.equal(error?.text, 'TLS-certificate');
});

test('a denied message fails with PERMISSION, and others go through', async (t) => {
  const server = await startServer(t, { config: LIMITED });
  const { connection, until, publish } = open(t, server.port);
  await until('connected');
  const outcomes = ['allowed', 'denied', 'allowed'].map((subject) => publish(subject));
  const [first, denied, last] = await Promise.all(outcomes);
  assert.deepEqual([first, last], [undefined, undefined]);
  assert.deepEqual([denied?.text, denied?.values], ['PERMISSION-publish', { subject: 'denied' }]);
  assert.equal(connection.state.name, 'connected');
});

test('a denied subscription reports PERMISSION, and is requested again on the next connection', async (t) => {
  const server = await startServer(t, { config: LIMITED });
  const { connection, until, publish } = open(t, server.port);
  const denied = [want('denied'), want('denied', { queue: 'group' })];
  for (const { wanted } of denied) connection.subscribe(wanted);
  await until('connected');
  for (const { errors } of denied) {
    const { text, values } = await errors.take();
    assert.deepEqual([text, values], ['PERMISSION-subscribe', { subject: 'denied' }]);
  }
  await server.stop();
  await until('disconnected');
  await startServer(t, { port: server.port });
  await until('connected');
  await publish('denied', 'now');
  for (const { texts } of denied) assert.equal(await texts.take(), 'now');
});

test('a message that is unconfirmed when the server dies fails with UNCONFIRMED', {
  skip: NO_FREEZE,
}, async (t) => {
  const server = await startServer(t);
  const { until, publish } = open(t, server.port);
  await until('connected');
  await freeze(server);
  const outcome = publish('a');
  const unasked = await publish('b', '', { confirm: false });
  assert.equal(unasked, undefined);
  await server.stop();
  const error = await outcome;
  assert.deepEqual([error?.code, error?.values], ['UNCONFIRMED', { subject: 'a' }]);
});

test('a message of the maximum size goes through, and one byte more fails with both numbers', async (t) => {
  const server = await startServer(t, { config: 'max_payload: 100' });
  const { connection, until, publish, request } = open(t, server.port);
  const { wanted, texts } = want('a');
  connection.subscribe(wanted);
  await until('connected');
  assert.equal(await publish('a', 'x'.repeat(100)), undefined);
  assert.equal((await texts.take()).length, 100);

  const headers = encodeHeaders({ id: '7' }); // 12 + 7 bytes
  assert.equal(await publish('a', 'x'.repeat(81), { headers }), undefined);
  for (const [length, settings] of [
    [101, {}],
    [82, { headers }],
  ] as const) {
    const error = await publish('a', 'x'.repeat(length), settings);
    assert.deepEqual([error?.code, error?.values], ['MAX_PAYLOAD', { size: 101, limit: 100 }]);
  }
  const large = { subject: 'a', data: Buffer.alloc(101), timeoutMs: 1000 };
  const expected = { code: 'MAX_PAYLOAD', values: { size: 101, limit: 100 } };
  await assert.rejects(connection.request(large), expected);
  await assert.rejects(connection.requestMany(large, { count: 1, stallMs: 0 }), expected);
  await assert.rejects(request('nobody'), { code: 'NO_RESPONDERS' });
  assert.equal(connection.state.name, 'connected');
});

test('a held message that proves too large does not block the next one', async (t) => {
  const port = await freePort();
  const { publish } = open(t, port);
  const outcomes = [publish('a', 'x'.repeat(101)), publish('a', 'x')];
  await startServer(t, { port, config: 'max_payload: 100' });
  const [large, small] = await Promise.all(outcomes);
  assert.deepEqual([large?.code, small], ['MAX_PAYLOAD', undefined]);
});

test('a request is answered, or fails with the reason', async (t) => {
  const server = await startServer(t);
  const { answer, subscribe } = await startPeer(t, server.url);
  await answer('echo', (msg) => {
    msg.respond(msg.data);
    msg.respond('second');
  });
  await subscribe('silent');
  const { until, request, requestMany } = open(t, server.port, { inboxPrefix: '_INBOX.me' });
  await until('connected');
  assert.equal((await request('echo')).text, 'question');
  const replies = await requestMany('echo');
  assert.deepEqual(
    replies.map((reply) => reply.text),
    ['question', 'second'],
  );
  for (const { subject } of replies) assert(subject.startsWith('_INBOX.me.'), subject);
  for (const ask of [request, requestMany]) {
    await assert.rejects(ask('silent', 30), { code: 'TIMEOUT' });
    await assert.rejects(ask('nobody'), { code: 'NO_RESPONDERS' });
  }
});

test('a request while disconnected fails at once, and a pending one fails with CONNECTION_LOST', async (t) => {
  const server = await startServer(t);
  const { subscribe } = await startPeer(t, server.url);
  const asked = await subscribe('silent');
  const { until, request, requestMany } = open(t, server.port);
  await assert.rejects(request('silent'), { code: 'NOT_CONNECTED' });
  await until('connected');
  const outcomes = [request('silent'), requestMany('silent')];
  const expected = { code: 'CONNECTION_LOST', values: { subject: 'silent' } };
  const lost = Promise.all(outcomes.map((outcome) => assert.rejects(outcome, expected)));
  await take(asked, 2);
  await server.stop();
  await lost;
  await assert.rejects(request('silent'), { code: 'NOT_CONNECTED' });
  await assert.rejects(requestMany('silent'), { code: 'NOT_CONNECTED' });
});

test('requests work again when the server is back', async (t) => {
  const server = await startServer(t);
  const { connection, until, publish, request } = open(t, server.port);
  const { wanted } = want('echo', { onMessage: ({ reply = '' }) => void publish(reply, 'answer') });
  connection.subscribe(wanted);
  await until('connected');
  assert.equal((await request('echo')).text, 'answer');
  await server.stop();
  await until('disconnected');
  await startServer(t, { port: server.port });
  await until('connected');
  assert.equal((await request('echo')).text, 'answer');
});

test('messages that were published before the end reach the server and are confirmed', async (t) => {
  const server = await startServer(t);
  const { subscribe } = await startPeer(t, server.url);
  const received = await subscribe('a');
  const { connection, until, publish } = open(t, server.port);
  await until('connected');
  const outcome = publish('a', 'last words');
  await connection.close();
  assert.equal((await received.take()).string(), 'last words');
  assert.equal(await outcome, undefined);
  assert.equal((await until('closed')).name, 'closed');
});

test('messages and requests fail with a code on a connection that ends or has ended', async (t) => {
  const server = await startServer(t);
  const { subscribe } = await startPeer(t, server.url);
  const asked = await subscribe('silent');
  const { connection, until, publish, request, requestMany } = open(t, server.port);
  await until('connected');
  const waiting = [request('silent'), requestMany('silent')];
  await take(asked, 2);
  const closed = connection.close();
  const meanwhile = [request('silent'), requestMany('silent')];
  const published = publish('a', '', { whenDown: 'fail' });
  const codes = Promise.all([...waiting, ...meanwhile].map((outcome) => outcome.catch((error) => error.code ?? error)));
  await closed;
  assert.deepEqual(await codes, ['CLOSED', 'CLOSED', 'CLOSED', 'CLOSED']);
  assert.equal((await published)?.code, 'CLOSED');
  await assert.rejects(request('silent'), { code: 'CLOSED' });
  assert.equal((await publish('a', '', { whenDown: 'fail' }))?.code, 'CLOSED');
});

test('a connection to a server that does not answer ends within seconds', { skip: NO_FREEZE }, async (t) => {
  const server = await startServer(t);
  const { connection, until, publish } = open(t, server.port);
  const { wanted } = want('a');
  connection.subscribe(wanted);
  await until('connected');
  await freeze(server);
  const outcome = publish('a');
  const started = performance.now();
  await connection.close();
  const took = performance.now() - started;
  assert(took < 5000, `it took ${took} ms`);
  assert.equal((await outcome)?.code, 'UNCONFIRMED');
  assert.equal(connection.state.name, 'closed');
});

test('all who end a connection wait until it has ended', { skip: NO_FREEZE }, async (t) => {
  const server = await startServer(t);
  const { connection, until, publish } = open(t, server.port);
  await until('connected');
  await freeze(server);
  let isEnded = false;
  void publish('a').then(() => {
    isEnded = true;
  });
  void connection.close();
  await connection.close();
  assert(isEnded, 'the second one returned before the message had ended');
  assert.equal(connection.state.name, 'closed');
});

test('a connection ends at once while the server is away, and its held messages end with CLOSED', async (t) => {
  const { connection, until, publish } = open(t, await freePort());
  const outcome = publish('a');
  await until('connecting');
  const started = performance.now();
  await connection.close();
  await connection.close();
  assert(performance.now() - started < 1400, 'it does not wait for what is on its way');
  assert.equal((await outcome)?.code, 'CLOSED');
  assert.equal((await until('closed')).name, 'closed');
});

/** A proxy between a client and a server that can make the client wait for the server. */
async function startGate(t: TestContext, port: number) {
  const clients = new Inbox<{ socket: Socket; letThrough: () => void; closed: Promise<void> }>();
  const gate = createServer((socket) => {
    socket.on('error', () => {});
    const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
    t.after(() => socket.destroy());
    const letThrough = () => {
      const server = createConnection(port, '127.0.0.1');
      server.on('error', () => {});
      server.pipe(socket).pipe(server);
      socket.on('close', () => server.destroy());
    };
    clients.put({ socket, letThrough, closed });
  });
  gate.listen(0, '127.0.0.1');
  await once(gate, 'listening');
  t.after(() => gate.close());
  return { port: (gate.address() as AddressInfo).port, clients };
}

test('a connection that ends while dialing leaves nothing open when the server answers later', async (t) => {
  const server = await startServer(t);
  const gate = await startGate(t, server.port);
  const { connection, states } = open(t, gate.port);
  const { letThrough, closed } = await gate.clients.take();
  await connection.close();
  letThrough();
  await closed;
  assert.deepEqual([(await states.take()).name, states.size, gate.clients.size], ['closed', 0, 0]);
});

test('unanswered dials leave no connection, whenever they end', async (t) => {
  const gate = await startGate(t, await freePort());
  const { connection } = open(t, gate.port, { connectTimeoutMs: 50 });
  const [first, second, third] = await take(gate.clients, 3);
  await first?.closed;
  await second?.closed;
  await connection.close();
  await third?.closed;
  assert.equal(gate.clients.size, 0);
});

test('a connection that ends while redialing leaves nothing open when the server answers later', async (t) => {
  const server = await startServer(t);
  const gate = await startGate(t, server.port);
  const { connection, states, until } = open(t, gate.port);
  const first = await gate.clients.take();
  first.letThrough();
  await until('connected');
  first.socket.destroy();
  const second = await gate.clients.take();
  await connection.close();
  second.letThrough();
  await second.closed;
  await until('closed');
  assert.deepEqual([states.size, gate.clients.size], [0, 0]);
});

test('a denied message without confirmation is reported once for each subject and connection', async (t) => {
  const server = await startServer(t, { config: LIMITED });
  const { until, publish, reported } = open(t, server.port);
  await until('connected');
  for (let message = 0; message < 3; message++) {
    assert.equal(await publish('denied', 'x', { confirm: false }), undefined);
    assert.equal(await publish('allowed'), undefined);
  }
  assert.equal((await publish('denied'))?.code, 'PERMISSION');
  const { code, values } = await reported.take();
  assert.deepEqual([code, values], ['PERMISSION', { subject: 'denied' }]);
  assert.equal(reported.size, 0);
});

test('a connection that is requested again while it ends is made when the old one is gone', async (t) => {
  const server = await startServer(t);
  const gate = await startGate(t, server.port);
  const { connection, until, publish } = open(t, gate.port);
  const { wanted, texts } = want('a');
  connection.subscribe(wanted);
  const first = await gate.clients.take();
  first.letThrough();
  await until('connected');
  first.socket.unpipe().pause();
  const outcome = publish('a', 'on its way');
  const left = Promise.all([connection.disconnect(), connection.disconnect()]);
  connection.connect();
  const second = await gate.clients.take();
  second.letThrough();
  await until('connected');
  assert.equal(await publish('a', 'again'), undefined);
  assert.equal(await texts.take(), 'again');
  assert.equal((await outcome)?.code, 'UNCONFIRMED');
  await left;
  assert.equal(connection.state.name, 'connected');
});

test('a server that stops answering gets a limited number of bytes', { skip: NO_FREEZE }, async (t) => {
  const server = await startServer(t);
  const { until, publish, request } = open(t, server.port);
  await until('connected');
  await freeze(server);
  const text = 'x'.repeat(1024 * 1024);
  const outcomes = Array.from({ length: 64 }, () => publish('a', text));
  for (const whenDown of ['hold', 'fail', 'drop'] as const) {
    for (const confirm of [true, false]) {
      const { code, values } = (await publish('a', 'x', { whenDown, confirm })) as CodedError;
      assert.deepEqual([code, values], ['OUTBOX_FULL', { messages: 64, bytes: 64 * 1024 * 1024 }]);
    }
  }
  await assert.rejects(request('a'), { code: 'OUTBOX_FULL' });
  server.process.kill('SIGCONT');
  assert.deepEqual(await Promise.all(outcomes), Array(64).fill(undefined));
  assert.equal(await publish('a'), undefined);
});

test('a subscription above the limit of the server is refused, and accepted once there is room', async (t) => {
  const server = await startServer(t, { config: 'max_subscriptions: 2' });
  const { connection, until, request } = open(t, server.port);
  const [one, two, three] = ['one', 'two', 'three'].map((subject) => {
    const accepted = new Inbox<string>();
    return { accepted, ...want(subject, { onAccepted: () => accepted.put('accepted') }) };
  }) as [Wants, Wants, Wants];
  for (const { wanted } of [one, two, three]) connection.subscribe(wanted);
  await until('connected');
  const { text, values } = await three.errors.take();
  assert.deepEqual([text, values], ['SERVER-subscriptions', { subject: 'three' }]);
  assert.deepEqual([one.errors.size, two.errors.size], [0, 0]);
  await assert.rejects(request('nobody'), { text: 'SERVER-subscriptions' });
  connection.unsubscribe(one.wanted);
  await three.accepted.take();
  assert.equal(three.errors.size, 0);
});

test('a message that the server would reject or silently drop fails before it is sent', async (t) => {
  const server = await startServer(t, { config: 'no_header_support: true' });
  const { connection, until, publish } = open(t, server.port);
  const headers = encodeHeaders({ Name: 'value' });
  await until('connected');
  assert.equal((await publish('a', '', { headers }))?.code, 'BAD_HEADERS');
  const request = { subject: 'a', data: Buffer.alloc(0), timeoutMs: 1000, headers } as const;
  await assert.rejects(connection.request(request), { code: 'BAD_HEADERS' });
  for (const prefix of ['_R_', '_GR_', '$JS.ACK']) {
    assert.equal((await publish('a', '', { reply: `${prefix}.secret` }))?.code, 'BAD_REPLY', prefix);
    assert.equal(await publish('a', '', { reply: prefix }), undefined, prefix);
  }
  assert.equal(await publish('$JS.ACK.to.a.stream'), undefined);
});

test('while permissions change, each message completes, is denied and fails, or is UNCONFIRMED', async (t) => {
  const allow = (subject: string) => `
    authorization {
      users: [{ user: u, password: p, permissions: { publish: [${subject}] } }, { user: witness, password: p }]
    }
    no_auth_user: u
  `;
  const server = await startServer(t, { config: allow('a') });
  const witness = await startPeer(t, server.url.replace('//', '//witness:p@'));
  const arrived = new Set<string>();
  await witness.answer('a', (msg) => arrived.add(msg.string()));
  const { until, publish } = open(t, server.port);
  await until('connected');
  const ends = new Map<string, string>();
  const waiting: Promise<void>[] = [];
  let last = '';
  for (let round = 1; round <= 6; round++) {
    const wanted = round % 2 ? 'PERMISSION' : 'ok';
    server.reload(allow(round % 2 ? 'other' : 'a'));
    while (last !== wanted) {
      for (let message = 0; message < 200; message++) {
        const text = String(waiting.length);
        waiting.push(
          publish('a', text).then((error) => {
            last = error?.code ?? 'ok';
            ends.set(text, last);
          }),
        );
      }
      await new Promise(setImmediate);
      // A busy machine answers more slowly than the test publishes.
      await waiting.at(-2000);
    }
  }
  await Promise.all(waiting);
  await witness.nc.flush();
  assert.equal(ends.size, waiting.length);
  for (const [text, end] of ends) {
    if (end === 'ok') assert(arrived.has(text), `${text} is complete and did not arrive`);
    else if (end !== 'UNCONFIRMED') assert(!arrived.has(text), `${text} failed with ${end} and arrived`);
  }
});
