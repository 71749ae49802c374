import type { NatsConnection } from 'nats';
import type { Random } from '../../../scripts/random';
import type { Ledger } from '../ledger';
import type { Input } from '../node-red/host';
import type { Listener } from '../node-red/under-test';
import type { Hear } from '../sites/site';

/** The name of the flow's connection. */
export const CLIENT = 'chaos';

/** What a flow under test does, and the books of what becomes of its messages. */
export interface Exercise extends Listener {
  ledgers: Record<string, Ledger>;
  /** The subscriptions of the flow as the server reports them, sorted. */
  subscriptions: string[];
  /** The flow; `servers` are for its `nats-config`. */
  nodes(servers: string): object[];
  /** The config of a context store `shared`, which the Node-REDs have if there is one. */
  context?(servers: string): object;
  /** The messages for the flow's inputs, every few milliseconds. */
  tick(random: Random): Input[];
  hear: Hear;
  /** Looks up what the streams of a server hold by now. */
  read?(peer: NatsConnection): Promise<void>;
}

/** A `nats-config` with short time-outs, so that a minute has many outages. */
export function config(servers: string, properties: object = {}): object {
  return {
    id: 'server',
    type: 'nats-config',
    clientName: CLIENT,
    servers,
    connectTimeoutMs: 500,
    reconnectWaitMs: 50,
    pingIntervalMs: 300,
    maxPingOut: 2,
    ...properties,
  };
}

/** The tab of the flow. */
export const TAB = { id: 'tab', type: 'tab', label: 'chaos' };

/** A node in the tab. */
export function node(id: string, type: string, properties: object): object {
  return { id, type, z: 'tab', x: 0, y: 0, wires: [[]], server: 'server', ...properties };
}
