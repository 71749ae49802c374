import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startNatsServer } from '../../../scripts/nats-server';
import { SERVER, startFlow } from '../../support/flow';
import { startJetStream } from '../../support/jetstream-server';
import { nodeDefaults } from '../../support/node-defaults';
import { type Peer, startPeer } from '../../support/peer';

const STREAM = { id: 'stream', type: 'nats-stream', stream: 'ORDERS', subjects: 'orders.>' };
const PUBLISH = { id: 'publish', type: 'nats-publish', subject: 'orders.new', confirm: 'stored', stream: 'stream' };

interface Info {
  config: Record<string, unknown>;
  state: { messages: number };
}

/** What a server says about its stream ORDERS; `undefined` if there is none. */
async function infoOf({ nc }: Peer): Promise<Info | undefined> {
  const answer = (await nc.request('$JS.API.STREAM.INFO.ORDERS')).json<Info & { error?: object }>();
  return answer.error ? undefined : answer;
}

/** Makes the stream ORDERS in another way. */
async function make({ nc }: Peer, fields: object = {}): Promise<void> {
  const wanted = { name: 'ORDERS', subjects: ['orders.>'], discard: 'new', ...fields };
  const answer = (await nc.request('$JS.API.STREAM.CREATE.ORDERS', JSON.stringify(wanted))).json<{ error?: object }>();
  assert.equal(answer.error, undefined);
}

async function start(t: TestContext) {
  const server = await startJetStream(t);
  const peer = await startPeer(t, server.url);
  return { server, peer, nats: { id: SERVER, type: 'nats-config', servers: server.url, reconnectWaitMs: 50 } };
}

test('the stream is made within 5 s of a deploy, as its settings say, some of them variables', async (t) => {
  const { peer, nats } = await start(t);
  const made = await peer.subscribe('$JS.EVENT.ADVISORY.STREAM.CREATED.ORDERS');
  Object.assign(process.env, {
    NATSHAT_NAME: 'ORDERS',
    NATSHAT_SUBJECTS: 'orders.>, bills\ninvoices.*',
    NATSHAT_AGE: '90',
  });
  const stream = {
    ...STREAM,
    stream: '${NATSHAT_NAME}',
    subjects: '${NATSHAT_SUBJECTS}',
    retention: 'interest',
    storage: 'memory',
    maxAgeS: '${NATSHAT_AGE}',
    maxBytes: '1000000',
    maxMessages: 1000,
    discard: 'old',
    duplicateWindowS: 0.5,
  };
  const before = performance.now();
  const flow = await startFlow(t, [nats, stream, PUBLISH]);
  await flow.status('publish', ({ fill }) => fill === 'green');
  await made.take();
  assert(performance.now() - before < 5000);
  const { config } = (await infoOf(peer)) ?? assert.fail('no stream');
  assert.deepEqual(config.subjects, ['orders.>', 'bills', 'invoices.*']);
  assert.deepEqual([config.retention, config.storage, config.discard], ['interest', 'memory', 'old']);
  assert.deepEqual(
    [config.max_age, config.max_bytes, config.max_msgs, config.duplicate_window, config.num_replicas],
    [90e9, 1_000_000, 1000, 0.5e9, 1],
  );
});

test('missing properties have their defaults', async (t) => {
  const { peer, nats } = await start(t);
  const missing = Object.keys(nodeDefaults('nats-stream')).filter((name) => !['server', 'stream'].includes(name));
  const bare = { ...STREAM, ...Object.fromEntries(missing.map((name) => [name, undefined])) };
  const flow = await startFlow(t, [nats, bare, { ...PUBLISH, subject: 'ORDERS' }]);
  flow.send('publish', { payload: 'x' });
  await flow.completed();
  const { config } = (await infoOf(peer)) ?? assert.fail('no stream');
  assert.deepEqual(config.subjects, ['ORDERS']);
  assert.deepEqual([config.retention, config.storage, config.discard], ['limits', 'file', 'new']);
  assert.deepEqual(
    [config.max_age, config.max_bytes, config.max_msgs, config.duplicate_window, config.num_replicas],
    [0, -1, -1, 120e9, 1],
  );
});

test('a stream that no node uses is not made', async (t) => {
  const { peer, nats } = await start(t);
  const flow = await startFlow(t, [nats, STREAM, { ...PUBLISH, stream: '' }]);
  await flow.connected();
  assert.equal(await infoOf(peer), undefined);
  // The next one that is made shows that there was time.
  await flow.deploy([nats, STREAM, { ...PUBLISH, id: 'user' }, { ...PUBLISH, stream: '' }], 'nodes');
  flow.send('user', { payload: 'x' });
  await flow.completed();
  assert.equal((await infoOf(peer))?.state.messages, 1);
});

test('a missing stream that is not to be made turns its users red, until somebody makes it', async (t) => {
  const { peer, nats } = await start(t);
  const flow = await startFlow(t, [nats, { ...STREAM, create: false }, PUBLISH]);
  const status = await flow.status('publish', ({ fill, text }) => fill === 'red' && /NO_STREAM/.test(text));
  assert.equal(status.shape, 'ring');
  flow.send('publish', { payload: 'x' });
  assert.equal((await flow.caught()).error.code, 'NO_STREAM');
  await make(peer);
  await flow.status('publish', ({ fill }) => fill === 'green');
  flow.send('publish', { payload: 'x' });
  await flow.completed();
});

test('a stream that is deleted while it is used is made again for the next message', async (t) => {
  const { peer, nats } = await start(t);
  const flow = await startFlow(t, [nats, STREAM, PUBLISH]);
  flow.send('publish', { payload: 'first' });
  await flow.completed();
  await peer.nc.request('$JS.API.STREAM.DELETE.ORDERS');
  flow.send('publish', { payload: 'second' });
  await flow.completed();
  assert.equal((await infoOf(peer))?.state.messages, 1);
});

test('invalid settings fail each message of a user with a code, and nothing is made', async (t) => {
  const { peer, nats } = await start(t);
  const cases: [properties: object, code: string][] = [
    [{ stream: '' }, 'BAD_STREAM'],
    [{ stream: 'a.b' }, 'BAD_STREAM'],
    [{ stream: 'a b' }, 'BAD_STREAM'],
    [{ stream: '${NATSHAT_UNSET}' }, 'BAD_ENV'],
    [{ subjects: '>' }, 'BAD_SUBJECT'],
    [{ subjects: 'orders.>, *' }, 'BAD_SUBJECT'],
    [{ subjects: 'a..b' }, 'BAD_SUBJECT'],
    [{ subjects: '${NATSHAT_UNSET}' }, 'BAD_ENV'],
    [{ domain: 'a b' }, 'BAD_STREAM'],
    [{ create: 'maybe' }, 'BAD_SWITCH'],
    [{ retention: 'ever' }, 'BAD_CHOICE'],
    [{ storage: 'tape' }, 'BAD_CHOICE'],
    [{ discard: 'all' }, 'BAD_CHOICE'],
    [{ replicas: 0 }, 'BAD_NUMBER'],
    [{ replicas: 6 }, 'BAD_NUMBER'],
    [{ maxAgeS: -1 }, 'BAD_NUMBER'],
    [{ maxBytes: 0.5 }, 'BAD_NUMBER'],
    [{ maxMessages: 'many' }, 'BAD_NUMBER'],
    [{ duplicateWindowS: 0 }, 'BAD_NUMBER'],
  ];
  const flow = await startFlow(t, [nats, PUBLISH]);
  for (const [properties, code] of cases) {
    await flow.deploy([nats, { ...STREAM, ...properties }, PUBLISH]);
    flow.send('publish', { payload: 'x' });
    assert.equal((await flow.caught()).error.code, code, JSON.stringify(properties));
  }
  assert.equal((await peer.nc.request('$JS.API.STREAM.NAMES')).json<{ total: number }>().total, 0);
});

test('a stream that is missing in the flow, or of another server, is an error of its user', async (t) => {
  const { peer, nats } = await start(t);
  const other = await startNatsServer();
  t.after(() => other.stop());
  const elsewhere = { id: 'elsewhere', type: 'nats-config', servers: other.url };
  const flow = await startFlow(t, [
    ...[nats, elsewhere, STREAM],
    { ...PUBLISH, stream: 'gone' },
    { ...PUBLISH, id: 'foreign', server: 'elsewhere' },
  ]);
  for (const id of ['publish', 'foreign']) {
    flow.send(id, { payload: 'x' });
    const { error } = await flow.caught();
    assert.deepEqual([error.code, error.source.id], ['BAD_STREAM', id]);
  }
  assert.equal(await infoOf(peer), undefined);
});

test('a server without JetStream turns the users red, and nothing crashes', async (t) => {
  const server = await startNatsServer();
  t.after(() => server.stop());
  const flow = await startFlow(t, [{ id: SERVER, type: 'nats-config', servers: server.url }, STREAM, PUBLISH]);
  await flow.status('publish', ({ fill, text }) => fill === 'red' && /NO_JETSTREAM/.test(text));
  flow.send('publish', { payload: 'x' });
  assert.equal((await flow.caught()).error.code, 'NO_JETSTREAM');
});

test('deploys leave nothing that would still look at the stream', async (t) => {
  const { nats } = await start(t);
  const timers = t.mock.method(globalThis, 'setTimeout');
  const missing = { ...STREAM, create: false };
  const other = { ...PUBLISH, id: 'other', confirm: true, stream: '' };
  const flow = await startFlow(t, [nats, missing, PUBLISH, other]);
  for (let i = 0; i < 10; i++) {
    await flow.status('publish', ({ fill, text }) => fill === 'red' && /NO_STREAM/.test(text));
    await flow.deploy([nats, missing, { ...PUBLISH, name: String(i) }, other], 'nodes');
  }
  const looks = () => timers.mock.calls.filter(({ arguments: [callback] }) => callback.name === 'look');
  const isPending = ({ result }: ReturnType<typeof looks>[number]) =>
    !(result as unknown as { _destroyed: boolean })._destroyed;
  await flow.status('publish', ({ fill, text }) => fill === 'red' && /NO_STREAM/.test(text));
  assert.equal(looks().filter(isPending).length, 1);
  await flow.deploy([nats, missing, other], 'nodes');
  await flow.connected();
  assert(looks().length > 10);
  assert.equal(looks().filter(isPending).length, 0);
});
