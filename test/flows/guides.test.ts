import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { bucketKey, type Place } from '../../context/key';
import { contextSettings } from '../../context/settings';
import { decodeValue, encodeValue } from '../../context/value';
import { type NatsServer, startNatsServer } from '../../scripts/nats-server';
import { openStore, type Store, stored, until } from '../support/context-store';
import { startFlow } from '../support/flow';
import { makeFolder } from '../support/folder';
import { startPeer } from '../support/peer';
import { startScene } from '../support/scene';

const ROOT = join(__dirname, '..', '..', '..');
const GUIDES = readdirSync(join(ROOT, 'docs')).filter((file) => file.endsWith('.md'));
const PAGES = ['README.md', ...GUIDES.map((file) => `docs/${file}`)];

const textOf = (page: string) => readFileSync(join(ROOT, page), 'utf8');

/** A server with the configuration of a page, whose JetStream stores in a folder of its own. */
async function startServerOf(t: TestContext, page: string): Promise<NatsServer> {
  const [, config = ''] = /^```\n(jetstream .*?)^```$/ms.exec(textOf(page)) ?? [];
  const storage = `{ store_dir: ${JSON.stringify(makeFolder())} }`;
  const server = await startNatsServer({ config: config.replace('{}', storage) });
  t.after(() => server.stop());
  return server;
}

/** The links of a page to other files or to its own headings. */
function relativeLinks(page: string): string[] {
  const prose = textOf(page).replace(/^```.*?^```$/gms, '');
  const links = Array.from(prose.matchAll(/\]\(([^)\s]+)\)|<img [^>]*src="([^"]+)"/g), ([, link, src]) => link ?? src);
  return links.filter((link) => link !== undefined && !/^[a-z]+:/.test(link)) as string[];
}

/** The anchors that GitHub creates for the headings of a page. */
function anchors(page: string): string[] {
  return Array.from(textOf(page).matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function isDead(page: string, link: string): boolean {
  const [path, anchor] = link.split('#');
  const target = path ? join(dirname(page), decodeURIComponent(path)) : page;
  return !existsSync(join(ROOT, target)) || (anchor !== undefined && !anchors(target).includes(anchor));
}

test('every relative link in the README and the guides leads to an existing file and heading', () => {
  const links = PAGES.flatMap((page) => relativeLinks(page).map((link) => ({ page, link })));
  assert(links.length > 20, `${links.length} links`);
  assert.deepEqual(
    links.filter(({ page, link }) => isDead(page, link)),
    [],
  );
});

test('each guide can be reached from the README', () => {
  const links = relativeLinks('README.md');
  for (const guide of GUIDES) assert(links.includes(`docs/${guide}`), guide);
});

test('whoever is to set a variable of a tab is told where the dialog has it', () => {
  const examples = readdirSync(join(ROOT, 'examples'), { recursive: true, encoding: 'utf8' });
  const files = examples.filter((file) => file.endsWith('.json')).map((file) => `examples/${file}`);
  const steps = [...PAGES, ...files].flatMap((file) => textOf(file).match(/Double-click (the|its) tab[^.]+/g) ?? []);
  assert(steps.length >= 9, `${steps.length} steps`);
  for (const step of steps) assert(step.includes('_Environment Variables_'), step);
});

test('the messages that the guide to drawing publishes are shown', async (t) => {
  const { flow, peer } = await startScene(t, [
    { id: 'subscribe', type: 'nats-subscribe', subject: 'light', wires: [['led']] },
    { id: 'led', type: 'sense-led', secondsPerColumn: 0.01, wires: [['out']] },
    { id: 'out', type: 'helper' },
  ]);
  const commands = textOf('docs/drawing.md').matchAll(/^nats pub light '(.*)'$/gm);
  const payloads = Array.from(commands, ([, payload]) => payload as string);
  assert(payloads.length >= 3);
  for (const payload of payloads) {
    peer.nc.publish('light', payload);
    assert.deepEqual((await flow.next('out')).payload, JSON.parse(payload));
  }
});

test('the users of the guide to shared context can change it, or only read it', async (t) => {
  const stores: Store[] = [];
  t.after(() => Promise.all(stores.map((store) => store.close())));
  const server = await startServerOf(t, 'docs/context-bucket.md');
  const changing = await openStore(t, server.url, { user: 'node-red', password: 'change-me' });
  stores.push(changing);
  await stored(changing, 'global', 'count', 1);
  const reading = await openStore(t, server.url, { user: 'display', password: 'change-me-too' });
  stores.push(reading);
  assert.equal(reading.get('global', 'count'), 1);
  await assert.rejects(stored(reading, 'global', 'count', 2), { code: 'PERMISSION' });
  await stored(changing, 'global', 'count', 3);
  await until(() => reading.get('global', 'count') === 3);
});

test('what the guide to shared context says of keys and values is so', () => {
  const text = textOf('docs/context-bucket.md');
  const marked = Array.from(text.matchAll(/`(\{"\$natshat".*?\})`/g), ([, json]) => json as string);
  assert(marked.length >= 7);
  for (const json of marked) {
    const value = decodeValue(Buffer.from(json));
    assert.notDeepEqual(value, JSON.parse(json), json);
    assert.equal(Buffer.from(encodeValue(value, 'key')).toString(), json);
  }
  const places: Record<string, Place> = {
    'global.count': { scope: 'global', key: 'count' },
    'flow.FLOW.count': { scope: 'FLOW', key: 'count' },
    'node.FLOW.NODE.count': { scope: 'NODE:FLOW', key: 'count' },
    'global.room=201': { scope: 'global', key: 'room 1' },
  };
  for (const [key, place] of Object.entries(places)) {
    assert(text.includes(`\`${key}\``), key);
    assert.equal(bucketKey(place), key);
  }
});

test('the settings in the guide to shared context are those of the store', () => {
  const [table = ''] = /^\| setting .*?^$/ms.exec(textOf('docs/context.md')) ?? [];
  const names = table.split('\n').flatMap((row) => {
    // Without defaults and choices.
    const cell = row.split('|')[1]?.replace(/\[[^\]]*\]( or `\w+`)?/g, '') ?? '';
    return Array.from(cell.matchAll(/`(\w+)`/g), ([, name]) => name as string);
  });
  assert(names.length > 20, `${names}`);
  const config = Object.fromEntries(names.map((name) => [name, undefined]));
  assert.deepEqual(contextSettings({ ...config, bucket: 'plant', auth: 'none' }).unknown, []);
});

test('the narrow users of the guide to streams can store, consume and acknowledge, and no more', async (t) => {
  const server = await startServerOf(t, 'docs/streams.md');
  const user = (name: string) => ({ id: name, type: 'nats-config', servers: server.url, auth: 'user' });
  const stream = (name: string) => ({
    id: `${name}-jobs`,
    type: 'nats-stream',
    server: name,
    stream: 'JOBS',
    subjects: 'jobs.>',
  });
  const secrets = {
    admin: { user: 'admin', password: 'change-me-too' },
    sender: { user: 'sender', password: 'change-me' },
    worker: { user: 'worker', password: 'change-me' },
  };
  const consume = (name: string) => ({
    id: 'consume',
    type: 'nats-consume',
    stream: `${name}-jobs`,
    durable: 'workers',
    wires: [['ack']],
  });
  const wide = [user('admin'), stream('admin'), consume('admin'), { id: 'ack', type: 'nats-ack', server: 'admin' }];
  const narrow = [
    ...['sender', 'worker'].flatMap((name) => [user(name), stream(name)]),
    consume('worker'),
    { id: 'ack', type: 'nats-ack', server: 'worker' },
    {
      id: 'publish',
      type: 'nats-publish',
      server: 'sender',
      confirm: 'stored',
      stream: 'sender-jobs',
      subject: 'jobs.new',
    },
    { id: 'other', type: 'nats-publish', server: 'sender', confirm: 'stored', subject: 'other' },
  ];
  const flow = await startFlow(t, wide, secrets);
  const { nc } = await startPeer(t, server.url, { user: 'admin', pass: 'change-me-too' });
  const isMade = async () => !(await nc.request('$JS.API.CONSUMER.INFO.JOBS.workers')).string().includes('"error"');
  while (!(await isMade()));
  await flow.deploy(narrow);
  flow.send('publish', { payload: 'job' });
  // One for the message that is stored, one for its acknowledgement.
  const ended = [await flow.completed(), await flow.completed()] as { nats?: { stored?: object } }[];
  assert.equal(ended.filter(({ nats }) => nats?.stored).length, 1);
  flow.send('other', { payload: 'job' });
  assert.equal((await flow.caught()).error.code, 'PERMISSION');
});

test('the narrow users of the guide to objects can put or read them, and no more', async (t) => {
  const server = await startServerOf(t, 'docs/objects.md');
  const users = ['admin', 'writer', 'reader'];
  const object = (user: string, action: string) => ({
    id: `${user} ${action}`,
    type: 'nats-object',
    server: user,
    bucket: 'FILES',
    object: 'a',
    action,
    wires: [['out']],
  });
  const nodes = users.map((id) => ({ id, type: 'nats-config', servers: server.url, auth: 'user' }));
  const secrets = Object.fromEntries(
    users.map((user) => [user, { user, password: user === 'admin' ? 'change-me-too' : 'change-me' }]),
  );
  const actions = users.flatMap((user) =>
    ['put', 'get', 'info', 'list', 'delete'].map((action) => object(user, action)),
  );
  const flow = await startFlow(t, [...nodes, ...actions, { id: 'out', type: 'helper' }], secrets);
  for (const user of users) await flow.status(`${user} put`, ({ fill }) => fill === 'green');
  const payload = Buffer.alloc(300_000, 'a');
  const perform = async (id: string) => {
    flow.send(id, { payload });
    return flow.next('out');
  };
  for (const id of ['admin put', 'writer put']) await perform(id);
  assert.deepEqual((await perform('reader get')).payload, payload);
  for (const id of ['reader info', 'reader list', 'writer delete']) await perform(id);
  await perform('writer put');
  for (const id of ['reader delete', 'reader put']) {
    flow.send(id, { payload });
    assert.equal((await flow.caught()).error.code, 'PERMISSION', id);
  }
  assert.deepEqual((await perform('reader get')).payload, payload);
});

test('the narrow users of the guide to buckets can change and watch values, and no more', async (t) => {
  const server = await startServerOf(t, 'docs/buckets.md');
  const secrets = {
    admin: { user: 'admin', password: 'change-me-too' },
    panel: { user: 'panel', password: 'change-me' },
    display: { user: 'display', password: 'change-me' },
  };
  const user = (name: string) => ({ id: name, type: 'nats-config', servers: server.url, auth: 'user' });
  const kv = (id: string, name: string, fields = {}) => ({
    id,
    type: 'nats-kv',
    server: name,
    bucket: 'settings',
    key: 'colour',
    wires: [['out']],
    ...fields,
  });
  const watch = { id: 'watch', type: 'nats-kv-watch', server: 'display', bucket: 'settings', start: 'values' };
  const out = { id: 'out', type: 'helper' };
  const flow = await startFlow(t, [user('admin'), out, kv('first', 'admin', { action: 'put' })], secrets);
  flow.send('first', { payload: 'red' });
  assert.equal((await flow.next('out')).payload, 'red');
  await flow.deploy([
    ...[user('panel'), user('display'), out, { id: 'seen', type: 'helper' }],
    kv('get', 'panel'),
    ...['put', 'create', 'update', 'delete', 'keys'].map((action) => kv(action, 'panel', { action })),
    kv('other', 'panel', { action: 'put', bucket: 'others' }),
    kv('get of display', 'display'),
    { ...watch, wires: [['seen']] },
  ]);
  assert.equal((await flow.next('seen')).payload, 'red');
  await flow.status('get', ({ fill }) => fill === 'green');
  flow.send('get', {});
  const got = await flow.next('out');
  assert.equal(got.payload, 'red');
  flow.send('update', { ...got, payload: 'blue' });
  await flow.next('out');
  assert.equal((await flow.next('seen')).payload, 'blue');
  for (const [id, code] of [
    ['create', 'EXISTS'],
    ['update', 'CONFLICT'],
    ['keys', 'PERMISSION'],
    ['other', 'PERMISSION'],
    ['get of display', 'PERMISSION'],
  ] as const) {
    flow.send(id, { payload: 'green', nats: { revision: 1 } });
    assert.equal((await flow.caught()).error.code, code, id);
  }
});
