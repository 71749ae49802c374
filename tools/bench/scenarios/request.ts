import { BATCH } from '../contenders';
import { countFor } from '../count';
import { type Figure, figures } from '../figures';
import { interleave } from '../rounds';
import type { Setting } from '../setting';
import { MAX_IN_FLIGHT, sizeName } from '../sizes';

/** Replies a second, with requester and responder in one process. MQTT has no requests, and requests no batches. */
export async function request(setting: Setting): Promise<Figure[]> {
  const all: Figure[] = [];
  const requesters = setting.contenders.filter(({ name, dialect }) => dialect === 'nats' && name !== BATCH);
  for (const size of setting.sizes) {
    for (const outstanding of [1, 64, 1000].filter((outstanding) => outstanding * size <= MAX_IN_FLIGHT)) {
      const contenders = [];
      for (const { name, worker } of requesters) {
        await worker.call.prepare(size, 1);
        const run = (count: number) => worker.call.request(count, outstanding);
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
