import type { BucketHostFunctions, BucketHostOptions } from '../buckets/host';
import { ACTIONS, BUCKET, keyAt, subjectOfKey } from '../buckets/side';
import { CLIENT, PACK, PLAIN } from '../contenders';
import { countFor } from '../count';
import { type Figure, figures } from '../figures';
import { payloadOf } from '../load';
import { startWorker } from '../processes';
import { interleave } from '../rounds';
import type { Setting } from '../setting';
import { sizeName } from '../sizes';
import { STORAGES, startStreamServer } from '../streams/server';

const SIZE = 128;
const KEYS = 100;
const AT_ONCE = [1, 64];

/** Values a second that are got from a bucket and put into it, beside the client's library and plain requests. */
export async function kv(setting: Setting): Promise<Figure[]> {
  const server = await startStreamServer();
  const found: Figure[] = [];
  for (const storage of STORAGES) {
    await server.makeBucket(BUCKET, storage);
    await server.fill(KEYS, payloadOf(SIZE), (index) => subjectOfKey(keyAt(index)));
    found.push(...(await measured(setting, server.port, `${sizeName(SIZE)}, ${storage}`)));
    await server.remove(`KV_${BUCKET}`);
  }
  await server.stop();
  return found;
}

async function measured(setting: Setting, port: number, about: string): Promise<Figure[]> {
  const start = async (name: string, nodes: BucketHostOptions['nodes']) => {
    const options: BucketHostOptions = { nodes, port };
    return { name, worker: await startWorker<BucketHostFunctions>('buckets/host', [JSON.stringify(options)]) };
  };
  const all = [await start(CLIENT, 'client'), await start(PLAIN, 'plain'), await start(PACK, 'pack')];
  const found: Figure[] = [];
  // Put first: it waits for the connection.
  for (const action of [...ACTIONS].reverse()) {
    for (const { worker } of all) await worker.call.prepare(action, SIZE, KEYS);
    for (const window of AT_ONCE) {
      const contenders = [];
      for (const contender of all) {
        const run = (count: number) => contender.worker.call.run(count, window);
        const count = await countFor(window, setting.seconds, async (count) => (await run(count)).seconds);
        contenders.push({ ...contender, run, count });
      }
      const rates = await interleave(contenders, setting.rounds, async ({ run, count }) => {
        const { seconds, cpuUs } = await run(count);
        return { [`${action}/s`]: count / seconds, [`CPU µs a ${action}`]: cpuUs / count };
      });
      found.push(...figures('kv', `${about}, ${window} at once`, rates));
    }
  }
  for (const { worker } of all) await worker.stop();
  return found;
}
