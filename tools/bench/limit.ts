import { CLIENT } from './contenders';
import { countFor } from './count';
import type { HopFunctions } from './hop-host';
import type { Worker } from './processes';
import { interleave } from './rounds';

/** The hand-over of messages from one node to the next in Node-RED, and nothing else. */
export const HOP = 'hop';

/** What nodes for NATS can reach at best: each message costs what the client and one hop cost. */
export const LIMIT = 'limit';

/** The hops that wait at a time while they are counted. */
const HOPS = 1000;

/** What a contender did, and what it took. */
interface Run {
  count: number;
  seconds: number;
  cpuUs: number;
}

/** A contender in a comparison of rates. */
export interface Racer {
  name: string;
  run(): Promise<Run>;
}

/** The hop as a contender whose runs take `seconds`. */
export async function hopRacer({ call }: Worker<HopFunctions>, seconds: number): Promise<Racer> {
  const count = await countFor(HOPS, seconds, async (count) => (await call.pass(count)).seconds);
  return { name: HOP, run: async () => ({ count, ...(await call.pass(count)) }) };
}

/**
 * Runs the racers in turn: how many a second, called `rate`, and the processor time of each one, called `cost`. The
 * client and the hop are among them, and their limit is added.
 */
export async function race<N extends string>(
  racers: Racer[],
  rounds: number,
  rate: N,
  cost: N,
): Promise<Record<N, Record<string, number[]>>> {
  const measured = await interleave(racers, rounds, async ({ run }) => {
    const { count, seconds, cpuUs } = await run();
    return { [rate]: count / seconds, [cost]: cpuUs / count } as Record<N, number>;
  });
  const limited = {
    // The limit of rates is the one of their costs.
    [rate]: withLimit(measured[rate], (client, hop) => 1 / (1 / client + 1 / hop)),
    [cost]: withLimit(measured[cost], (client, hop) => client + hop),
  };
  return limited as Record<N, Record<string, number[]>>;
}

function withLimit(
  values: Record<string, number[]>,
  limitOf: (client: number, hop: number) => number,
): Record<string, number[]> {
  const { [CLIENT]: client = [], [HOP]: hop = [] } = values;
  return { ...values, [LIMIT]: client.map((value, round) => limitOf(value, hop[round] as number)) };
}
