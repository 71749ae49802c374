import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionsOf, MONITORED, poll } from '../../../scripts/monitoring';
import { startNatsServer } from '../../../scripts/nats-server';
import { SERVER, startFlow, type TestNode } from '../../support/flow';
import { type Peer, startPeer } from '../../support/peer';
import { startScene } from '../../support/scene';
import { checkResponse, type Response } from '../../support/service-schemas';

const SERVICE = { id: 'service', type: 'nats-service', service: 'rooms' };
const GET = { id: 'get', type: 'nats-queue-subscribe', name: 'get', subject: 'rooms.get', service: 'service' };
const SET = { ...GET, id: 'set', name: 'set', subject: 'rooms.set' };
const ANSWER = { id: 'answer', type: 'nats-respond' };

/** What the first answering instance of a kind of service says. */
async function ask({ nc }: Peer, verb: 'PING' | 'INFO' | 'STATS', name = 'rooms'): Promise<Response> {
  const response = (await nc.request(`$SRV.${verb}.${name}`, '', { timeout: 10_000 })).json<Response>();
  checkResponse(verb, response);
  return response;
}

/** The statistics of the first endpoint of a service. */
async function statsOf(peer: Peer) {
  const { endpoints } = await ask(peer, 'STATS');
  return endpoints?.[0] ?? assert.fail('no endpoint');
}

test('queue-subscribing nodes are the endpoints of the service that they choose', async (t) => {
  process.env.NATSHAT_VERSION = '2.0.0-rc.1';
  const { peer } = await startScene(t, [
    {
      ...SERVICE,
      ...{ version: '${NATSHAT_VERSION}', description: 'the climate of rooms', metadata: '{"region": "eu"}' },
    },
    GET,
    { ...SET, queue: 'setters', endpoint: 'change', name: 'a name that is not one of an endpoint' },
    { ...GET, id: 'other', subject: 'other', queue: 'q', service: '' },
  ]);
  const { id, type, ...info } = await ask(peer, 'INFO');
  assert.deepEqual(info, {
    name: 'rooms',
    version: '2.0.0-rc.1',
    description: 'the climate of rooms',
    metadata: { region: 'eu' },
    endpoints: [
      { name: 'get', subject: 'rooms.get', queue_group: 'q', metadata: {} },
      { name: 'change', subject: 'rooms.set', queue_group: 'setters', metadata: {} },
    ],
  });
  const ping = await ask(peer, 'PING');
  assert.deepEqual([ping.id, ping.version], [id, info.version]);
});

test('missing properties have their defaults', async (t) => {
  const { peer } = await startScene(t, [
    { ...SERVICE, version: undefined, description: undefined, metadata: undefined },
    { ...GET, queue: undefined, endpoint: undefined, mode: undefined },
  ]);
  const { version, description, metadata, endpoints } = await ask(peer, 'INFO');
  assert.deepEqual([version, description, metadata], ['1.0.0', '', {}]);
  assert.equal(endpoints?.[0]?.queue_group, 'q');
});

test('requests are counted, and timed until a nats-respond answers them', async (t) => {
  const { flow, peer } = await startScene(t, [
    SERVICE,
    { ...GET, wires: [['in']] },
    { id: 'in', type: 'helper' },
    ANSWER,
  ]);
  const before = performance.now();
  const replies = [peer.nc.request('rooms.get', 'kitchen'), peer.nc.request('rooms.get', 'hall')];
  const requests = [await flow.next('in'), await flow.next('in')];
  assert.deepEqual(await counts(peer), [2, 0, '']);
  assert.equal((await statsOf(peer)).processing_time, 0);
  for (const request of requests) flow.send('answer', { ...request, payload: '21' });
  for (const reply of replies) assert.equal((await reply).string(), '21');
  for (const _ of requests) await flow.completed();
  const { processing_time, average_processing_time } = await statsOf(peer);
  assert(processing_time > 0 && processing_time < 2e6 * (performance.now() - before), `${processing_time} ns`);
  assert.equal(average_processing_time, Math.trunc(processing_time / 2));
  // Not a request, but received.
  peer.nc.publish('rooms.get', 'unasked');
  await flow.next('in');
  assert.deepEqual(await counts(peer), [3, 0, '']);
  assert.equal((await statsOf(peer)).average_processing_time, Math.trunc(processing_time / 3));
});

async function counts(peer: Peer): Promise<unknown[]> {
  const { num_requests, num_errors, last_error } = await statsOf(peer);
  return [num_requests, num_errors, last_error];
}

test('what a Catch node catches is answered as an error, and counted as one', async (t) => {
  const { flow, peer } = await startScene(t, [
    SERVICE,
    { ...GET, output: 'json', wires: [['ask']] },
    { id: 'ask', type: 'nats-request', subject: 'nobody', wires: [['answer']] },
    ANSWER,
  ]);
  for (const [payload, code] of [
    ['{"room":"kitchen"}', 'NO_RESPONDERS'],
    ['no JSON', 'BAD_JSON'],
  ] as const) {
    const asked = peer.nc.request('rooms.get', payload, { timeout: 10_000 });
    flow.send('answer', await flow.caught());
    const reply = await asked;
    assert.match(reply.headers?.get('Nats-Service-Error') ?? '', new RegExp(`^${code}: `));
    assert.equal(reply.headers?.get('Nats-Service-Error-Code'), '500');
    assert.equal(reply.string(), payload);
    await flow.completed();
  }
  const [requests, errors, last] = await counts(peer);
  assert.deepEqual([requests, errors], [2, 2]);
  assert.match(String(last), /^500:BAD_JSON: /);
});

test('an answer that fails is answered as an error, once, without the payload that was to blame', async (t) => {
  const { flow, peer } = await startScene(t, [
    SERVICE,
    { ...GET, wires: [['in']] },
    { id: 'in', type: 'helper' },
    ANSWER,
  ]);
  for (const [payload, code] of [
    [1n, 'BAD_PAYLOAD'],
    [Buffer.alloc(2 ** 20 + 1), 'MAX_PAYLOAD'],
  ] as const) {
    const asked = peer.nc.request('rooms.get', '', { timeout: 10_000 });
    flow.send('answer', { ...(await flow.next('in')), payload });
    const caught = await flow.caught();
    assert.equal(caught.error.code, code);
    flow.send('answer', caught);
    const reply = await asked;
    assert.match(reply.headers?.get('Nats-Service-Error') ?? '', new RegExp(`^${code}: `));
    assert.equal(reply.data.length, 0);
    await flow.completed();
  }
  const [requests, errors] = await counts(peer);
  assert.deepEqual([requests, errors], [2, 2]);
});

test('the requests in a batch are counted and timed one by one', async (t) => {
  const { flow, peer } = await startScene(t, [
    SERVICE,
    { ...GET, batch: 3, batchMs: 60_000, wires: [['in']] },
    { id: 'in', type: 'helper' },
    { ...ANSWER, batch: true },
  ]);
  const replies = ['1', '2', '3'].map((payload) => peer.nc.request('rooms.get', payload, { timeout: 60_000 }));
  flow.send('answer', {
    ...(await flow.next('in')),
    payload: ['a', 'b', 'c'],
    error: ['', { message: 'no', code: 4 }],
  });
  const headers = (await Promise.all(replies)).map((reply) => reply.headers?.get('Nats-Service-Error-Code') ?? '');
  assert.deepEqual(headers, ['', '4', '']);
  await flow.completed();
  assert.deepEqual(await counts(peer), [3, 1, '4:no']);
  assert((await statsOf(peer)).processing_time > 0);
});

test('two Node-REDs with the same service are two instances, and share the requests', async (t) => {
  const server = await startNatsServer();
  t.after(() => server.stop());
  const peer = await startPeer(t, server.url);
  // Each `nats-config` is a connection of its own, as that of another Node-RED.
  const side = (name: string): TestNode[] => [
    { id: name, type: 'nats-config', servers: server.url },
    { ...SERVICE, id: `service ${name}`, server: name, metadata: JSON.stringify({ name }) },
    { ...GET, id: `get ${name}`, server: name, service: `service ${name}`, wires: [[`answer ${name}`]] },
    { ...ANSWER, id: `answer ${name}`, server: name },
  ];
  const flow = await startFlow(t, [...side(SERVER), ...side('other')]);
  for (const name of [SERVER, 'other']) await flow.connected(name);
  const both = { strategy: 'count', maxMessages: 2, maxWait: 10_000 } as const;
  const gather = async (subject: string) => {
    const found: Response[] = [];
    for await (const reply of await peer.nc.requestMany(subject, '', both)) found.push(reply.json<Response>());
    return found;
  };
  const pings = await gather('$SRV.PING');
  assert.deepEqual(pings.map(({ metadata }) => metadata.name).sort(), ['other', SERVER]);
  assert.equal(new Set(pings.map(({ id }) => id)).size, 2);
  const total = 200;
  await Promise.all(Array.from({ length: total }, () => peer.nc.request('rooms.get', '', { timeout: 30_000 })));
  for (let number = 0; number < total; number++) await flow.completed();
  const shares = (await gather('$SRV.STATS.rooms')).map(({ endpoints }) => endpoints?.[0]?.num_requests ?? 0);
  assert.equal(
    shares.reduce((sum, share) => sum + share),
    total,
  );
  for (const share of shares) assert(share > total / 10, `shares ${shares}`);
});

test('the service ends with its last endpoint, and begins again with the same id and new statistics', async (t) => {
  const server = await startNatsServer({ config: MONITORED });
  t.after(() => server.stop());
  const peer = await startPeer(t, server.url, { name: 'peer' });
  const nats = { id: SERVER, type: 'nats-config', servers: server.url, clientName: 'flow' };
  const other = { id: 'other', type: 'nats-subscribe', subject: 'other' };
  const subscribed = async (expected: string[]) => {
    const find = async () =>
      (await connectionsOf(server)).find(({ name }) => name === 'flow')?.subscriptions.filter((one) => one !== 'other');
    const counted = (all: string[] = []) => all.map((subject) => subject.replace(/^\$SRV\..*/, '$SRV'));
    const isThere = (all: string[] | undefined) => String(counted(all)) === String(expected);
    assert.deepEqual(counted(await poll(find, isThere)), expected);
  };
  const all = Array.from({ length: 9 }, () => '$SRV');
  const flow = await startFlow(t, [nats, SERVICE, other]);
  await subscribed([]);
  await flow.deploy([nats, SERVICE, other, GET], 'nodes');
  await subscribed([...all, 'rooms.get q']);
  await peer.nc.flush();
  const { id } = await ask(peer, 'PING');
  peer.nc.publish('rooms.get');
  await peer.nc.flush();
  await flow.connected();
  assert.equal((await statsOf(peer)).num_requests, 1);
  await flow.deploy([nats, SERVICE, other, { ...GET, output: 'string' }], 'nodes');
  await flow.connected();
  const again = await ask(peer, 'STATS');
  assert.deepEqual([again.id, again.endpoints?.[0]?.num_requests], [id, 0]);
  await flow.deploy([nats, SERVICE, other], 'nodes');
  await subscribed([]);
});

test('an endpoint that has had its number of messages is none any more', async (t) => {
  const { flow, peer } = await startScene(t, [
    SERVICE,
    { ...GET, max: 1, wires: [['in']] },
    SET,
    { id: 'in', type: 'helper' },
  ]);
  peer.nc.publish('rooms.get');
  await flow.next('in');
  const { endpoints } = await ask(peer, 'INFO');
  assert.deepEqual(
    endpoints?.map(({ name }) => name),
    ['set'],
  );
});

/** The code in the red status of a node; in the helper, texts are their keys. */
const codeIn = ({ text }: { text: string }) => /errors\.([A-Z_]+)/.exec(text)?.[1];

test('an endpoint with invalid settings is red, says why, and is not in the service', async (t) => {
  const cases: [properties: object, code: string][] = [
    [{ name: '' }, 'BAD_ENDPOINT'],
    [{ name: 'a name' }, 'BAD_ENDPOINT'],
    [{ endpoint: 'a.b' }, 'BAD_ENDPOINT'],
    [{ endpoint: 'set' }, 'BAD_ENDPOINT'],
    [{ endpoint: '${NATSHAT_UNSET}' }, 'BAD_ENV'],
    [{ service: 'gone' }, 'BAD_SERVICE'],
    [{ server: 'elsewhere' }, 'BAD_SERVICE'],
    [{ mode: 'both' }, 'BAD_CHOICE'],
    [{ mode: 'dynamic' }, 'BAD_SERVICE'],
    [{ queue: 'a b' }, 'BAD_QUEUE'],
    [{ subject: '' }, 'BAD_SUBJECT'],
  ];
  const { flow, server, peer } = await startScene(t, []);
  const configs = [
    { id: SERVER, type: 'nats-config', servers: server.url },
    { id: 'elsewhere', type: 'nats-config', servers: server.url },
  ];
  for (const [properties, code] of cases) {
    await flow.deploy([...configs, SERVICE, SET, { ...GET, ...properties }]);
    await flow.status('get', (status) => status.fill === 'red' && codeIn(status) === code);
    await flow.connected();
    assert.equal((await ask(peer, 'INFO')).endpoints?.length, 1, JSON.stringify(properties));
  }
});

test('a service with invalid settings turns its endpoints red, and is not there', async (t) => {
  const cases: [properties: object, code: string][] = [
    [{ service: '' }, 'BAD_SERVICE'],
    [{ service: 'my rooms' }, 'BAD_SERVICE'],
    [{ service: '${NATSHAT_UNSET}' }, 'BAD_ENV'],
    [{ version: '1.0' }, 'BAD_SERVICE'],
    [{ metadata: '{"rack": 7}' }, 'BAD_SERVICE'],
    [{ metadata: '{' }, 'BAD_SERVICE'],
  ];
  const { flow, server, peer } = await startScene(t, []);
  const nats = { id: SERVER, type: 'nats-config', servers: server.url };
  for (const [properties, code] of cases) {
    await flow.deploy([nats, { ...SERVICE, ...properties }, GET]);
    await flow.status('get', (status) => status.fill === 'red' && codeIn(status) === code);
    await flow.connected();
    await assert.rejects(peer.nc.request('$SRV.PING'), /no responders/);
  }
});

test('a message to a dynamic subscription that chooses a service fails with its code', async (t) => {
  const { flow } = await startScene(t, [SERVICE, { ...GET, mode: 'dynamic', inputs: 1 }]);
  flow.send('get', { action: 'subscribe', topic: 'rooms.get' });
  assert.equal((await flow.caught()).error.code, 'BAD_SERVICE');
});

test('a user who may only answer is enough, and an endpoint whose service cannot be found is yellow', async (t) => {
  const config = `authorization { users: [
    { user: a, password: a, permissions: {
      publish: { deny: ">" }, subscribe: { deny: ["$SRV.STATS.>"] }, allow_responses: { max: 10, expires: "1m" }
    } },
    { user: b, password: b }
  ] }`;
  const server = await startNatsServer({ config });
  t.after(() => server.stop());
  const nats = { id: SERVER, type: 'nats-config', servers: server.url, auth: 'user' };
  const flow = await startFlow(t, [nats, SERVICE, { ...GET, wires: [['answer']] }, ANSWER], {
    [SERVER]: { user: 'a', password: 'a' },
  });
  const status = await flow.status('get', ({ text }) => /PERMISSION-subscribe/.test(text));
  assert.equal(status.fill, 'yellow');
  const peer = await startPeer(t, server.url, { user: 'b', pass: 'b' });
  assert.equal((await peer.nc.request('rooms.get', 'here')).string(), 'here');
  await ask(peer, 'PING');
});
