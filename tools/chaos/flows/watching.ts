import type { NatsConnection } from 'nats';
import { bucketConfig, DEFAULT_FORM } from '../../../lib/nats/jetstream/kv/bucket-config';
import { Ledger, SOURCE, TARGET } from '../ledger';
import { askStreams } from '../stream-api';
import { StreamReader } from '../stream-reader';
import { config, type Exercise, node, TAB } from './exercise';

const BUCKET = 'watched';
const KEYS = 10;
/** Changes each time that the flow gets messages: 50 a second. */
const PER_TICK = 0.25;
/** No outage lasts as long as the changes that the bucket keeps of each key. */
const HISTORY = 64;

/** Where the watches begin, each by its own name. */
const WATCHES = ['changes', 'values', 'history'];

const TARGET_STREAM = 'TOLD';
const TARGET_SUBJECT = 'told';

/** Makes the bucket: a watch of values that waits for it would be told only the last of the first changes of a key. */
export async function makeBucket(peer: NatsConnection): Promise<void> {
  await askStreams(peer, `STREAM.CREATE.KV_${BUCKET}`, bucketConfig(BUCKET, { ...DEFAULT_FORM, history: HISTORY }));
}

/** A flow that changes the keys of a bucket, watches it, and stores what it is told. */
export interface Watching extends Exercise {
  /** How many consumers the bucket has had more than there are watches, when it was last read. */
  readonly leftConsumers: number;
}

export function watching(): Watching {
  const ledgers = Object.fromEntries(WATCHES.map((name) => [name, new Ledger('relayed')]));
  const all = Object.values(ledgers);
  const bucket = new StreamReader(`KV_${BUCKET}`);
  const target = new StreamReader(TARGET_STREAM);
  let leftConsumers = 0;
  let due = 0;
  return {
    ledgers,
    subscriptions: [],
    get leftConsumers() {
      return leftConsumers;
    },
    nodes: (servers) => [
      TAB,
      config(servers),
      { id: 'target', type: 'nats-stream', server: 'server', stream: TARGET_STREAM, subjects: `${TARGET_SUBJECT}.>` },
      node('put', 'nats-kv', { bucket: BUCKET, action: 'put', create: false }),
      ...WATCHES.flatMap((start) => [
        node(start, 'nats-kv-watch', { bucket: BUCKET, start, wires: [[`${start}-store`]] }),
        node(`${start}-store`, 'nats-publish', {
          subject: `${TARGET_SUBJECT}.${start}`,
          confirm: 'stored',
          stream: 'target',
        }),
      ]),
    ],
    tick: () => {
      due += PER_TICK;
      if (due < 1) return [];
      due -= 1;
      const [number = 0] = all.map((ledger) => ledger.send());
      return [{ id: 'put', msg: { number, payload: `${number} `, topic: `key.${number % KEYS}` } }];
    },
    hear: () => {},
    read: async (peer) => {
      await bucket.read(peer, (_, data) => {
        for (const ledger of all) ledger.receive(numberOf(data), SOURCE);
      });
      await target.read(peer, (subject, data) => {
        ledgers[subject.split('.')[1] ?? '']?.receive(numberOf(data), TARGET);
      });
      const { total } = await askStreams<{ total: number }>(peer, `CONSUMER.NAMES.KV_${BUCKET}`);
      leftConsumers = total - WATCHES.length;
    },
    ended: ({ id, number, code }) => {
      if (id === 'put' && number !== undefined) for (const ledger of all) ledger.end(number, code);
    },
    warned: () => {},
  };
}

function numberOf(data: Uint8Array): number {
  return Number.parseInt(Buffer.from(data).toString(), 10);
}
