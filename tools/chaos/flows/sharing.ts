import { Ledger, SOURCE, TARGET } from '../ledger';
import { StreamReader } from '../stream-reader';
import { CLIENT, type Exercise, node, TAB } from './exercise';

const BUCKET = 'context';
/** What the keys of the shared values begin with; a number follows. */
const KEY = 'value';

/** How often each Node-RED looks at the context, in seconds. */
const LOOK_S = 0.2;

/** So many Node-REDs share the context. */
export const MEMBERS = 2;

const SET = `
  global.set('${KEY}' + msg.number, msg.number, 'shared', (error) => {
    if (error) node.done(error);
    else node.done();
  });
`;

/** Warns of the values that are new, and of those that are not what their keys say, with a name of its own. */
const LOOK = `
  const keys = global.keys('shared').filter((key) => key.startsWith('${KEY}'));
  const numbers = keys.map((key) => Number(key.slice(${KEY.length})));
  const known = context.get('known') || new Set();
  const found = numbers.filter((number) => !known.has(number) && global.get('${KEY}' + number, 'shared') === number);
  for (const number of found) known.add(number);
  context.set('known', known);
  if (found.length > 0) node.warn(context.get('name') + ' sees ' + found);
`;

/** A flow that sets values in a context which its members share; each tells what it can read there. */
export function sharing(): Exercise {
  const ledger = new Ledger('relayed');
  const bucket = new StreamReader(`KV_${BUCKET}`);
  /** Who has seen a value. */
  const seen = new Map<number, Set<string>>();
  return {
    ledgers: { set: ledger },
    subscriptions: [],
    nodes: () => [
      TAB,
      node('set', 'function', { func: SET, outputs: 0 }),
      node('every', 'inject', { props: [], repeat: String(LOOK_S), once: true, onceDelay: 0.1, wires: [['look']] }),
      node('look', 'function', { func: LOOK, initialize: "context.set('name', Math.random());" }),
    ],
    context: (servers) => ({
      ...{ bucket: BUCKET, servers, clientName: CLIENT },
      ...{ connectTimeoutMs: 500, reconnectWaitMs: 50, pingIntervalMs: 300, maxPingOut: 2 },
    }),
    tick: (random) => {
      if (random.chance(0.75)) return [];
      const number = ledger.send();
      return [{ id: 'set', msg: { number, payload: `${number}` } }];
    },
    hear: () => {},
    read: (peer) => bucket.read(peer, (_, data) => ledger.receive(Number(Buffer.from(data).toString()), SOURCE)),
    ended: ({ id, number, code }) => {
      if (id === 'set' && number !== undefined) ledger.end(number, code);
    },
    warned: (_, text) => {
      const [, name = '', numbers = ''] = /^(\S+) sees ([\d,]+)$/.exec(text) ?? [];
      for (const number of numbers.split(',').filter(Boolean).map(Number)) {
        const by = (seen.get(number) ?? new Set()).add(name);
        seen.set(number, by);
        if (by.size === MEMBERS) ledger.receive(number, TARGET);
      }
    },
  };
}
