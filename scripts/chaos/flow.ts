import type { Node } from 'node-red';
import { type RunningNodeRed, startNodeRed } from '../node-red';
import { Ledger } from './ledger';

/** The streams of messages that nodes of the flow publish, each with what its node does while the server is away. */
const STREAMS = {
  confirmed: { whenDown: 'hold', confirm: true },
  'fails while down': { whenDown: 'fail', confirm: true },
  'drops while down': { whenDown: 'drop', confirm: true },
  unconfirmed: { whenDown: 'hold', confirm: false },
} as const;

/** A quick client, so that there are many outages in a minute. */
const CONFIG = {
  id: 'server',
  type: 'nats-config',
  clientName: 'chaos',
  connectTimeoutMs: 500,
  reconnectWaitMs: 50,
  pingIntervalMs: 300,
  maxPingOut: 2,
};

/** Flows that publish, request and respond in a real Node-RED. */
export interface ChaosFlow {
  nodeRed: RunningNodeRed;
  /** One for each stream, and one for the requests. */
  ledgers: Map<string, Ledger>;
  requests: Ledger;
  /** Sends one message a stream, and one request. */
  tick(): void;
}

/** Starts the flows and follows what becomes of each message. */
export async function startFlow(servers: string): Promise<ChaosFlow> {
  const place = { z: 'tab', x: 0, y: 0, wires: [[]], server: CONFIG.id };
  const publishers = Object.entries(STREAMS).map(([name, settings]) => ({
    ...place,
    ...settings,
    id: name,
    type: 'nats-publish',
    subject: `chaos.${name.replaceAll(' ', '-')}`,
  }));
  const nodeRed = await startNodeRed([
    { id: 'tab', type: 'tab', label: 'chaos' },
    { ...CONFIG, servers },
    ...publishers,
    { ...place, id: 'request', type: 'nats-request', subject: 'ask', timeoutMs: 1000 },
    { ...place, id: 'asked', type: 'nats-subscribe', subject: 'ask', wires: [['respond']] },
    { ...place, id: 'respond', type: 'nats-respond' },
  ]);
  const requests = new Ledger('requests');
  const ledgers = new Map(Object.keys(STREAMS).map((name) => [name, new Ledger(name)]));
  const all = new Map([...ledgers, ['request', requests]]);

  // Each input of a node ends in this hook, completed or failed.
  interface Ended {
    msg: { number?: number };
    error?: { code?: string; name?: string };
    node: { id: string };
  }
  nodeRed.app.hooks.add('onComplete.chaos', ({ msg, error, node }: Ended) => {
    if (msg.number !== undefined) all.get(node.id)?.end(msg.number, error && (error.code ?? error.name ?? 'unknown'));
  });
  const nodes = nodeRed.app.nodes as unknown as { getNode(id: string): Node };
  const tick = () => {
    for (const [id, ledger] of all) {
      const number = ledger.send();
      nodes.getNode(id).receive({ payload: String(number), number } as never);
    }
  };
  return { nodeRed, ledgers, requests, tick };
}

/** The stream that a subject belongs to. */
export function streamOf(subject: string): string {
  return subject.slice('chaos.'.length).replaceAll('-', ' ');
}
