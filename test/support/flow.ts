import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { NodeMessage } from 'node-red';
import helper from 'node-red-node-test-helper';
import type { ConnectionState } from '../../lib/nats/connection/connection';
import natsAck from '../../nodes/jetstream/nats-ack';
import natsConsume from '../../nodes/jetstream/nats-consume';
import natsKv from '../../nodes/jetstream/nats-kv';
import natsKvWatch from '../../nodes/jetstream/nats-kv-watch';
import natsObject from '../../nodes/jetstream/nats-object';
import natsService from '../../nodes/jetstream/nats-service';
import natsStream from '../../nodes/jetstream/nats-stream';
import natsConfig, { type NatsConfigNode } from '../../nodes/nats/nats-config';
import natsPublish from '../../nodes/nats/nats-publish';
import natsQueueSubscribe from '../../nodes/nats/nats-queue-subscribe';
import natsRequest from '../../nodes/nats/nats-request';
import natsRespond from '../../nodes/nats/nats-respond';
import natsServer from '../../nodes/nats/nats-server';
import natsSubscribe from '../../nodes/nats/nats-subscribe';
import senseJoystick from '../../nodes/sense-hat/sense-joystick';
import senseLed from '../../nodes/sense-hat/sense-led';
import senseSensors from '../../nodes/sense-hat/sense-sensors';
import { Inbox, soon } from './inbox';
import { nodeDefaults } from './node-defaults';
import { isConfig } from './node-files';

const CORE_CONFIGS = ['common/91-global-config.js', 'network/05-tls.js'];
const NODES = [
  natsConfig,
  natsPublish,
  natsSubscribe,
  natsQueueSubscribe,
  natsRequest,
  natsRespond,
  natsServer,
  natsStream,
  natsConsume,
  natsAck,
  natsKv,
  natsKvWatch,
  natsObject,
  natsService,
  senseLed,
  senseJoystick,
  senseSensors,
];

const NODE_RED = require.resolve(process.env.NODE_RED ?? 'node-red');
helper.init(NODE_RED);

/** A node of a test's flow; missing properties have the defaults of the editor. */
export interface TestNode {
  id: string;
  type: string;
  wires?: string[][];
  [property: string]: unknown;
}

/** The error that an input ends with. */
export type CodeError = Error & { code?: string };

/** A message of a Catch node. */
interface CaughtMessage extends NodeMessage {
  error: { code: string; message: string; source: { id: string } };
}

/** The status of a node. */
export interface ShownStatus {
  fill: string;
  shape: string;
  text: string;
}

/** A running flow. Helper nodes collect messages; every flow has two of them, `caught` and `completed`. */
export interface TestFlow {
  /** Sends a message to a node. */
  send(id: string, msg: Record<string, unknown>): void;
  /** The next message of a helper node, now or when it arrives. */
  next(id: string): Promise<NodeMessage>;
  /** The next message that ended in an error. */
  caught(): Promise<CaughtMessage>;
  /** The next message that completed. */
  completed(): Promise<NodeMessage>;
  /** Calls the listener with each input that ends, and with its error if it failed. */
  onEnd(listener: (msg: object, error?: CodeError) => void): void;
  /** Calls the listener for each message that reaches a helper node, until that node is deployed away. */
  listen(id: string, listener: () => void): void;
  /** The number of messages that wait in a helper node. */
  waiting(id: string): number;
  /** Resolves with the status of a node once it is the wanted one. */
  status(id: string, isWanted: (status: ShownStatus) => boolean): Promise<ShownStatus>;
  /** Resolves when a `nats-config` is connected and its subscriptions are on the server. */
  connected(id?: string): Promise<void>;
  /** Deploys other nodes; with `nodes` unchanged nodes keep running, with `flows` those of unchanged flows. */
  deploy(nodes: TestNode[], type?: DeployType): Promise<void>;
}

/** The nodes that a deploy restarts. */
export type DeployType = 'full' | 'flows' | 'nodes';

/** The id of the `nats-config` in a test's flow. */
export const SERVER = 'server';

function withDefaults(node: TestNode): TestNode {
  if (!/^(nats|sense)-/.test(node.type)) return node;
  const defaults = nodeDefaults(node.type);
  return { ...defaults, ...('server' in defaults && { server: SERVER }), ...node };
}

function wholeFlow(nodes: TestNode[]): TestNode[] {
  // A config node has no position.
  const place = { z: 'tab', x: 0, y: 0, wires: [] };
  const placed = nodes.map((node) => (isConfig(node.type) ? node : { ...place, ...node }));
  return [
    { id: 'tab', type: 'tab', label: 'test' },
    { id: 'catch', type: 'catch', z: 'tab', scope: null, uncaught: false, x: 0, y: 0, wires: [['caught']] },
    {
      id: 'complete',
      type: 'complete',
      z: 'tab',
      scope: nodes.map(({ id }) => id),
      x: 0,
      y: 0,
      wires: [['completed']],
    },
    { id: 'caught', type: 'helper', z: 'tab', x: 0, y: 0, wires: [] },
    { id: 'completed', type: 'helper', z: 'tab', x: 0, y: 0, wires: [] },
    ...placed.map(withDefaults),
  ];
}

/** Runs a flow in the real runtime of Node-RED until the test ends. */
export async function startFlow(
  t: TestContext,
  nodes: TestNode[],
  credentials: Record<string, Record<string, string>> = {},
): Promise<TestFlow> {
  const inboxes = new Map<string, Inbox<NodeMessage>>();
  const statuses = new Map<string, ShownStatus>();
  const watchers = new Set<() => void>();
  const collected = new WeakSet<object>();
  const collect = (flow: TestNode[]) => {
    for (const { id, type } of flow) {
      if (type !== 'helper') continue;
      const inbox = inboxes.get(id) ?? new Inbox<NodeMessage>();
      inboxes.set(id, inbox);
      const node = helper.getNode(id);
      if (collected.has(node)) continue;
      collected.add(node);
      node.on('input', (msg: NodeMessage) => inbox.put(msg));
    }
  };
  const events = eventsOf();
  const onStatus = ({ id, status }: { id: string; status: ShownStatus }) => {
    statuses.set(id, status);
    for (const watcher of watchers) watcher();
  };
  events.on('node-status', onStatus);
  t.after(async () => {
    await helper.unload();
    events.off('node-status', onStatus);
  });

  const flow = wholeFlow(nodes);
  const coreConfigs = CORE_CONFIGS.map((file) =>
    require(require.resolve(`@node-red/nodes/core/${file}`, { paths: [NODE_RED] })),
  );
  await helper.load([...coreConfigs, ...NODES], flow, credentials);
  collect(flow);
  const inbox = (id: string) => inboxes.get(id) as Inbox<NodeMessage>;

  return {
    send: (id, msg) => helper.getNode(id).receive(msg),
    next: (id) => inbox(id).take(),
    caught: () => inbox('caught').take() as Promise<CaughtMessage>,
    completed: () => inbox('completed').take(),
    onEnd: (listener) => {
      const hooks: Hooks = require(NODE_RED).hooks;
      hooks.add('onComplete.test', ({ msg, error }) => listener(msg, error));
      t.after(() => hooks.remove('onComplete.test'));
    },
    listen: (id, listener) => void helper.getNode(id).on('input', listener),
    waiting: (id) => inbox(id).size,
    status: (id, isWanted) =>
      soon(`the status of ${id}`, (resolve) => {
        const check = () => {
          const status = statuses.get(id);
          if (!status || !isWanted(status)) return;
          watchers.delete(check);
          resolve(status);
        };
        watchers.add(check);
        check();
      }),
    connected: (id = SERVER) => connected(helper.getNode(id) as unknown as NatsConfigNode),
    deploy: async (others, type = 'full') => {
      const next = wholeFlow(others);
      const started = new Promise<void>((resolve) => events.once('flows:started', () => resolve()));
      // The helper times out after 300 ms, but a busy machine takes longer.
      await helper.setFlows(next, type).catch((error: Error) => assert.equal(error.message, 'timeout waiting event'));
      await started;
      collect(next);
    },
  };
}

interface Hooks {
  add(name: string, listener: (event: { msg: object; error?: CodeError }) => void): void;
  remove(name: string): void;
}

interface Events {
  once(event: string, listener: () => void): void;
  on(event: string, listener: (data: never) => void): void;
  off(event: string, listener: (data: never) => void): void;
}

/** The runtime's events, which the helper keeps private. */
function eventsOf(): Events {
  return (helper as unknown as { _events: Events })._events;
}

async function connected(config: NatsConfigNode): Promise<void> {
  const states = new Inbox<ConnectionState>();
  const listener = (state: ConnectionState) => states.put(state);
  const connection = config.join(listener);
  let { state } = connection;
  while (state.name !== 'connected') state = await states.take();
  // Its confirmation means that the server has processed everything that was sent before.
  const publication = {
    subject: 'test.ready',
    data: Buffer.alloc(0),
    whenDown: 'hold',
    maxAgeMs: 0,
    confirm: true,
  } as const;
  await new Promise<void>((resolve, reject) => {
    connection.publish(publication, (error) => (error ? reject(error) : resolve()));
  });
  await config.leave(listener);
}
