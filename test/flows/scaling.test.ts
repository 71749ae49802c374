import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection, Subscription } from 'nats';
import { freePort } from '../../scripts/free-port';
import { poll } from '../../scripts/monitoring';
import { type NatsServer, startNatsServer } from '../../scripts/nats-server';
import type { Report } from '../../tools/bench/report';
import type { FlowNode } from '../support/examples';
import { makeFolder } from '../support/folder';
import { PATIENCE_MS } from '../support/inbox';
import { startProcess } from '../support/node-red-process';
import { startPeer } from '../support/peer';

const DOCS = join(__dirname, '..', '..', '..', 'docs');
const GUIDE = readFileSync(join(DOCS, 'scaling.md'), 'utf8');

/** A configuration of the guide, with other addresses. */
function configOf(file: string, changes: Record<string, string>): string {
  const [, text] = new RegExp(`^\`\`\`\\n# ${file}.*?\\n(.*?)^\`\`\`$`, 'ms').exec(GUIDE) ?? [];
  assert(text, file);
  return Object.entries(changes).reduce((config, [from, to]) => {
    assert(config.includes(from), `${file}: ${from}`);
    return config.replaceAll(from, to);
  }, text);
}

async function start(t: TestContext, config: string): Promise<NatsServer> {
  const server = await startNatsServer({ config });
  t.after(() => server.stop());
  return server;
}

/** Starts the cluster of the guide; returns the addresses of its servers. */
async function startCluster(t: TestContext): Promise<string[]> {
  const names = ['a', 'b', 'c'];
  const ports = [await freePort(), await freePort(), await freePort()];
  const addresses = names.map((name, n) => [`${name}:6222`, `127.0.0.1:${ports[n]}`]);
  const own = (name: string, n: number) => ({
    $NODE: name,
    '/var/lib/nats': makeFolder(),
    '0.0.0.0:6222': `127.0.0.1:${ports[n]}`,
    ...Object.fromEntries(addresses),
  });
  const servers = await Promise.all(names.map((name, n) => start(t, configOf('cluster.conf', own(name, n)))));
  return servers.map(({ url }) => url);
}

/** The flow of the guide, which says for each message who has done it. */
function flowOf(servers: string): FlowNode[] {
  const [, json = ''] = /^```json\n(.*?)^```$/ms.exec(GUIDE) ?? [];
  const flow = JSON.parse(json) as FlowNode[];
  const server = flow.find(({ type }) => type === 'nats-config') as FlowNode;
  const consume = flow.find(({ type }) => type === 'nats-consume') as FlowNode & { wires: string[][] };
  const ack = consume.wires[0]?.[0] as string;
  server.servers = servers;
  consume.wires = [['work']];
  const func = `msg.payload = [msg.topic, msg.payload, env.get('PARTITION')].join(' ');
    return msg;`;
  const place = { z: consume.z, x: 0, y: 0 };
  return [
    ...flow,
    { ...place, id: 'work', type: 'function', func, outputs: 1, libs: [], wires: [['done', ack]] },
    { ...place, id: 'done', type: 'nats-publish', server: server.id, subject: 'done', wires: [] },
  ] as FlowNode[];
}

const NAMES = ['anna', 'ben', 'carla', 'dan', 'eva', 'finn', 'gina', 'hugo'];
/** Messages for each name. */
const EACH = 10;

test('the readers of the guide to scaling keep the order of each name', async (t) => {
  const urls = await startCluster(t);
  const { nc, subscribe } = await startPeer(t, urls[0] as string);
  const reports = await subscribe('done');
  for (const [partition, url] of urls.entries()) {
    process.env.PARTITION = String(partition);
    const nodeRed = await startProcess(t, flowOf(url), '{}');
    await nodeRed.started();
  }
  const js = jetstream(nc);
  const store = (name: string, number: number) => js.publish(`orders.${name}`, String(number), { timeout: 30_000 });
  const isThere = await poll(() => store('anna', 0).then(Boolean, () => false), Boolean, PATIENCE_MS);
  assert(isThere, 'the flow has made its stream');
  for (let number = 1; number <= EACH; number++) await Promise.all(NAMES.map((name) => store(name, number)));
  const done: { name: string; number: number; reader: string }[] = [];
  while (done.length < EACH * NAMES.length) {
    const [subject = '', number, reader = ''] = (await reports.take()).string().split(' ');
    const [, partition = '', name = ''] = subject.split('.');
    assert.equal(reader, partition);
    if (Number(number) > 0) done.push({ name, number: Number(number), reader });
  }
  for (const name of NAMES) {
    const own = done.filter((one) => one.name === name);
    assert.deepEqual(
      own.map(({ number }) => number),
      Array.from({ length: EACH }, (_, index) => index + 1),
      name,
    );
  }
  assert.equal(new Set(done.map(({ reader }) => reader)).size, 3);
  const anna = done.find(({ name }) => name === 'anna');
  assert(GUIDE.includes(`the server makes \`orders.${anna?.reader}.anna\` of it`));
});

function joinAs(name: string, nc: NatsConnection): Subscription {
  return nc.subscribe('work', { queue: 'workers', callback: (_, msg) => void msg.respond(name) });
}

/** Who has worked on a message from there. */
async function workedOn(nc: NatsConnection): Promise<string> {
  return (await nc.request('work', '', { timeout: 2000 })).string();
}

/** Checks that a member at home does all the work from there, and one elsewhere the rest. */
async function checkHelp(home: NatsConnection, away: NatsConnection): Promise<void> {
  const helped = async () => {
    const by = await poll(
      () => workedOn(home).catch(() => ''),
      (by) => by === 'away',
      PATIENCE_MS,
    );
    assert.equal(by, 'away');
  };
  joinAs('away', away);
  await helped();
  const member = joinAs('home', home);
  await home.flush();
  const answers = (nc: NatsConnection) => Promise.all(Array.from({ length: 50 }, () => workedOn(nc)));
  assert.deepEqual(new Set(await answers(home)), new Set(['home']));
  assert.deepEqual(new Set(await answers(away)), new Set(['away']));
  member.unsubscribe();
  await home.flush();
  await helped();
}

test('the leaf node of the guide to scaling works on what is published at the edge, as long as it has a member', async (t) => {
  const leaves = await freePort();
  const hub = await start(t, configOf('hub.conf', { '0.0.0.0:7422': `127.0.0.1:${leaves}` }));
  const edge = await start(t, configOf('edge.conf', { 'hub:7422': `127.0.0.1:${leaves}` }));
  const [{ nc: home }, { nc: away }] = [await startPeer(t, edge.url), await startPeer(t, hub.url)];
  await checkHelp(home, away);
  joinAs('home', home);
  await hub.stop();
  assert.equal(await workedOn(home), 'home');
});

test('each cluster of the guide to scaling works on what is published there, as long as it has a member', async (t) => {
  const ports = { north: await freePort(), south: await freePort() };
  const gateways = Object.fromEntries(
    Object.entries(ports).map(([name, port]) => [`${name}:7222`, `127.0.0.1:${port}`]),
  );
  const startGateway = (name: keyof typeof ports) => {
    const own = { '\n  name: north': `\n  name: ${name}`, '0.0.0.0:7222': `127.0.0.1:${ports[name]}` };
    return start(t, configOf('north.conf', { ...own, ...gateways }));
  };
  const [north, south] = [await startGateway('north'), await startGateway('south')];
  const [{ nc: home }, { nc: away }] = [await startPeer(t, north.url), await startPeer(t, south.url)];
  await checkHelp(home, away);
});

test('the guide to scaling has the figures of the benchmarks', () => {
  const { figures = [] } = JSON.parse(readFileSync(join(DOCS, 'benchmarks.json'), 'utf8')) as Report;
  const sizes = [...new Set(figures.map((figure) => figure.case))];
  const medianOf = (scenario: string, size: string) =>
    figures.find((figure) => figure.scenario === scenario && figure.case === size)?.by['pack, confirm']?.median;
  for (const size of sizes) {
    const cells = ['subscribe', 'publish', 'bridge'].map((scenario) => medianOf(scenario, size)?.toLocaleString('en'));
    assert(GUIDE.includes(`| ${[size, ...cells].join(' | ')} |`), `${[size, ...cells]}`);
  }
});
