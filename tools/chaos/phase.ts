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
const PATIENCE_MS = 30_000;

/** What there is to compare before and after. */
export interface Snapshot {
  connections: KnownConnection[];
  /** Whether they were all that the flows want, and no more. */
  isConnected: boolean;
  memoryMiB: number;
}

/** What a phase has come to. */
export interface Outcome {
  flow: ChaosFlow;
  /** How often each fault came. */
  faults: Record<string, number>;
  before: Snapshot;
  after: Snapshot;
}

/** Lets the flows work for some seconds while one fault follows another. */
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
    await work(flow, random, failAgainAndAgain(faults, counts, site, seconds, random));
    return { flow, faults: counts, before, after: await snapshot(flow, site) };
  } finally {
    await flow?.stop();
    await site.stop();
  }
}

/** Sends messages until something ends. */
async function work(flow: ChaosFlow, random: Random, end: Promise<unknown>): Promise<void> {
  const timer = setInterval(() => flow.tick(random), TICK_MS);
  try {
    await end;
  } finally {
    clearInterval(timer);
  }
}

async function failAgainAndAgain(
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
    // Sometimes before the client is back.
    await delay(random.below(1200));
  }
}

/** Once all is quiet: every message has ended, and the witness has got what there was for it. */
async function snapshot(flow: ChaosFlow, site: Site): Promise<Snapshot> {
  const connections = await settled(site);
  const ledgers = [...Object.values(flow.streams), flow.requests];
  const end = performance.now() + PATIENCE_MS;
  while (ledgers.some((ledger) => ledger.count((outcome) => outcome === 'open') > 0) && performance.now() < end) {
    await delay(100);
  }
  await site.heardAll();
  return { connections, isConnected: isConnected(connections), memoryMiB: memoryMiB() };
}

/** What the server knows, once it is as it should be or that takes too long. */
function settled(site: Site): Promise<KnownConnection[]> {
  return poll(() => connectionsOf(site.server()), isConnected);
}

/** All that the flows want is there, and connections that broke are gone. */
function isConnected(known: KnownConnection[]): boolean {
  return known.length === 2 && known.every(({ subscriptions }) => subscriptions.length === 1);
}

/** The memory in use once what is unreachable is gone. */
function memoryMiB(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}
