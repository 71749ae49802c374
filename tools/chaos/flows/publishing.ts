import { Ledger } from '../ledger';
import { config, type Exercise, node, TAB } from './exercise';

/** The streams of messages that the flow publishes, each with the settings of its node. */
const STREAMS = {
  held: { whenDown: 'hold', confirm: true },
  failing: { whenDown: 'fail', confirm: true },
  dropping: { whenDown: 'drop', confirm: true },
  unconfirmed: { whenDown: 'hold', confirm: false },
} as const;

/** The books of these streams and of the requests. */
type Ledgers = Record<keyof typeof STREAMS | 'requests', Ledger>;

/** Other properties of the flow's nodes than by default. */
export interface PublishingOptions {
  config?: object;
  held?: object;
}

/** A flow that publishes in each way, requests and responds. */
export function publishing(options: PublishingOptions = {}): Exercise {
  const ledgers: Ledgers = {
    held: new Ledger('confirmed'),
    failing: new Ledger('confirmed'),
    dropping: new Ledger('counted'),
    unconfirmed: new Ledger('unconfirmed'),
    requests: new Ledger('answered'),
  };
  const ledgerOf = (id: string) => (ledgers as Record<string, Ledger>)[id];
  const publishers = Object.entries(STREAMS).map(([name, settings]) =>
    node(name, 'nats-publish', { ...settings, ...(name === 'held' && options.held), subject: `chaos.${name}` }),
  );
  return {
    ledgers,
    subscriptions: ['ask'],
    nodes: (servers) => [
      TAB,
      config(servers, options.config),
      ...publishers,
      node('requests', 'nats-request', { subject: 'ask', timeoutMs: 1000 }),
      node('asked', 'nats-subscribe', { subject: 'ask', wires: [['respond']] }),
      node('respond', 'nats-respond', {}),
    ],
    tick: (random) => {
      const padding = '.'.repeat(random.chance(0.02) ? random.below(50_000) : random.below(100));
      return Object.entries(ledgers).map(([id, ledger]) => {
        const number = ledger.send();
        return { id, msg: { number, payload: `${number} ${padding}` } };
      });
    },
    hear: (subject, data, witness) => {
      ledgerOf(subject.split('.')[1] ?? '')?.receive(Number.parseInt(Buffer.from(data).toString(), 10), witness);
    },
    ended: ({ id, number, numberInPayload, code }) => {
      const ledger = ledgerOf(id);
      if (!ledger || number === undefined) return;
      ledger.end(number, code);
      if (id === 'requests' && code === undefined && numberInPayload !== number) ledger.mixedUp++;
    },
    warned: (id, text) => {
      const [, count] = (id === 'dropping' && /^(\d+) messages were dropped/.exec(text)) || [];
      ledgers.dropping.told += Number(count ?? 0);
    },
  };
}
