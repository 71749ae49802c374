import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startNatsServer } from '../../scripts/nats-server';
import { startNodeRed } from '../../scripts/node-red';
import { nodeDefaults } from '../support/node-defaults';
import { startPeer } from '../support/peer';

const TAB = { id: 'tab', type: 'tab', label: 'test' };

function node(id: string, type: string, properties: object): object {
  return { ...nodeDefaults(type), id, type, server: 'server', z: 'tab', x: 0, y: 0, wires: [[]], ...properties };
}

function config(servers: string): object {
  return { ...nodeDefaults('nats-config'), id: 'server', type: 'nats-config', servers, reconnectWaitMs: 50 };
}

interface Shown {
  fill: string;
  text: string;
}

/** Records the warnings of the nodes, and the status of each of them. */
function listener() {
  const lines: string[] = [];
  const statuses = new Map<string, Shown>();
  const watchers = new Set<() => void>();
  const onLog = ({ id, msg }: { id?: string; msg?: unknown }) => id !== undefined && lines.push(String(msg));
  const onStatus = ({ id, status }: { id: string; status: Shown }) => {
    statuses.set(id, status);
    for (const look of watchers) look();
  };
  return {
    lines,
    options: {
      settings: { logging: { test: { level: 'warn', handler: () => onLog } } },
      listeners: { 'node-status': onStatus },
    },
    /** Resolves when the status of a node matches. */
    shows: (id: string, isWanted: (status: Shown) => boolean) =>
      new Promise<void>((resolve) => {
        const look = () => {
          const status = statuses.get(id);
          if (!status || !isWanted(status)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
  };
}

test('dropped messages are logged with their number', async (t) => {
  const server = await startNatsServer();
  t.after(() => server.stop());
  const { lines, options, shows } = listener();
  const flow = [TAB, config(server.url), node('publish', 'nats-publish', { subject: 'a', whenDown: 'drop' })];
  const nodeRed = await startNodeRed(flow, options);
  t.after(nodeRed.stop);
  await shows('publish', ({ fill }) => fill === 'green');
  await server.stop();
  await shows('publish', ({ fill }) => fill !== 'green');
  const publish = (nodeRed.app.nodes as { getNode(id: string): { receive(msg: object): void } }).getNode('publish');
  for (let message = 0; message < 7; message++) publish.receive({ payload: message });
  await shows('publish', ({ text }) => text.includes('7 dropped'));
  const again = await startNatsServer({ port: server.port });
  t.after(() => again.stop());
  await shows('publish', ({ fill }) => fill === 'green');
  const logged = lines.filter((line) => line.includes('dropped'));
  assert.deepEqual(logged, ['7 messages were dropped while disconnected']);
});

test('messages lost to a slow flow are logged with their number, all of them before the node ends', async (t) => {
  const server = await startNatsServer();
  t.after(() => server.stop());
  const { lines, options, shows } = listener();
  const slow = 'const end = performance.now() + 0.02; while (performance.now() < end); return msg;';
  const flow = [
    TAB,
    config(server.url),
    node('flood', 'nats-subscribe', { subject: 'flood', wires: [['slow']] }),
    { id: 'slow', type: 'function', z: 'tab', x: 0, y: 0, func: slow, outputs: 0, libs: [], wires: [] },
  ];
  const nodeRed = await startNodeRed(flow, options);
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= nodeRed.stop();
    return stopped;
  };
  t.after(stop);
  await shows('flood', ({ fill }) => fill === 'green');
  let received = 0;
  const onReceive = ({ destination }: { destination: { id: string } }) => {
    if (destination.id === 'slow') received++;
  };
  nodeRed.app.hooks.add('onReceive.test', onReceive);
  t.after(() => nodeRed.app.hooks.remove('*.test'));
  const { nc } = await startPeer(t, server.url);
  const each = 2 * 131_072;
  // The first loss is logged after a second, the next one a minute later, or when the node ends.
  for (let flood = 0; flood < 2; flood++) {
    for (let message = 0; message < each; message++) nc.publish('flood', 'water');
    await nc.flush();
    await shows('flood', ({ text }) => text.endsWith('status.slow'));
    await shows('flood', ({ fill }) => fill === 'green');
  }
  await stop();
  const losses = lines.map((line) => Number(/^(\d+) messages were lost/.exec(line)?.[1] ?? 0));
  const lost = losses.reduce((sum, count) => sum + count, 0);
  assert(lost > 0);
  assert.equal(received + lost, 2 * each);
});
