import { CLIENT, FLOOR, PACK, startContender, stopContenders } from '../contenders';
import { countFor } from '../count';
import { type Figure, figures } from '../figures';
import type { HostOptions } from '../host-options';
import { interleave } from '../rounds';
import type { Setting } from '../setting';
import { loadFor } from './throughput';

const SIZE = 128;
const CASES: NonNullable<HostOptions['spread']>[] = [
  ...[1, 100, 10_000].map((subjects) => ({ subjects, over: 'subscriptions' as const })),
  ...[1, 100, 1000].map((subjects) => ({ subjects, over: 'nodes' as const })),
];

/** Messages a second through a bridge on one connection with a growing number of subscriptions or of nodes. */
export async function growth(setting: Setting): Promise<Figure[]> {
  const all: Figure[] = [];
  for (const [n, spread] of CASES.entries()) {
    const contenders = [];
    for (const [index, name] of ([CLIENT, FLOOR, PACK] as const).entries()) {
      const contender = await startContender(setting, name, { id: `g${n}${index}`, spread });
      const load = loadFor('bridge', contender, SIZE);
      const run = async (count: number) => (await setting.load.run({ ...load, count })).seconds;
      contenders.push({ ...contender, run, count: await countFor(load.window, setting.seconds, run) });
    }
    const rates = await interleave(contenders, setting.rounds, async ({ run, count }) => {
      return { 'messages/s': count / (await run(count)) };
    });
    const memory = await interleave(contenders, 1, async ({ worker }) => {
      return { 'MiB in use': (await worker.call.heap()).heapMiB };
    });
    all.push(...figures('growth', `${spread.subjects.toLocaleString('en')} ${spread.over}`, { ...rates, ...memory }));
    await stopContenders(contenders);
  }
  return all;
}
