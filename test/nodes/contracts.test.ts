// Saved properties are public: a flow that was written by hand from this table keeps working, whatever the editor adds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startNatsServer } from '../../scripts/nats-server';
import { deviceFile } from '../support/device-file';
import type { FlowNode } from '../support/examples';
import { nodeCredentials, nodeDefaults } from '../support/node-defaults';
import { FAMILIES, typesIn } from '../support/node-files';
import { startRuntime } from '../support/runtime';

/** Every property that the editor saves for each node, and its default, which also applies if it is missing. */
const CONTRACTS: Record<string, Record<string, unknown>> = {
  'nats-config': {
    name: '',
    servers: 'nats://localhost:4222',
    auth: 'none',
    tls: '',
    tlsFirst: false,
    clientName: '',
    inboxPrefix: '',
    noEcho: false,
    ignoreClusterUpdates: false,
    connectTimeoutMs: 5000,
    reconnectWaitMs: 2000,
    pingIntervalMs: 30000,
    maxPingOut: 2,
    onlineSubject: '',
    onlinePayload: '',
    onlineHeaders: '',
    offlineSubject: '',
    offlinePayload: '',
    offlineHeaders: '',
  },
  'nats-publish': {
    name: '',
    server: '',
    subject: '',
    headers: '',
    headersType: 'none',
    reply: '',
    replyType: 'none',
    whenDown: 'hold',
    maxAgeMs: 0,
    confirm: true,
    stream: '',
    messageId: '',
    messageIdType: 'auto',
    batch: false,
  },
  'nats-subscribe': {
    name: '',
    server: '',
    mode: 'static',
    subject: '',
    output: 'auto',
    max: 0,
    batch: 0,
    batchMs: 10,
    inputs: 0,
  },
  'nats-queue-subscribe': {
    name: '',
    server: '',
    mode: 'static',
    subject: '',
    queue: '',
    output: 'auto',
    max: 0,
    batch: 0,
    batchMs: 10,
    inputs: 0,
    service: '',
    endpoint: '',
  },
  'nats-request': {
    name: '',
    server: '',
    subject: '',
    headers: '',
    headersType: 'none',
    timeoutMs: 2000,
    replies: 'one',
    count: 0,
    stallMs: 0,
    output: 'auto',
    flatInbox: false,
  },
  'nats-respond': {
    name: '',
    server: '',
    headers: '',
    headersType: 'none',
    whenDown: 'hold',
    maxAgeMs: 0,
    confirm: true,
    batch: false,
    serviceError: 'msg',
  },
  'nats-server': { name: '', port: 4222, listen: 'local', jetstream: true, storeDir: '' },
  'nats-stream': {
    name: '',
    server: '',
    stream: '',
    domain: '',
    subjects: '',
    create: true,
    retention: 'limits',
    storage: 'file',
    replicas: 1,
    maxAgeS: 0,
    maxBytes: 0,
    maxMessages: 0,
    discard: 'new',
    duplicateWindowS: 120,
  },
  'nats-consume': {
    name: '',
    stream: '',
    subjects: '',
    durable: '',
    start: 'all',
    since: '',
    output: 'auto',
    ack: 'explicit',
    atOnce: 25,
    mayTakeS: 600,
    giveUpAfter: 5,
    giveUpTo: '',
    batch: 0,
    batchMs: 10,
  },
  'nats-service': { name: '', server: '', service: '', version: '1.0.0', description: '', metadata: '' },
  'nats-ack': { name: '', server: '', verdict: 'done', delayMs: 0 },
  'nats-kv': {
    name: '',
    server: '',
    bucket: '',
    domain: '',
    action: 'get',
    key: '',
    output: 'auto',
    create: true,
    history: 1,
    lifetimeS: 0,
    storage: 'file',
    replicas: 1,
    timeoutMs: 5000,
  },
  'nats-kv-watch': {
    name: '',
    server: '',
    bucket: '',
    domain: '',
    keys: '>',
    start: 'changes',
    deletions: true,
    output: 'auto',
  },
  'nats-object': {
    name: '',
    server: '',
    bucket: '',
    domain: '',
    action: 'get',
    object: '',
    output: 'buffer',
    largestBytes: 67108864,
    create: true,
    storage: 'file',
    replicas: 1,
    timeoutMs: 5000,
  },
  'sense-led': {
    name: '',
    device: '',
    rotation: 0,
    flipH: false,
    flipV: false,
    lowLight: false,
    color: '#ffffff',
    background: '#000000',
    secondsPerColumn: 0.1,
    frameMs: 100,
    busy: 'queue',
    preview: true,
    brightness: 100,
    leastVisible: false,
    direction: 'left',
    repeat: 1,
    commands: false,
    whenMissing: 'fail',
    clearOnClose: false,
    canvas: '',
    tileX: 0,
    tileY: 0,
  },
  'sense-joystick': { name: '', device: '', rotation: 0, keepFromConsole: false },
  'sense-sensors': {
    name: '',
    device: '',
    environment: true,
    motion: false,
    colour: false,
    intervalMs: 1000,
    onlyChanges: false,
    byAtLeast: '',
    correction: 'none',
    correctionFactor: 1.5,
    offsetC: 0,
    altitudeM: '',
    samples: 1,
  },
};

/** The secrets of each node that has some, which Node-RED stores apart from the flow. */
const CREDENTIALS: Record<string, string[]> = {
  'nats-config': ['creds', 'password', 'seed', 'token', 'user'],
  'nats-server': ['token'],
};

/** Nodes on a tab, with only the given properties. */
function flowOf(nodes: object[]): FlowNode[] {
  const place = { z: 'tab', x: 0, y: 0, wires: [] };
  const placed = nodes.map((node) => ((node as FlowNode).type === 'nats-config' ? node : { ...place, ...node }));
  return [{ id: 'tab', type: 'tab', label: 'by hand' }, ...placed] as FlowNode[];
}

const inject = (name: string, payload: string, to: string, payloadType = 'str') => ({
  id: `inject ${name}`,
  type: 'inject',
  name,
  props: [{ p: 'payload' }, { p: 'topic', vt: 'str' }],
  payload,
  payloadType,
  topic: name,
  wires: [[to]],
});

/** Shows a property of each message, or with `true` the whole message. */
const debug = (id: string, complete = 'payload', targetType = 'msg') => ({
  id,
  type: 'debug',
  name: id,
  active: true,
  tosidebar: true,
  complete,
  targetType,
});

for (const type of FAMILIES.flatMap(typesIn)) {
  test(`${type} saves exactly the documented properties, with their documented defaults`, () => {
    assert.deepEqual(nodeDefaults(type), CONTRACTS[type]);
    assert.deepEqual(nodeCredentials(type).sort(), CREDENTIALS[type] ?? []);
  });
}

test('a flow of only names and wires works: missing properties have their defaults', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const nats = { server: 'nats' };
  const runtime = await startRuntime(
    t,
    flowOf([
      { id: 'nats', type: 'nats-config', servers: server.url },
      inject('a.subject', 'hello', 'publish'),
      { id: 'publish', type: 'nats-publish', ...nats },
      { id: 'subscribe', type: 'nats-subscribe', ...nats, subject: 'a.*', wires: [['heard', 'ask']] },
      debug('heard', 'topic'),
      { id: 'ask', type: 'nats-request', ...nats, subject: 'questions', wires: [['answer']] },
      { id: 'worker', type: 'nats-queue-subscribe', ...nats, subject: 'questions', queue: 'workers', wires: [['led']] },
      { id: 'led', type: 'sense-led', secondsPerColumn: 0.001, wires: [['say']] },
      { id: 'say', type: 'change', rules: [{ t: 'set', p: 'payload', to: 'shown', tot: 'str' }], wires: [['respond']] },
      { id: 'respond', type: 'nats-respond', ...nats },
      debug('answer'),
    ]),
  );
  await runtime.click({ name: 'a.subject' });
  assert.equal(await runtime.debugged('heard'), 'a.subject');
  assert.equal(await runtime.debugged('answer'), 'shown');
});

test('a flow that sets every property works, also with numbers as text', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const nats = { server: 'nats' };
  const never = { whenDown: 'fail', maxAgeMs: '60000', confirm: false };
  const device = deviceFile(t);
  const runtime = await startRuntime(
    t,
    flowOf([
      {
        id: 'nats',
        type: 'nats-config',
        name: 'NATS',
        servers: `nats://127.0.0.1:1, ${server.url}`,
        auth: 'none',
        clientName: 'by hand',
        inboxPrefix: '_BY_HAND',
        noEcho: false,
        ignoreClusterUpdates: true,
        connectTimeoutMs: '2000',
        reconnectWaitMs: '100',
        pingIntervalMs: '10000',
        maxPingOut: '3',
      },
      inject('commands', '["red", "lime"]', 'publish', 'json'),
      {
        id: 'publish',
        type: 'nats-publish',
        ...nats,
        ...never,
        subject: 'things.1',
        headers: '{"Kind": "colours"}',
        headersType: 'json',
        reply: 'answers',
        replyType: 'str',
      },
      {
        id: 'subscribe',
        type: 'nats-subscribe',
        ...nats,
        mode: 'static',
        subject: 'things.>',
        output: 'json',
        max: '1',
        wires: [['headers', 'split']],
      },
      debug('headers', 'headers.Kind'),
      {
        id: 'split',
        type: 'split',
        splt: '\\n',
        spltType: 'str',
        arraySplt: 1,
        arraySpltType: 'len',
        wires: [['led']],
      },
      {
        id: 'led',
        type: 'sense-led',
        device,
        rotation: '90',
        flipH: true,
        flipV: false,
        lowLight: false,
        color: 'red',
        background: '#000001',
        secondsPerColumn: '0.002',
        frameMs: '20',
        busy: 'queue',
        preview: true,
        brightness: '50',
        leastVisible: true,
        direction: 'up',
        repeat: '1',
        commands: false,
        whenMissing: 'wait',
        clearOnClose: true,
        wires: [['respond']],
      },
      { id: 'respond', type: 'nats-respond', ...nats, ...never, headers: '{"By": "hand"}', headersType: 'json' },
      {
        id: 'answers',
        type: 'nats-queue-subscribe',
        ...nats,
        mode: 'static',
        subject: 'answers',
        queue: 'q',
        output: 'string',
        max: '2',
        wires: [['answer', 'by']],
      },
      debug('answer'),
      debug('by', 'headers.By'),
      inject('ask', '', 'many'),
      {
        id: 'many',
        type: 'nats-request',
        ...nats,
        subject: 'ask',
        timeoutMs: '5000',
        replies: 'many',
        count: '2',
        stallMs: '1000',
        output: 'buffer',
        headersType: 'msg',
        headers: 'none',
        flatInbox: true,
        wires: [['reply']],
      },
      { id: 'asked', type: 'nats-subscribe', ...nats, subject: 'ask', wires: [['echo', 'echo too']] },
      { id: 'echo', type: 'nats-respond', ...nats },
      { id: 'echo too', type: 'nats-respond', ...nats },
      debug('reply', 'parts.index'),
    ]),
  );
  await runtime.click({ name: 'commands' });
  assert.equal(await runtime.debugged('headers'), 'colours');
  for (const colour of ['red', 'lime']) {
    assert.equal(await runtime.debugged('answer'), colour);
    assert.equal(await runtime.debugged('by'), 'hand');
  }
  await runtime.click({ name: 'ask' });
  for (const index of ['0', '1']) assert.equal(await runtime.debugged('reply'), index);
});

test('a dynamic subscription needs only its mode', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const runtime = await startRuntime(
    t,
    flowOf([
      { id: 'nats', type: 'nats-config', servers: server.url },
      {
        ...inject('subscribe', '', 'on demand'),
        once: true,
        props: [
          { p: 'topic', v: 'late.*', vt: 'str' },
          { p: 'action', v: 'subscribe', vt: 'str' },
        ],
      },
      { id: 'on demand', type: 'nats-subscribe', server: 'nats', mode: 'dynamic', wires: [['heard']] },
      debug('heard'),
      inject('late.1', 'news', 'publish'),
      { id: 'publish', type: 'nats-publish', server: 'nats' },
    ]),
  );
  await runtime.click({ name: 'late.1' });
  assert.equal(await runtime.debugged('heard'), 'news');
});
