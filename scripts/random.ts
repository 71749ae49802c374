import { randomInt } from 'node:crypto';

/** Random choices that are the same for the same seed. */
export interface Random {
  readonly seed: number;
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  /** One of some values. */
  of<T>(values: readonly T[]): T;
  chance(probability: number): boolean;
}

/** A linear congruential generator: https://en.wikipedia.org/wiki/Linear_congruential_generator */
export function makeRandom(seed: number): Random {
  let state = BigInt(seed);
  const next = () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number(state >> 32n) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    seed,
    below,
    of: (values) => values[below(values.length)] as (typeof values)[number],
    chance: (probability) => next() < probability,
  };
}

/** A constant seed and a random one. A test names the seed with which it fails. */
export const SEEDS: readonly number[] = [1, randomInt(2 ** 31)];
