import { collectGarbage } from '../../../scripts/collect-garbage';

/** Milliseconds of a clock that all processes of the machine share, and nobody sets. */
export function sharedClockMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** The memory in use after a garbage collection. */
export function memoryMiB(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

/** The sockets, timers and other handles that this process has open, by their kind. */
export function handles(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo().sort()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
