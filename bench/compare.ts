/** One way to do a thing: does it `count` times, and resolves when all is done. */
export type Contender = (count: number) => void | Promise<void>;

/** How often a second each contender did its thing. */
export interface Comparison {
  name: string;
  /** The median of all rounds. */
  perSecond: number;
  /** Beside the first contender. */
  ratio: number;
}

/** How often each contender is measured: A B C A B C ..., so that a busy moment of the machine meets all alike. */
const ROUNDS = 7;

/** Measures contenders side by side. Each does its thing `counts[name]` times a round. */
export async function compare(contenders: Record<string, [count: number, run: Contender]>): Promise<Comparison[]> {
  const rates = new Map<string, number[]>();
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, [count, run]] of Object.entries(contenders)) {
      const startedAt = performance.now();
      await run(count);
      const perSecond = (1000 * count) / (performance.now() - startedAt);
      // The first round warms up.
      if (round > 0) rates.set(name, [...(rates.get(name) ?? []), perSecond]);
    }
  }
  const medians = [...rates].map(([name, all]) => ({ name, perSecond: median(all) }));
  return medians.map(({ name, perSecond }) => ({
    name,
    perSecond,
    ratio: perSecond / (medians[0] as { perSecond: number }).perSecond,
  }));
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}
