import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type RunningNodeRed, startNodeRed } from '../../scripts/node-red';
import { signInByName } from '../support/admin-auth';
import { startJetStream } from '../support/jetstream-server';
import { nodeDefaults } from '../support/node-defaults';
import { startPeer } from '../support/peer';

const LOOKS = ['servers', 'tail', 'streams', 'stream', 'message', 'buckets', 'bucket', 'services'];
const CHANGES = ['publish', 'put', 'delete', 'purge', 'delete-consumer'];

type Answer = Record<string, unknown> & { code?: string; error?: string };

async function post(url: string, question: string, body: unknown, user?: string): Promise<Response> {
  return fetch(`${url}nats-tab/${question}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(user && { authorization: `Bearer ${user}` }) },
    body: JSON.stringify(body),
  });
}

const asker =
  (nodeRed: RunningNodeRed) =>
  async (question: string, body: object = {}): Promise<Answer> =>
    (await (await post(nodeRed.url, question, { server: 'server', ...body })).json()) as Answer;

/** Asks again until an answer is as wanted. */
async function until<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
  }
}

const flowOn = (servers: string, more: object = {}) => [
  { id: 'tab', type: 'tab', label: 'flow' },
  { ...nodeDefaults('nats-config'), id: 'server', type: 'nats-config', servers, ...more },
  {
    ...nodeDefaults('nats-subscribe'),
    id: 'in',
    type: 'nats-subscribe',
    z: 'tab',
    server: 'server',
    subject: 'used',
    wires: [[]],
  },
];

async function start(t: TestContext, config = '', more: object = {}) {
  const server = await startJetStream(t, config);
  const nodeRed = await startNodeRed(flowOn(server.url, more));
  t.after(nodeRed.stop);
  const ask = asker(nodeRed);
  await until(
    () => ask('servers'),
    ({ servers }) => (servers as { state: string }[])[0]?.state === 'connected',
  );
  return { server, nodeRed, ask, peer: await startPeer(t, server.url) };
}

test('looking needs the right to read servers, and changing the rights to deploy', async (t) => {
  const server = await startJetStream(t);
  const adminAuth = signInByName({
    admin: '*',
    reader: 'read',
    looker: 'nats-config.read',
    editor: ['read', 'nats-config.write'],
    deployer: ['read', 'flows.write'],
    changer: ['nats-config.write', 'flows.write'],
    other: ['flows.read', 'sense-led.write'],
  });
  const nodeRed = await startNodeRed(flowOn(server.url), { settings: { adminAuth } });
  t.after(nodeRed.stop);
  const may = async (question: string, user?: string) => {
    const { status } = await post(nodeRed.url, question, {}, user);
    assert([200, 401].includes(status), `${question} ${user} ${status}`);
    return status === 200;
  };
  for (const question of LOOKS) {
    for (const user of ['admin', 'reader', 'looker', 'editor', 'deployer'])
      assert(await may(question, user), `${question} ${user}`);
    for (const user of [undefined, 'changer', 'other', 'stranger'])
      assert(!(await may(question, user)), `${question} ${user}`);
  }
  for (const question of CHANGES) {
    for (const user of ['admin', 'changer']) assert(await may(question, user), `${question} ${user}`);
    for (const user of [undefined, 'reader', 'looker', 'editor', 'deployer', 'other', 'stranger']) {
      assert(!(await may(question, user)), `${question} ${user}`);
    }
  }
});

test('bad input is answered with a code and a sentence, and nothing of it reaches the server', async (t) => {
  const { ask, peer } = await start(t);
  const wire = await peer.subscribe('*');
  const evil = 'a\r\nPUB used 1\r\nx';
  const refused: [question: string, body: object, code: string][] = [
    ...[...LOOKS.slice(1), ...CHANGES].map((question): [string, object, string] => [
      question,
      { server: evil, subject: 'a', bucket: 'b', key: 'k', tail: undefined },
      'NO_SERVER',
    ]),
    ['tail', {}, 'BAD_SUBJECT'],
    ['tail', { subject: evil }, 'BAD_SUBJECT'],
    ['tail', { subject: ['a'] }, 'BAD_SUBJECT'],
    ['tail', { subject: 'a', form: 'html' }, 'BAD_CHOICE'],
    ['tail', { tail: 'unknown' }, 'NO_LOOK'],
    ['tail', { tail: {} }, 'NO_LOOK'],
    ['stream', {}, 'BAD_STREAM'],
    ['stream', { stream: evil }, 'BAD_STREAM'],
    ['stream', { stream: 'NONE' }, 'NO_STREAM'],
    ['message', { stream: 'a.b', sequence: 1 }, 'BAD_STREAM'],
    ['message', { stream: 'NONE', sequence: -1 }, 'BAD_NUMBER'],
    ['message', { stream: 'NONE', sequence: 1.5 }, 'BAD_NUMBER'],
    ['message', { stream: 'NONE', sequence: 1 }, 'NO_STREAM'],
    ['bucket', {}, 'BAD_BUCKET'],
    ['bucket', { bucket: 'a.b' }, 'BAD_BUCKET'],
    ['bucket', { bucket: 'b', keys: 'a b' }, 'BAD_KEY'],
    ['bucket', { bucket: 'b', form: 1 }, 'BAD_CHOICE'],
    ['bucket', { look: 'unknown' }, 'NO_LOOK'],
    ['publish', {}, 'BAD_SUBJECT'],
    ['publish', { subject: 'a.*' }, 'BAD_SUBJECT'],
    ['publish', { subject: evil }, 'BAD_SUBJECT'],
    ['publish', { subject: 'a', headers: '{' }, 'BAD_HEADERS'],
    ['publish', { subject: 'a', headers: '{"a": "b\\r\\nc"}' }, 'BAD_HEADERS'],
    ['put', { bucket: 'b', key: evil }, 'BAD_KEY'],
    ['put', { bucket: 'b' }, 'BAD_KEY'],
    ['put', { bucket: evil, key: 'k' }, 'BAD_BUCKET'],
    ['put', { bucket: 'b', key: 'k' }, 'NO_BUCKET'],
    ['delete', { bucket: 'b', key: '>' }, 'BAD_KEY'],
    ['purge', {}, 'BAD_STREAM'],
    ['purge', { stream: '>' }, 'BAD_STREAM'],
    ['purge', { stream: 'NONE' }, 'NO_STREAM'],
    ['delete-consumer', { stream: 'NONE', consumer: 'a.>' }, 'BAD_CONSUMER'],
    ['delete-consumer', { stream: 'NONE' }, 'BAD_CONSUMER'],
    ['delete-consumer', { stream: 'NONE', consumer: 'c' }, 'NO_STREAM'],
  ];
  for (const [question, body, code] of refused) {
    const answer = await ask(question, body);
    assert.equal(answer.code, code, `${question} ${JSON.stringify(body)} ${JSON.stringify(answer)}`);
    assert.match(String(answer.error), /\p{L}[^{}]* \p{L}/u, 'a sentence');
  }
  for (const body of ['text', null, [], 5]) assert.ok(await ask('tail', body as object));
  peer.nc.publish('last');
  assert.equal((await wire.take()).subject, 'last', 'nothing before it');
});

test('the servers of the running flows are reported with state, version, round trip, traffic and what is held', async (t) => {
  const server = await startJetStream(t, 'server_name: ada');
  const flow = [
    ...flowOn(server.url, { name: 'plant' }),
    { ...nodeDefaults('nats-config'), id: 'spare', type: 'nats-config', servers: 'spare:4222' },
    { ...nodeDefaults('nats-config'), id: 'bad', type: 'nats-config', name: 'wrong', servers: 'ws://x' },
    { ...nodeDefaults('nats-publish'), id: 'out', type: 'nats-publish', z: 'tab', server: 'server', subject: 'sent' },
    { id: 'click', type: 'inject', z: 'tab', props: [{ p: 'payload' }], payload: 'four', wires: [['out']] },
  ];
  const nodeRed = await startNodeRed(flow);
  t.after(nodeRed.stop);
  const ask = asker(nodeRed);
  type Report = {
    id: string;
    name: string;
    state: string;
    held: object;
    roundTripMs: number;
    traffic?: { inMessages: number; outMessages: number };
  } & Answer;
  const reports = async () => (await ask('servers')).servers as Report[];
  const plant = async () => (await reports()).find(({ id }) => id === 'server') as Report;
  const first = await until(plant, ({ state }) => state === 'connected');
  assert.deepEqual([first.name, first.server, first.held], ['plant', 'ada', { messages: 0, bytes: 0 }]);
  assert.match(String(first.version), /^2\.\d+/);
  assert(first.roundTripMs > 0 && first.roundTripMs < 1000);
  const [, spare, wrong] = await reports();
  assert.deepEqual([spare?.name, spare?.state], ['spare:4222', 'unused']);
  assert.deepEqual([wrong?.name, wrong?.state], ['wrong', 'failed']);
  assert.match(String(wrong?.error), /^ws:\/\//);

  const peer = await startPeer(t, server.url);
  const sent = await peer.subscribe('sent');
  for (let count = 0; count < 3; count++) peer.nc.publish('used');
  await fetch(`${nodeRed.url}inject/click`, { method: 'POST' });
  await sent.take();
  const busy = await until(plant, ({ traffic }) => (traffic?.inMessages ?? 0) >= 3);
  assert.deepEqual([busy.traffic?.inMessages, busy.traffic?.outMessages], [3, 1]);

  await server.kill();
  const lost = await until(plant, ({ state, error }) => state !== 'connected' && error !== undefined);
  assert.equal(lost.roundTripMs, undefined);
  assert.match(String(lost.error), /\w \w/);
  await fetch(`${nodeRed.url}inject/click`, { method: 'POST' });
  const holding = await until(plant, ({ held }) => (held as { messages: number }).messages > 0);
  assert.deepEqual(holding.held, { messages: 1, bytes: 4 });
  assert.deepEqual(holding.traffic, busy.traffic, 'what was counted before stays counted');
  await server.restart();
  assert.equal((await until(plant, ({ state }) => state === 'connected')).traffic?.inMessages, 3);
});

test('a tail uses a connection of its own, and ends with a deploy of its server', async (t) => {
  const { server, nodeRed, ask, peer } = await start(t);
  const tail = (await ask('tail', { subject: 'plant.>', form: 'json' })) as Answer & { messages: { text: string }[] };
  const read = async () => (await ask('tail', { tail: tail.tail })) as typeof tail;
  await until(
    async () => {
      peer.nc.publish('plant.a', '{"t":1}');
      await peer.nc.flush();
      return read();
    },
    ({ messages }) => messages.length > 0,
  ).then(({ messages }) => assert.equal(messages[0]?.text, '{\n  "t": 1\n}'));
  const servers = (await ask('servers')).servers as { traffic: { inMessages: number } }[];
  assert.equal(servers[0]?.traffic.inMessages, 0, 'nothing reaches the connection of the flows');

  assert.deepEqual(await ask('tail', { tail: tail.tail, stop: true }), {});
  assert.equal((await read()).code, 'NO_LOOK');
  const other = await ask('tail', { subject: 'plant.>' });
  await fetch(`${nodeRed.url}flows`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(flowOn(server.url, { name: 'changed' })),
  });
  await until(
    () => ask('servers'),
    ({ servers }) => (servers as { name: string }[])[0]?.name === 'changed',
  );
  assert.equal((await ask('tail', { tail: other.tail })).code, 'NO_LOOK');
});

test('a tail of what the user may not receive says so, also over the limit of looks', async (t) => {
  const rights =
    'authorization { users: [{ user: a, password: a, permissions: { subscribe: { allow: ["used", "_INBOX.>"] } } }] }\nno_auth_user: a';
  const server = await startJetStream(t, rights);
  const nodeRed = await startNodeRed(flowOn(server.url));
  t.after(nodeRed.stop);
  const ask = asker(nodeRed);
  const { tail } = await ask('tail', { subject: 'secret' });
  const { trouble } = await until(
    () => ask('tail', { tail }),
    ({ trouble }) => trouble !== undefined,
  );
  assert.match(String(trouble), /secret/);
  for (let more = 1; more < 16; more++) assert.equal((await ask('tail', { subject: 'used' })).code, undefined);
  assert.equal((await ask('tail', { subject: 'used' })).code, 'BUSY');
});

test('streams, their consumers and messages, buckets and services are shown, and changed if asked for', async (t) => {
  const { ask, peer } = await start(t);
  const api = async (subject: string, body?: object) =>
    (await peer.nc.request(`$JS.API.${subject}`, body && JSON.stringify(body))).json<Answer>();
  await api('STREAM.CREATE.ORDERS', { name: 'ORDERS', subjects: ['orders.>'] });
  await api('STREAM.CREATE.KV_settings', {
    name: 'KV_settings',
    subjects: ['$KV.settings.>'],
    max_msgs_per_subject: 1,
    allow_rollup_hdrs: true,
    allow_direct: true,
  });
  await api('CONSUMER.DURABLE.CREATE.ORDERS.work', {
    stream_name: 'ORDERS',
    config: { durable_name: 'work', ack_policy: 'explicit' },
  });

  assert.deepEqual(await ask('publish', { subject: 'orders.new', payload: '{"a":1}', headers: '{"X": "y"}' }), {});
  const { streams, total } = (await ask('streams')) as Answer & { streams: Record<string, unknown>[] };
  assert.equal(total, 2);
  const [settings, orders] = streams;
  assert.deepEqual([settings?.name, orders?.name], ['KV_settings', 'ORDERS']);
  assert.deepEqual([orders?.messages, orders?.consumers, orders?.lastSequence], [1, 1, 1]);
  const stream = (await ask('stream', { stream: 'ORDERS' })) as Answer & { consumers: object[] };
  assert.deepEqual(stream.consumers, [{ name: 'work', pending: 1, unacknowledged: 0 }]);
  const { time, ...message } = await ask('message', { stream: 'ORDERS', sequence: 1, form: 'hex' });
  assert.deepEqual(message, {
    subject: 'orders.new',
    text: '7b 22 61 22 3a 31 7d',
    size: 7,
    isCut: false,
    headers: 'X: y',
  });
  assert(Math.abs(Date.now() - Date.parse(String(time))) < 60_000);
  assert.equal((await ask('message', { stream: 'ORDERS', sequence: 2 })).code, 'NO_MESSAGE');
  assert.deepEqual(await ask('purge', { stream: 'ORDERS' }), { purged: 1 });
  assert.deepEqual(await ask('delete-consumer', { stream: 'ORDERS', consumer: 'work' }), {});
  assert.deepEqual(((await ask('stream', { stream: 'ORDERS' })) as typeof stream).consumers, []);
  assert.equal((await ask('delete-consumer', { stream: 'ORDERS', consumer: 'work' })).code, 'NO_CONSUMER');

  assert.deepEqual((await ask('buckets')).buckets, [{ bucket: 'settings', messages: 0, bytes: 0 }]);
  assert.deepEqual(await ask('put', { bucket: 'settings', key: 'colour', value: 'red' }), { revision: 1 });
  type Keys = Answer & { keys: { key: string; value?: { text: string } }[]; version: number };
  const { look } = await ask('bucket', { bucket: 'settings' });
  const seen = new Map<string, string | undefined>();
  let since = 0;
  const read = async () => {
    const { keys, version } = (await ask('bucket', { look, since })) as Keys;
    for (const { key, value } of keys) seen.set(key, value?.text);
    since = version;
  };
  await until(read, () => seen.get('colour') === 'red');
  await ask('put', { bucket: 'settings', key: 'colour', value: 'blue' });
  await until(read, () => seen.get('colour') === 'blue');
  assert.deepEqual(await ask('delete', { bucket: 'settings', key: 'colour' }), { revision: 3 });
  await until(read, () => seen.get('colour') === undefined);
  assert.deepEqual(await ask('bucket', { look, stop: true }), {});
  await until(
    () => api('CONSUMER.NAMES.KV_settings'),
    ({ consumers }) => !(consumers as unknown[] | null)?.length,
  );

  assert.deepEqual((await ask('services')).services, []);
  const stats = {
    ...{ name: 'adder', id: 'A', version: '1.0.0' },
    endpoints: [
      {
        name: 'add',
        subject: 'add',
        num_requests: 4,
        num_errors: 1,
        last_error: 'x',
        average_processing_time: 2_000_000,
      },
    ],
  };
  await peer.answer('$SRV.STATS', (msg) => msg.respond(JSON.stringify(stats)));
  await peer.answer('$SRV.STATS', (msg) => msg.respond('nonsense'));
  assert.deepEqual((await ask('services')).services, [
    {
      ...{ name: 'adder', id: 'A', version: '1.0.0' },
      endpoints: [{ name: 'add', subject: 'add', requests: 4, errors: 1, lastError: 'x', averageMs: 2 }],
    },
  ]);
});
