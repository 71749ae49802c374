import type { KnownConnection } from '../../scripts/monitoring';
import { DELETED, GIVEN_UP, type Ledger, type Promised, SOURCE, TARGET } from './ledger';
import type { Snapshot } from './snapshot';
import { brokenPromises, leaks } from './violations';

/** The counts of one stream. */
export interface Sums {
  promised: Promised;
  sent: number;
  completed: number;
  failed: Record<string, number>;
  /** Messages that a receiver has, each counted once. */
  received: number;
  /** Received messages that ended in `UNCONFIRMED`, which leaves open whether they are received. */
  unconfirmedReceived: number;
  /** Completed messages that were never received. */
  lost: number;
  /** Messages that warnings with a number tell of as lost. */
  told: number;
  receivedTwice: number;
  /** Only of messages that are `relayed`. */
  relayed?: RelayedSums | undefined;
}

/** What became of messages that are `relayed` from a source to a target. */
export interface RelayedSums {
  /** Messages that have been stored, each counted once. */
  source: number;
  target: number;
  /** Deliveries after the first one of each message. */
  deliveredAgain: number;
  givenUp: number;
  /** Messages that were in a source when it was deleted, and are not in the target. */
  deleted: number;
  /** Messages that completed and are not in the source, or are in the source and nowhere else. */
  missing: number;
}

/** Measured values. */
export interface Measured {
  unit: string;
  values: number[];
}

/** What happened besides the messages. */
export interface Course {
  /** How often each fault occurred. */
  faults: Record<string, number>;
  /** By name. */
  measured: Record<string, Measured>;
  before: Snapshot;
  after: Snapshot;
}

/** The JSON that `npm run chaos` writes for each scenario. */
export interface Report extends Course {
  serversLive: boolean;
  streams: Record<string, Sums>;
  /** The broken promises of the pack; empty if all is well. */
  violations: string[];
}

/** What is promised in a scenario. */
export interface Promises {
  /** Whether no server dies with what it has confirmed: then no confirmed message may be missing. */
  serversLive: boolean;
  /** More is a leak. By default 10: the pack holds up to 8 MiB while the server is down, and nothing once it is up. */
  mayGrowMiB?: number;
}

/** Sums up a scenario; `violations` are those that only it can check. */
export function report(
  ledgers: Record<string, Ledger>,
  course: Course,
  { serversLive, mayGrowMiB }: Promises,
  violations: string[],
): Report {
  const streams = Object.entries(ledgers);
  return {
    ...course,
    serversLive,
    streams: Object.fromEntries(streams.map(([name, ledger]) => [name, sumsOf(ledger)])),
    violations: [
      ...streams.flatMap(([name, ledger]) => [...brokenPromises(name, ledger, serversLive)]),
      ...leaks(course.before, course.after, mayGrowMiB),
      ...violations,
    ],
  };
}

function sumsOf(ledger: Ledger): Sums {
  const { promised, sent, failures, lost, told, receivedTwice } = ledger;
  return {
    promised,
    sent,
    completed: ledger.count((outcome) => outcome === 'completed'),
    failed: failures,
    received: ledger.count((_, isReceived) => isReceived),
    unconfirmedReceived: ledger.count((outcome, isReceived) => outcome === 'UNCONFIRMED' && isReceived),
    lost,
    told,
    receivedTwice,
    ...(promised === 'relayed' && { relayed: relayedOf(ledger) }),
  };
}

function relayedOf(ledger: Ledger): RelayedSums {
  return {
    source: ledger.receivedBy(SOURCE),
    target: ledger.receivedBy(TARGET),
    deliveredAgain: ledger.deliveredAgain,
    givenUp: ledger.receivedBy(GIVEN_UP),
    deleted: ledger.receivedBy(DELETED, [SOURCE]),
    missing: ledger.missing + ledger.lost,
  };
}

type Cell = (sums: Sums) => number | string;

/** A cell that is empty for streams whose promise it has nothing to do with. */
function of(promises: Promised[], cell: Cell): Cell {
  return (sums) => (promises.includes(sums.promised) ? cell(sums) : '');
}

/** The report in Markdown: a table of the streams, then the faults and the states before and after. */
export function print({ faults, measured, streams, serversLive, before, after }: Report): string {
  const all = Object.values(streams);
  const codes = [...new Set(all.flatMap(({ failed }) => Object.keys(failed)))].sort();
  const row = (name: string, cell: Cell) => {
    const cells = all.map((sums) => shown(cell(sums)));
    return cells.every((text) => text === '') ? [] : [`| ${[name, ...cells].join(' | ')} |`];
  };
  const relayed = (name: string, of: (sums: RelayedSums) => number) =>
    row(name, ({ relayed }) => (relayed ? of(relayed) : ''));
  const heard: Promised[] = ['confirmed', 'counted', 'unconfirmed'];
  const lost = serversLive ? 'lost in silence' : 'confirmed, and lost with the server';
  const lines = [
    `| ${['', ...Object.keys(streams)].join(' | ')} |`,
    ...row('---', () => '---:'),
    ...row('sent', ({ sent }) => sent),
    ...row('completed', ({ completed }) => completed),
    ...codes.flatMap((code) => row(`failed: ${code}`, ({ failed }) => failed[code] ?? 0)),
    ...row(
      'received',
      of(heard, ({ received }) => received),
    ),
    ...row(
      'of these ended in UNCONFIRMED',
      of(heard, ({ unconfirmedReceived }) => unconfirmedReceived),
    ),
    ...row(
      'lost, and told as a number',
      of(['counted'], ({ told }) => told),
    ),
    ...row(
      lost,
      of(['confirmed', 'counted'], ({ lost, told }) => lost - told),
    ),
    ...row(
      'lost, not confirmed',
      of(['unconfirmed'], ({ lost }) => lost),
    ),
    ...row(
      'received twice',
      of(heard, ({ receivedTwice }) => receivedTwice),
    ),
    ...relayed('stored in the source', ({ source }) => source),
    ...relayed('of these deleted with it before they were relayed', ({ deleted }) => deleted),
    ...relayed('stored in the target', ({ target }) => target),
    ...relayed('delivered again', ({ deliveredAgain }) => deliveredAgain),
    ...relayed('given up', ({ givenUp }) => givenUp),
    ...relayed('missing', ({ missing }) => missing),
    ...row(
      'stored twice',
      of(['relayed'], ({ receivedTwice }) => receivedTwice),
    ),
    '',
    ...Object.entries(faults).map(([name, count]) => `${name}: ${count} times`),
    ...Object.entries(measured).map(([name, all]) => `${name}: ${spread(all)}`),
    `connections: ${list(before)} before, ${list(after)} after`,
    `handles: ${counts(before.handles)} before, ${counts(after.handles)} after`,
    `memory: ${before.memoryMiB.toFixed(1)} MiB before, ${after.memoryMiB.toFixed(1)} MiB after`,
  ];
  return lines.join('\n');
}

function shown(cell: number | string): string {
  return typeof cell === 'number' ? cell.toLocaleString('en') : cell;
}

function spread({ unit, values }: Measured): string {
  const sorted = values.toSorted((one, other) => one - other);
  const [median = 0, largest = 0] = [sorted[sorted.length >> 1], sorted.at(-1)];
  return `median ${median.toFixed(0)} ${unit}, largest ${largest.toFixed(0)} ${unit}, of ${values.length}`;
}

function list({ connections }: Snapshot): string {
  return connections.map(({ name, subscriptions }: KnownConnection) => `${name} (${subscriptions})`).join(', ');
}

function counts(handles: Record<string, number>): string {
  return Object.entries(handles)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
}
