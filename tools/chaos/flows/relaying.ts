import type { NatsConnection } from 'nats';
import { GIVEN_UP, Ledger, SOURCE, TARGET } from '../ledger';
import type { Input } from '../node-red/host';
import { askStreams, makeConsumer } from '../stream-api';
import { StreamReader } from '../stream-reader';
import { config, type Exercise, node, TAB } from './exercise';

/** The stream from which messages are consumed, and the one for those that are relayed or given up. */
export const SOURCE_STREAM = 'SOURCE';
const TARGET_STREAM = 'TARGET';

const SUBJECT = 'jobs';
const TARGET_SUBJECT = 'results';
const GIVEN_UP_SUBJECT = 'given-up';

const STREAMS = {
  [SOURCE_STREAM]: [SUBJECT],
  [TARGET_STREAM]: [`${TARGET_SUBJECT}.>`, `${GIVEN_UP_SUBJECT}.>`],
};

/** No scenario repeats a message after a longer time. */
const DUPLICATE_WINDOW_S = 3600;

/** The work of the flow fails when one of so many messages comes for the first time. */
const FAILS = 7;
/** How long such a message waits until it comes again. */
const AGAIN_MS = 300;

/** So many messages may be on their way to be stored. */
const FLOOD_WINDOW = 1000;

/** A message whose payload contains this ends Node-RED. */
const POISON = 'poison';

/** Each Node-RED remembers the ids of messages that may be delivered again: no more than 65,536. */
export const REMEMBERED_MIB = 64;

/** How a flow relays messages. */
export interface RelayOptions {
  /** Properties of its `nats-consume` other than by default. */
  consume?: object;
  /** So many messages come as one, and none of them fails. */
  batch?: number;
  /** One of so many messages takes so long, in milliseconds; with `first` only when it comes for the first time. */
  slow?: { oneOf: number; ms: number; first?: boolean };
}

/** A flow that consumes messages of one stream and stores them in another. */
export interface Relaying extends Exercise {
  /** Reads the streams, and notes what they hold. */
  read(peer: NatsConnection): Promise<void>;
  /** Makes no more messages, or makes them again. */
  pause(isPaused: boolean): void;
  /** Makes messages for the flow, some bytes long. */
  make(count: number, size?: number): Input[];
  /** Makes one that ends Node-RED. */
  makePoison(): Input;
  /** Stores messages without the flow, each some bytes long; resolves when the stream has them. */
  flood(peer: NatsConnection, count: number, size: number): Promise<void>;
  /** Whether a relay has given up a message, as far as has been read. */
  hasGivenUp(relay: string, number: number): boolean;
  /** What the source holds is deleted, after it has been read. */
  onDeleted(): void;
  /** How often a node of a relay has failed with a code, or has logged it. */
  failures(relay: string, code: string): number;
}

/** Makes the streams as the flow does, and durable consumers with an ack wait of their own. */
export async function makeStreams(peer: NatsConnection, durables: string[] = [], ackWaitMs?: number): Promise<void> {
  for (const [name, subjects] of Object.entries(STREAMS)) {
    const window = { discard: 'new', duplicate_window: DUPLICATE_WINDOW_S * 1e9 };
    await askStreams(peer, `STREAM.CREATE.${name}`, { name, subjects, storage: 'file', num_replicas: 1, ...window });
  }
  for (const name of durables) await makeConsumer(peer, SOURCE_STREAM, name, { ackWaitMs });
}

/** A flow with some relays by name, all from the same source; it makes so many messages every few milliseconds. */
export function relaying(relays: Record<string, RelayOptions>, perTick = 1): Relaying {
  const names = Object.keys(relays);
  const ledgers = Object.fromEntries(names.map((name) => [name, new Ledger('relayed')]));
  const all = Object.values(ledgers);
  const source = new StreamReader(SOURCE_STREAM);
  const target = new StreamReader(TARGET_STREAM);
  const failures: Record<string, number> = {};
  const givenUp = new Set<string>();
  let isPaused = false;
  let due = 0;

  const fail = (relay: string, code: string) => {
    failures[`${relay} ${code}`] = (failures[`${relay} ${code}`] ?? 0) + 1;
  };
  const input = (text = '', size = 0): Input => {
    const [number = 0] = all.map((ledger) => ledger.send());
    return { id: 'store', msg: { number, payload: `${number} ${text}`.padEnd(size, '.') } };
  };
  const make = (count: number, size?: number) => Array.from({ length: count }, () => input('', size));
  return {
    ledgers,
    subscriptions: [],
    nodes: (servers) => [
      TAB,
      config(servers),
      streamNode('source', SOURCE_STREAM),
      streamNode('target', TARGET_STREAM),
      node('store', 'nats-publish', { subject: SUBJECT, confirm: 'stored', stream: 'source' }),
      ...names.flatMap((name) => relayNodes(name, relays[name] ?? {})),
    ],
    tick: (random) => {
      if (isPaused) return [];
      due += perTick;
      const count = Math.floor(due);
      due -= count;
      return make(count, random.chance(0.02) ? random.below(50_000) : random.below(100));
    },
    hear: () => {},
    read: async (peer) => {
      await source.read(peer, (_, data) => {
        for (const ledger of all) ledger.receive(numberOf(data), SOURCE);
      });
      await target.read(peer, (subject, data) => {
        const [kind, name = ''] = subject.split('.');
        ledgers[name]?.receive(numberOf(data), kind === TARGET_SUBJECT ? TARGET : GIVEN_UP);
        if (kind !== TARGET_SUBJECT) givenUp.add(`${name} ${numberOf(data)}`);
      });
    },
    pause: (value) => {
      isPaused = value;
    },
    make,
    makePoison: () => input(POISON),
    flood: async (peer, count, size) => {
      for (const { msg } of make(count, size)) {
        // The stream stores in order, and a recent server refuses what it has no room for.
        if (msg.number % FLOOD_WINDOW === 0) await peer.request(SUBJECT, msg.payload);
        else peer.publish(SUBJECT, msg.payload);
        for (const ledger of all) ledger.end(msg.number);
      }
      await peer.flush();
    },
    hasGivenUp: (relay, number) => givenUp.has(`${relay} ${number}`),
    onDeleted: () => {
      source.startAnew();
      for (const ledger of all) ledger.delete();
    },
    failures: (relay, code) => failures[`${relay} ${code}`] ?? 0,
    ended: ({ id, number, code, delivered = 1 }) => {
      if (id === 'store' && number !== undefined) for (const ledger of all) ledger.end(number, code);
      const [relay = '', role] = id.split('-');
      if (role === 'work' && delivered > 1) (ledgers[relay] as Ledger).deliveredAgain++;
      if (role && role !== 'work' && code !== undefined) fail(relay, code);
    },
    warned: (id, text) => {
      const [relay = '', role] = id.split('-');
      const [, code] = /\(([A-Z]+_[A-Z_]+)\)$/.exec(text) ?? [];
      if (role === 'consume') fail(relay, code ?? text);
    },
  };
}

function numberOf(data: Uint8Array): number {
  return Number.parseInt(Buffer.from(data).toString(), 10);
}

function streamNode(id: string, stream: keyof typeof STREAMS): object {
  const subjects = STREAMS[stream].join();
  return { id, type: 'nats-stream', server: 'server', stream, subjects, duplicateWindowS: DUPLICATE_WINDOW_S };
}

/** Consume, work, publish, acknowledge; what fails comes again. */
function relayNodes(name: string, { consume, slow, batch = 0 }: RelayOptions): object[] {
  const [oneOf, ms, first] = slow ? [slow.oneOf, slow.ms, slow.first ?? false] : [0, 0, false];
  const func = `
    const finish = () => { node.send(msg); node.done(); };
    if (Array.isArray(msg.payload)) return finish();
    const number = parseInt(msg.payload, 10);
    const isFirst = msg.nats.delivered === 1;
    if (msg.payload.includes(' ${POISON}')) global.get('crash')();
    if (isFirst && number % ${FAILS} === 0) throw new Error('This work fails the first time.');
    if (${oneOf} > 0 && number % ${oneOf} === 1 && (isFirst || !${first})) setTimeout(finish, ${ms});
    else finish();
  `;
  return [
    node(`${name}-consume`, 'nats-consume', {
      stream: 'source',
      durable: name,
      giveUpTo: `${GIVEN_UP_SUBJECT}.${name}`,
      batch,
      ...consume,
      wires: [[`${name}-work`]],
    }),
    node(`${name}-work`, 'function', { func, outputs: 1, wires: [[`${name}-publish`]] }),
    node(`${name}-publish`, 'nats-publish', {
      subject: `${TARGET_SUBJECT}.${name}`,
      confirm: 'stored',
      stream: 'target',
      batch: batch > 0,
    }),
    node(`${name}-complete`, 'complete', { scope: [`${name}-publish`], wires: [[`${name}-done`]] }),
    node(`${name}-done`, 'nats-ack', { verdict: 'done' }),
    node(`${name}-catch`, 'catch', { scope: [`${name}-work`, `${name}-publish`], wires: [[`${name}-again`]] }),
    node(`${name}-again`, 'nats-ack', { verdict: 'again', delayMs: AGAIN_MS }),
  ];
}
