import type { Node } from 'node-red';
import { startNodeRed } from '../../scripts/node-red';
import type { Random } from '../../scripts/random';
import { Ledger } from './ledger';

/** The streams of messages that the flow publishes, each with the settings of its node. */
const STREAMS = {
  held: { whenDown: 'hold', confirm: true },
  failing: { whenDown: 'fail', confirm: true },
  dropping: { whenDown: 'drop', confirm: true },
  unconfirmed: { whenDown: 'hold', confirm: false },
} as const;

type Stream = keyof typeof STREAMS;

/** Short time-outs, so that a minute has many outages. */
const CONFIG = {
  id: 'server',
  type: 'nats-config',
  clientName: 'chaos',
  connectTimeoutMs: 500,
  reconnectWaitMs: 50,
  pingIntervalMs: 300,
  maxPingOut: 2,
};

/** A flow that publishes, requests and responds in a real Node-RED. */
export interface ChaosFlow {
  streams: Record<Stream, Ledger>;
  requests: Ledger;
  /** The number of messages that the nodes report as dropped. */
  dropped(): number;
  /** The number of replies that belong to another request. */
  wrongReplies(): number;
  /** Sends a message on each stream, and a request. */
  tick(random: Random): void;
  /** Records a message of a stream that the witness has received. */
  heard(subject: string, data: Uint8Array): void;
  stop(): Promise<void>;
}

interface Message {
  number: number;
  payload: string;
}

/** The event for the end of an input: https://nodered.org/docs/api/hooks/messaging/#oncomplete */
interface Ended {
  msg: Partial<Message>;
  error?: { code?: string; message: string };
  node: { id: string };
}

/** Runs the flow and records the outcome of each message, at most `capacity` of them on a stream. */
export async function startFlow(servers: string, capacity: number): Promise<ChaosFlow> {
  const ledgers = Object.keys(STREAMS).map((name) => [name, new Ledger(capacity)] as const);
  const streams = Object.fromEntries(ledgers) as Record<Stream, Ledger>;
  const requests = new Ledger(capacity);
  const all = new Map<string, Ledger>([...ledgers, ['request', requests]]);
  let wrongReplies = 0;
  let dropped = 0;

  const onComplete = ({ msg: { number, payload }, error, node }: Ended) => {
    const ledger = all.get(node.id);
    if (!ledger || number === undefined) return;
    ledger.end(number, error && (error.code ?? error.message));
    if (ledger === requests && !error && numberIn(payload ?? '') !== number) wrongReplies++;
  };
  const onLog = ({ id, msg }: { id?: string; msg?: unknown }) => {
    const [, count] = (id === 'dropping' && /^(\d+) messages were dropped/.exec(String(msg))) || [];
    dropped += Number(count ?? 0);
  };

  const { app, stop } = await startNodeRed(flowTo(servers), {
    settings: { logging: { chaos: { level: 'warn', handler: () => onLog } } },
    hooks: { 'onComplete.chaos': onComplete },
  });
  const nodes = app.nodes as unknown as { getNode(id: string): Node };

  return {
    streams,
    requests,
    dropped: () => dropped,
    wrongReplies: () => wrongReplies,
    tick: (random) => {
      const padding = '.'.repeat(random.chance(0.02) ? random.below(50_000) : random.below(100));
      for (const [id, ledger] of all) {
        const number = ledger.send();
        const msg: Message = { number, payload: `${number} ${padding}` };
        nodes.getNode(id).receive(msg as never);
      }
    },
    heard: (subject, data) => {
      const [, stream] = subject.split('.') as [string, Stream];
      streams[stream].receive(numberIn(Buffer.from(data).toString()));
    },
    stop,
  };
}

function numberIn(payload: string): number {
  return Number.parseInt(payload, 10);
}

function flowTo(servers: string): object[] {
  const place = { z: 'tab', x: 0, y: 0, wires: [[]], server: CONFIG.id };
  const publishers = Object.entries(STREAMS).map(([name, settings]) => ({
    ...place,
    ...settings,
    id: name,
    type: 'nats-publish',
    subject: `chaos.${name}`,
  }));
  return [
    { id: 'tab', type: 'tab', label: 'chaos' },
    { ...CONFIG, servers },
    ...publishers,
    { ...place, id: 'request', type: 'nats-request', subject: 'ask', timeoutMs: 1000 },
    { ...place, id: 'asked', type: 'nats-subscribe', subject: 'ask', wires: [['respond']] },
    { ...place, id: 'respond', type: 'nats-respond' },
  ];
}
