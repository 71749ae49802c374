import { BATCH } from '../contenders';
import { type Figure, figures, quantile } from '../figures';
import { interleave } from '../rounds';
import type { Setting } from '../setting';
import { sizeName } from '../sizes';
import { loadFor } from './throughput';

/** The time of a single message from a publisher through a bridge to a subscriber. */
export async function delay(setting: Setting): Promise<Figure[]> {
  const all: Figure[] = [];
  for (const size of setting.sizes) {
    const delays = await interleave(setting.contenders, setting.rounds, async (contender) => {
      // A batch waits for more messages, which takes longer.
      const count = contender.name === BATCH ? setting.delayCount / 50 : setting.delayCount;
      const load = { ...loadFor('bridge', contender, size), window: 1, count };
      const { delays } = await setting.load.run(load);
      return { 'µs, median': quantile(delays, 0.5), 'µs, 99th percentile': quantile(delays, 0.99) };
    });
    all.push(...figures('delay', sizeName(size), delays));
  }
  return all;
}
