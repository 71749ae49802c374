import type { NatsConnection } from 'nats';
import { Ledger } from '../ledger';
import { config, type Exercise, node, TAB } from './exercise';

const SUBJECT = 'flood';
/** How long the flow is busy with each message. */
const BUSY_MS = 1;

/** While it reads a flood, the client sees the answer to a PING only behind it. */
const PATIENT = { pingIntervalMs: 30_000 };

/** The parts of the flow that a deploy may change. */
export type Part = 'server' | 'subscribe' | 'slow' | 'bystander' | 'other';

/** A flow that is slower than the messages that it receives. */
export interface SlowFlow extends Exercise {
  /** Publishes messages that the flow should receive, and resolves when the server has them. */
  flood(peer: NatsConnection, count: number): Promise<void>;
  /** Gives a part of the flow another name, so that a deploy starts it again. */
  change(...parts: Part[]): void;
}

export function slow(): SlowFlow {
  const received = new Ledger('counted');
  const edits: Record<Part, number> = { server: 0, subscribe: 0, slow: 0, bystander: 0, other: 0 };
  const name = (part: Part) => ({ name: `edit ${edits[part]}` });
  return {
    ledgers: { 'to a slow flow': received },
    subscriptions: [SUBJECT, 'other'],
    nodes: (servers) => [
      TAB,
      config(servers, { ...name('server'), ...PATIENT }),
      node('subscribe', 'nats-subscribe', { ...name('subscribe'), subject: SUBJECT, wires: [['slow']] }),
      node('slow', 'function', { ...name('slow'), func: `global.get('work')(${BUSY_MS}); return msg;`, outputs: 0 }),
      node('other', 'nats-subscribe', { ...name('other'), subject: 'other', wires: [['bystander']] }),
      node('bystander', 'function', { ...name('bystander'), func: 'return msg;' }),
    ],
    tick: () => [],
    hear: () => {},
    flood: async (peer, count) => {
      for (let message = 0; message < count; message++) {
        const number = received.send();
        peer.publish(SUBJECT, String(number));
        received.end(number);
      }
      await peer.flush();
    },
    change: (...parts) => {
      for (const part of parts) edits[part]++;
    },
    ended: ({ id, numberInPayload }) => {
      if (id === 'slow') received.receive(numberInPayload);
    },
    warned: (id, text) => {
      const [, count] = (id === 'subscribe' && /^(\d+) messages were lost/.exec(text)) || [];
      received.told += Number(count ?? 0);
    },
  };
}
