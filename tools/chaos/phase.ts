import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { connectionsOf, type KnownConnection, poll } from '../../scripts/monitoring';
import type { Random } from '../../scripts/random';
import type { Fault } from './faults';
import { type ChaosFlow, startFlow } from './flow';
import { type Site, startSite } from './site';

const TICK_MS = 5;
const WARM_UP_MS = 3000;
const SETTLE_TIMEOUT_MS = 30_000;

/** The state before and after the faults, to be compared. */
export interface Snapshot {
  connections: KnownConnection[];
  /** Whether these are exactly the connections that the flow needs. */
  isConnected: boolean;
  memoryMiB: number;
}

/** The result of a phase. */
export interface Outcome {
  flow: ChaosFlow;
  /** How often each fault occurred. */
  faults: Record<string, number>;
  before: Snapshot;
  after: Snapshot;
}

/** Runs the flow for some seconds while one fault follows another. */
export async function runPhase(faults: Record<string, Fault>, seconds: number, random: Random): Promise<Outcome> {
  let heard: ChaosFlow['heard'] = () => {};
  const site = await startSite((subject, data) => heard(subject, data));
  let flow: ChaosFlow | undefined;
  try {
    flow = await startFlow(site.network.url, Math.ceil(((seconds + 60) * 1000) / TICK_MS));
    heard = flow.heard;
    await settled(site);
    await work(flow, random, delay(WARM_UP_MS));
    const before = await snapshot(flow, site);
    const counts = Object.fromEntries(Object.keys(faults).map((name) => [name, 0]));
    await work(flow, random, injectFaults(faults, counts, site, seconds, random));
    return { flow, faults: counts, before, after: await snapshot(flow, site) };
  } finally {
    await flow?.stop();
    await site.stop();
  }
}

/** Sends messages until a promise resolves. */
async function work(flow: ChaosFlow, random: Random, end: Promise<unknown>): Promise<void> {
  const timer = setInterval(() => flow.tick(random), TICK_MS);
  try {
    await end;
  } finally {
    clearInterval(timer);
  }
}

async function injectFaults(
  faults: Record<string, Fault>,
  counts: Record<string, number>,
  site: Site,
  seconds: number,
  random: Random,
): Promise<void> {
  const end = performance.now() + 1000 * seconds;
  while (performance.now() < end) {
    const name = random.of(Object.keys(faults));
    await faults[name]?.(site, random);
    counts[name] = (counts[name] ?? 0) + 1;
    // Sometimes the next fault occurs before the client has reconnected.
    await delay(random.below(1200));
  }
}

/** Waits until every message has ended and the witness has received all there is. */
async function snapshot(flow: ChaosFlow, site: Site): Promise<Snapshot> {
  const connections = await settled(site);
  const ledgers = [...Object.values(flow.streams), flow.requests];
  const end = performance.now() + SETTLE_TIMEOUT_MS;
  while (ledgers.some((ledger) => ledger.count((outcome) => outcome === 'open') > 0) && performance.now() < end) {
    await delay(100);
  }
  await site.flushWitness();
  return { connections, isConnected: isConnected(connections), memoryMiB: memoryMiB() };
}

/** The connections on the server, once they are as needed or a time-out has passed. */
function settled(site: Site): Promise<KnownConnection[]> {
  return poll(() => connectionsOf(site.server()), isConnected);
}

/** Whether the flow and the witness are connected and subscribed, and broken connections are gone. */
function isConnected(known: KnownConnection[]): boolean {
  return known.length === 2 && known.every(({ subscriptions }) => subscriptions.length === 1);
}

/** The memory in use after a garbage collection. */
function memoryMiB(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}
