import { countFor } from './count';
import type { HopFunctions } from './hop-host';
import type { Worker } from './processes';
import { interleave } from './rounds';

/** The hand-over of messages from one node to the next in Node-RED, and nothing else. */
export const HOP = 'hop';

/** What nodes for NATS can reach at best where the processor is the bound: a message costs what the client and a hop do. */
export const LIMIT = 'limit';

/** Hops are counted in multiples of this. */
const HOP_UNIT = 1000;

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
  const count = await countFor(HOP_UNIT, seconds, async (count) => (await call.pass(count)).seconds);
  return { name: HOP, run: async () => ({ count, ...(await call.pass(count)) }) };
}

/**
 * Measures the racers in turn: messages a second as `rate`, CPU microseconds a message as `cost`. The hop is one of them;
 * its limit with the racer `base` is added.
 */
export async function race<N extends string>(
  racers: Racer[],
  rounds: number,
  rate: N,
  cost: N,
  base: string,
): Promise<Record<N, Record<string, number[]>>> {
  const measured = await interleave(racers, rounds, async ({ run }) => {
    const { count, seconds, cpuUs } = await run();
    return { [rate]: count / seconds, [cost]: cpuUs / count } as Record<N, number>;
  });
  const limited = {
    // A rate is the inverse of a cost, and costs add up.
    [rate]: withLimit(measured[rate], base, (one, hop) => 1 / (1 / one + 1 / hop)),
    [cost]: withLimit(measured[cost], base, (one, hop) => one + hop),
  };
  return limited as Record<N, Record<string, number[]>>;
}

function withLimit(
  values: Record<string, number[]>,
  base: string,
  limitOf: (one: number, hop: number) => number,
): Record<string, number[]> {
  const { [base]: ones = [], [HOP]: hops = [] } = values;
  return { ...values, [LIMIT]: ones.map((one, round) => limitOf(one, hops[round] as number)) };
}
