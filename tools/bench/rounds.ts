/**
 * Measures contenders in turn, A B C, B C A, C A B ..., so that a busy moment of the machine affects all alike. Each
 * measurement yields numbers by measure; the result has them by measure, then by contender.
 */
export async function interleave<C extends { name: string }, M extends string>(
  contenders: C[],
  rounds: number,
  measure: (contender: C) => Promise<Record<M, number>>,
): Promise<Record<M, Record<string, number[]>>> {
  const all: Record<string, Record<string, number[]>> = {};
  for (let round = 0; round < rounds; round++) {
    const first = round % contenders.length;
    for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      for (const [name, number] of Object.entries<number>(await measure(contender))) {
        all[name] ??= {};
        all[name][contender.name] ??= [];
        all[name][contender.name]?.push(number);
      }
    }
  }
  return all;
}
