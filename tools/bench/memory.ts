/** The memory of this process after a garbage collection, in MiB. */
export function memoryInUse(): { heapMiB: number; rssMiB: number } {
  gc?.();
  gc?.(); // The first collection finds unreachable Buffers, the second one frees their memory.
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapMiB: (heapUsed + external) / 2 ** 20, rssMiB: rss / 2 ** 20 };
}
