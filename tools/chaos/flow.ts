import type { Node } from 'node-red';
import { startNodeRed } from '../../scripts/node-red';
import type { Random } from '../../scripts/random';
import { Ledger } from './ledger';

/** The streams of messages that nodes of the flow publish, each with what its node does while the server is away. */
const STREAMS = {
  held: { whenDown: 'hold', confirm: true },
  failing: { whenDown: 'fail', confirm: true },
  dropping: { whenDown: 'drop', confirm: true },
  unconfirmed: { whenDown: 'hold', confirm: false },
} as const;

type Stream = keyof typeof STREAMS;

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
  streams: Record<Stream, Ledger>;
  requests: Ledger;
  /** How many messages the nodes say they have dropped. */
  dropped(): number;
  /** How many replies were not the answer to their request. */
  wrongReplies(): number;
  /** Sends one message a stream, and one request. */
  tick(random: Random): void;
  /** The witness has got a message of a stream. */
  heard(subject: string, data: Uint8Array): void;
  stop(): Promise<void>;
}

interface Message {
  number: number;
  payload: string;
}

/** An input of a node has ended: https://nodered.org/docs/api/hooks/messaging/#oncomplete */
interface Ended {
  msg: Partial<Message>;
  error?: { code?: string; message: string };
  node: { id: string };
}

/** Runs the flows, and follows what becomes of each message; there is room for so many of a stream. */
export async function startFlow(servers: string, room: number): Promise<ChaosFlow> {
  const ledgers = Object.keys(STREAMS).map((name) => [name, new Ledger(room)] as const);
  const streams = Object.fromEntries(ledgers) as Record<Stream, Ledger>;
  const requests = new Ledger(room);
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
