import { BATCH } from '../contenders';
import { countFor } from '../count';
import { type Figure, figures } from '../figures';
import { interleave } from '../rounds';
import type { Setting } from '../setting';
import { MOST_ON_THE_WAY, sizeName } from '../sizes';

/** Replies a second to one who asks in a process, and is answered in the same. MQTT has no requests, and they go one by one. */
export async function request(setting: Setting): Promise<Figure[]> {
  const all: Figure[] = [];
  const askers = setting.contenders.filter(({ name, dialect }) => dialect === 'nats' && name !== BATCH);
  for (const size of setting.sizes) {
    for (const outstanding of [1, 64, 1000].filter((outstanding) => outstanding * size <= MOST_ON_THE_WAY)) {
      const contenders = [];
      for (const { name, worker } of askers) {
        await worker.call.prepare(size, 1);
        const run = (count: number) => worker.call.ask(count, outstanding);
        contenders.push({ name, run, count: await countFor(outstanding, setting.seconds, run) });
      }
      const rates = await interleave(contenders, setting.rounds, async ({ run, count }) => {
        return { 'replies/s': count / (await run(count)) };
      });
      all.push(...figures('request', `${sizeName(size)}, ${outstanding} outstanding`, rates));
    }
  }
  return all;
}
