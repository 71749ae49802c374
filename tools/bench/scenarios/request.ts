import { BATCH, type Contender } from '../contenders';
import { countFor } from '../count';
import { type Figure, figures } from '../figures';
import { interleave } from '../rounds';
import type { Setting } from '../setting';
import { MAX_IN_FLIGHT, sizeName } from '../sizes';

/** Replies a second, with requester and responder in one process. MQTT has no requests, and requests no batches. */
export async function request(setting: Setting): Promise<Figure[]> {
  const all: Figure[] = [];
  const contenders = setting.contenders.filter(({ name, dialect }) => dialect === 'nats' && name !== BATCH);
  for (const size of setting.sizes) {
    for (const outstanding of [1, 64, 1000].filter((outstanding) => outstanding * size <= MAX_IN_FLIGHT)) {
      const counts = new Map<Contender, number>();
      for (const contender of contenders) {
        await contender.worker.call.prepare(size, 1);
        const run = (count: number) => contender.worker.call.request(count, outstanding);
        counts.set(contender, await countFor(outstanding, setting.seconds, run));
      }
      const rates = await interleave(contenders, setting.rounds, async (contender) => {
        const count = counts.get(contender) as number;
        return { 'replies/s': count / (await contender.worker.call.request(count, outstanding)) };
      });
      all.push(...figures('request', `${sizeName(size)}, ${outstanding} outstanding`, rates));
    }
  }
  return all;
}
