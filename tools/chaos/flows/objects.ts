import { type ObjectInfo, type ObjectStore, Objm } from '@nats-io/obj';
import type { NatsConnection } from 'nats';
import { poll } from '../../../scripts/monitoring';
import type { Random } from '../../../scripts/random';
import { Ledger } from '../ledger';
import type { Input } from '../node-red/host';
import { askStreams } from '../stream-api';
import { config, type Exercise, node, TAB } from './exercise';

const BUCKET = 'FILES';
const STREAM = `OBJ_${BUCKET}`;

/** One of so many ticks puts an object, and another one reads one. */
const TICKS_PER_PUT = 20;
const LARGEST = 600_000;

/** A flow that puts objects, each under a name of its own, and reads some of them again. */
export interface Objects extends Exercise {
  /** What is wrong with the bucket, as far as it has been read. */
  problems(): string[];
}

export function objects(): Objects {
  const puts = new Ledger('confirmed');
  const gets = new Ledger('answered');
  /** The numbers of puts that have completed, and by the numbers of gets which of them they read. */
  const stored: number[] = [];
  const read = new Set<number>();
  const damaged = new Set<string>();
  let orphans: string[] = [];

  const put = (random: Random): Input => {
    const number = puts.send();
    const start = `${number} `;
    const size = random.chance(0.2) ? random.below(100) : random.below(LARGEST);
    return { id: 'name', msg: { number, payload: whole(start, size) } };
  };
  const get = (random: Random): Input => {
    const number = gets.send();
    // The number of the message is that of the get; its payload begins with that of the object.
    return { id: 'name get', msg: { number, payload: `${stored[random.below(stored.length)]} ` } };
  };
  return {
    ledgers: { puts, gets },
    subscriptions: [],
    nodes: (servers) => [
      TAB,
      config(servers),
      node('name', 'function', { func: 'msg.object = parseInt(msg.payload) + ""; return msg;', wires: [['put']] }),
      node('put', 'nats-object', { bucket: BUCKET, action: 'put' }),
      node('name get', 'function', { func: 'msg.object = parseInt(msg.payload) + ""; return msg;', wires: [['get']] }),
      node('get', 'nats-object', { bucket: BUCKET, action: 'get', output: 'string', wires: [['check']] }),
      node('check', 'function', { func: CHECK, wires: [[]] }),
    ],
    tick: (random) => [
      ...(random.below(TICKS_PER_PUT) === 0 ? [put(random)] : []),
      ...(random.below(TICKS_PER_PUT) === 0 && stored.length > 0 ? [get(random)] : []),
    ],
    hear: () => {},
    read: async (peer) => {
      await poll(
        async () => puts.openCount + gets.openCount,
        (open) => open === 0,
      );
      const store = await new Objm(peer).create(BUCKET);
      const infos = await store.list();
      for (const info of infos) {
        const number = Number(info.name);
        if (read.has(number)) continue;
        read.add(number);
        puts.receive(number);
        if (!(await isWhole(store, info))) damaged.add(info.name);
      }
      orphans = await poll(
        () => orphansOf(peer, infos),
        ({ length }) => length === 0,
      );
    },
    problems: () => [
      ...[...damaged].map((name) => `the object ${name} is not whole`),
      ...orphans.map((subject) => `nobody needs the chunks ${subject}`),
    ],
    ended: ({ id, number, code }) => {
      if (number === undefined) return;
      if (id === 'put') {
        puts.end(number, code);
        if (code === undefined) stored.push(number);
      } else if (id === 'get') gets.end(number, code);
      else if (id === 'check' && code !== undefined) gets.mixedUp++;
    },
    warned: () => {},
  };
}

/** A text of its own length, which ends as it began. */
function whole(start: string, size: number): string {
  return start.padEnd(size, '.') + start;
}

const CHECK = `
  const start = parseInt(msg.payload) + ' ';
  const isWhole = msg.nats.name + ' ' === start && msg.payload.endsWith(start) && msg.payload.length === msg.nats.size;
  if (!isWhole) throw new Error('This object is not whole.');
`;

async function isWhole(store: ObjectStore, { name, size }: ObjectInfo): Promise<boolean> {
  const data = Buffer.from((await store.getBlob(name)) ?? []);
  const start = `${name} `;
  return data.length === size && data.toString() === whole(start, size - start.length);
}

/** The subjects of chunks that belong to no object. */
async function orphansOf(peer: NatsConnection, infos: ObjectInfo[]): Promise<string[]> {
  const request = { subjects_filter: `$O.${BUCKET}.C.>` };
  const { state } = await askStreams<{ state: { subjects?: Record<string, number> } }>(
    peer,
    `STREAM.INFO.${STREAM}`,
    request,
  );
  const needed = new Set(infos.map(({ nuid }) => `$O.${BUCKET}.C.${nuid}`));
  return Object.keys(state.subjects ?? {}).filter((subject) => !needed.has(subject));
}
