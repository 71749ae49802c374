import { randomInt } from 'node:crypto';

/** Random choices that a seed repeats. */
export interface Random {
  readonly seed: number;
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  /** One of some values. */
  of<T>(values: readonly T[]): T;
  chance(probability: number): boolean;
}

/** Each number is the last one times a constant, plus one: https://en.wikipedia.org/wiki/Linear_congruential_generator */
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

/** A seed that is always the same, and one of today; a test names the seed where it fails. */
export const SEEDS: readonly number[] = [1, randomInt(2 ** 31)];
