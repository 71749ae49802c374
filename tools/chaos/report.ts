import type { KnownConnection } from '../../scripts/monitoring';
import type { Ledger } from './ledger';
import type { Outcome, Snapshot } from './phase';

/** More is a leak: the pack holds up to 8 MiB while the server is down, and nothing once it is up again. */
const MEMORY_GROWTH_MIB = 10;

/** The counts of one stream. */
interface Sums {
  sent: number;
  completed: number;
  failed: Record<string, number>;
  open: number;
  /** Messages that ended more than once. */
  endedAgain: number;
  /** Messages that the witness has received, each counted once. */
  received: number;
  /** Received messages that ended in `UNCONFIRMED`, which leaves open whether they are received. */
  unconfirmedReceived: number;
  /** Received messages that ended in any other error. */
  failedReceived: number;
  /** Completed messages that were never received. */
  lost: number;
  receivedTwice: number;
}

/** The JSON that `npm run chaos` writes for each phase. */
export interface Report {
  faults: Record<string, number>;
  streams: Record<string, Sums>;
  requests: Pick<Sums, 'sent' | 'completed' | 'failed' | 'open' | 'endedAgain'> & { wrongReplies: number };
  /** Messages that the nodes report as dropped. */
  dropped: number;
  before: Snapshot;
  after: Snapshot;
  /** The broken promises of the pack; empty if all is well. */
  violations: string[];
}

/** Sums up a phase. If `serverLives`, no message that the server has confirmed may be missing. */
export function report({ flow, faults, before, after }: Outcome, serverLives: boolean): Report {
  const streams = Object.fromEntries(Object.entries(flow.streams).map(([name, ledger]) => [name, sumsOf(ledger)]));
  const { sent, completed, failed, open, endedAgain } = sumsOf(flow.requests);
  const requests = { sent, completed, failed, open, endedAgain, wrongReplies: flow.wrongReplies() };
  const sums = { faults, streams, requests, dropped: flow.dropped(), before, after };
  return { ...sums, violations: [...violationsOf(sums, serverLives)] };
}

function sumsOf(ledger: Ledger): Sums {
  const isFailed = (outcome: string) => outcome !== 'open' && outcome !== 'completed';
  return {
    sent: ledger.sent,
    completed: ledger.count((outcome) => outcome === 'completed'),
    failed: ledger.failures,
    open: ledger.count((outcome) => outcome === 'open'),
    endedAgain: ledger.endedAgain,
    received: ledger.count((_, received) => received > 0),
    unconfirmedReceived: ledger.count((outcome, received) => outcome === 'UNCONFIRMED' && received > 0),
    failedReceived: ledger.count((outcome, received) => isFailed(outcome) && outcome !== 'UNCONFIRMED' && received > 0),
    lost: ledger.count((outcome, received) => outcome === 'completed' && received === 0),
    receivedTwice: ledger.count((_, received) => received > 1),
  };
}

function* violationsOf(
  { streams, requests, dropped, before, after }: Omit<Report, 'violations'>,
  serverLives: boolean,
): Generator<string> {
  for (const [name, sums] of Object.entries({ ...streams, requests })) {
    if (sums.sent === 0 || sums.completed === 0) yield `${name}: nothing was sent, or nothing completed`;
    if (sums.open > 0) yield `${name}: ${sums.open} messages never ended`;
    if (sums.endedAgain > 0) yield `${name}: ${sums.endedAgain} messages ended more than once`;
  }
  for (const [name, sums] of Object.entries(streams)) {
    if (sums.receivedTwice > 0) yield `${name}: ${sums.receivedTwice} messages were received twice`;
    if (sums.failedReceived > 0) yield `${name}: ${sums.failedReceived} messages failed for certain, and were received`;
  }
  const lostOf = (name: string) => streams[name]?.lost ?? 0;
  if (serverLives) {
    for (const name of ['held', 'failing']) {
      if (lostOf(name) > 0) yield `${name}: ${lostOf(name)} messages were lost in silence`;
    }
    if (lostOf('dropping') !== dropped) yield `dropping: ${lostOf('dropping')} are missing, ${dropped} were dropped`;
  }
  if (requests.wrongReplies > 0) yield `requests: ${requests.wrongReplies} replies were not the answer`;
  for (const [when, { isConnected }] of Object.entries({ before, after })) {
    if (!isConnected) yield `the connections are not what the flow needs ${when} the faults`;
  }
  if (JSON.stringify(before.connections) !== JSON.stringify(after.connections))
    yield 'the connections are not as before';
  if (after.memoryMiB - before.memoryMiB > MEMORY_GROWTH_MIB) yield 'the memory has grown';
}

/** The report in Markdown: a table of the streams, then the faults and the states before and after. */
export function print({ faults, streams, requests, dropped, before, after }: Report, serverLives: boolean): string {
  const columns = Object.entries(streams);
  const codes = [
    ...new Set([...columns, ['', requests] as const].flatMap(([, { failed }]) => Object.keys(failed))),
  ].sort();
  const row = (name: string, cell: (sums: Sums, name: string) => number | string, ofRequests: number | string = '') =>
    `| ${[name, ...columns.map(([name, sums]) => cell(sums, name)), ofRequests].map(count).join(' | ')} |`;
  const lost = serverLives ? 'lost in silence: completed, never received' : 'confirmed, and lost with the server';
  const lines = [
    row('', (_, name) => name, 'requests'),
    row('---', () => '---:', '---:'),
    row('sent', ({ sent }) => sent, requests.sent),
    row('completed', ({ completed }) => completed, requests.completed),
    ...codes.map((code) => row(`failed: ${code}`, ({ failed }) => failed[code] ?? 0, requests.failed[code] ?? 0)),
    row('received by the witness', ({ received }) => received),
    row('of these ended in UNCONFIRMED', ({ unconfirmedReceived }) => unconfirmedReceived),
    row('dropped, and counted as such', (_, name) => (name === 'dropping' ? dropped : 0)),
    row(lost, ({ lost }, name) => (name === 'unconfirmed' ? '' : name === 'dropping' ? lost - dropped : lost)),
    row('lost, not confirmed', ({ lost }, name) => (name === 'unconfirmed' ? lost : '')),
    row('received twice', ({ receivedTwice }) => receivedTwice),
    '',
    ...Object.entries(faults).map(([name, times]) => `${name}: ${times} times`),
    `connections: ${list(before)} before, ${list(after)} after`,
    `memory: ${before.memoryMiB.toFixed(1)} MiB before, ${after.memoryMiB.toFixed(1)} MiB after`,
  ];
  return lines.join('\n');
}

function count(cell: number | string): string {
  return typeof cell === 'number' ? cell.toLocaleString('en') : cell;
}

function list({ connections }: Snapshot): string {
  return connections.map(({ name, subscriptions }: KnownConnection) => `${name} (${subscriptions})`).join(' and ');
}
