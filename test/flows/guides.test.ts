import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { startNatsServer } from '../../scripts/nats-server';
import { startFlow } from '../support/flow';
import { makeFolder } from '../support/packed';
import { startPeer } from '../support/peer';
import { startScene } from '../support/scene';

const ROOT = join(__dirname, '..', '..', '..');
const GUIDES = readdirSync(join(ROOT, 'docs')).filter((file) => file.endsWith('.md'));
const PAGES = ['README.md', ...GUIDES.map((file) => `docs/${file}`)];

const textOf = (page: string) => readFileSync(join(ROOT, page), 'utf8');

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

test('the narrow users of the guide to streams can store, consume and acknowledge, and no more', async (t) => {
  const [, config = ''] = /^```\n(jetstream .*?)^```$/ms.exec(textOf('docs/streams.md')) ?? [];
  const folder = makeFolder(t);
  const server = await startNatsServer({ config: config.replace('{}', `{ store_dir: ${JSON.stringify(folder)} }`) });
  t.after(() => server.stop());
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
