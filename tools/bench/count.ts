/** Finds the count, a multiple of `unit`, that takes `seconds`. This also warms up. */
export async function countFor(
  unit: number,
  seconds: number,
  run: (count: number) => Promise<number>,
): Promise<number> {
  for (let count = unit; ; count *= 2) {
    const took = await run(count);
    if (took > seconds) return Math.ceil((count * seconds) / took / unit) * unit;
  }
}
