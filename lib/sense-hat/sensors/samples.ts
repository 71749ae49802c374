/** Several samples as one: each quantity is an array, with `null` where a sample lacks it. */
export function gather(samples: readonly object[]): Record<string, unknown[]> {
  const gathered: Record<string, unknown[]> = {};
  for (const [index, sample] of samples.entries()) {
    for (const [name, value] of Object.entries(sample)) {
      gathered[name] ??= new Array(samples.length).fill(null);
      gathered[name][index] = value;
    }
  }
  return gathered;
}
