import { setTimeout as delay } from 'node:timers/promises';
import { type KnownConnection, poll } from '../../scripts/monitoring';
import { CLIENT, type Exercise } from './flows/exercise';
import type { Stage } from './scenario';
import type { Site } from './sites/site';

/** What was lost on its way to a consumer comes again after 30 s, and what could not be given up after 60 s. */
const SETTLE_TIMEOUT_MS = 75_000;

/** The state before and after the faults, to be compared. */
export interface Snapshot {
  connections: KnownConnection[];
  /** Whether these are exactly the connections that are needed. */
  isConnected: boolean;
  /** The open handles by kind, and the memory, of all Node-REDs together. */
  handles: Record<string, number>;
  memoryMiB: number;
}

/** Waits until every message has ended and arrived, and until what was opened since a snapshot `before` is closed. */
export async function snapshot(stage: Stage<Site, Exercise>, before?: Snapshot): Promise<Snapshot> {
  const { exercise, members, site } = stage;
  const connections = await settled(stage);
  const ledgers = Object.values(exercise.ledgers);
  const end = performance.now() + SETTLE_TIMEOUT_MS;
  await exercise.read?.(site.peer());
  while (ledgers.some(({ pending }) => pending > 0) && performance.now() < end) {
    await delay(100);
    await exercise.read?.(site.peer());
  }
  await site.flush();
  const handles = await poll(
    async () => sum(await Promise.all(members.map((member) => member.handles()))),
    (now) => !before || moreThan(before.handles, now).length === 0,
  );
  const memories = await Promise.all(members.map((member) => member.memoryMiB()));
  const memoryMiB = memories.reduce((sum, one) => sum + one, 0);
  return { connections, isConnected: isConnected(stage)(connections), handles, memoryMiB };
}

function sum(all: Record<string, number>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [kind, count] of all.flatMap(Object.entries)) sums[kind] = (sums[kind] ?? 0) + count;
  return sums;
}

/** The connections on the servers, once they are as needed or a time-out has passed. */
export function settled(stage: Stage<Site, Exercise>): Promise<KnownConnection[]> {
  return poll(stage.site.connections, isConnected(stage));
}

/** Whether the flow and the witnesses are connected and subscribed, and broken connections are gone. */
function isConnected({ site, exercise, members }: Stage<Site, Exercise>): (known: KnownConnection[]) => boolean {
  const needed = [...members.map(() => ({ name: CLIENT, subscriptions: exercise.subscriptions })), ...site.witnesses];
  return (known) => JSON.stringify(known) === JSON.stringify(needed);
}

/** The kinds of handles of which there are more than before. */
export function moreThan(before: Record<string, number>, now: Record<string, number>): string[] {
  return Object.keys(now).filter((kind) => (now[kind] ?? 0) > (before[kind] ?? 0));
}
