import { CLIENT, PACK, PLAIN } from '../contenders';
import { type Figure, figures } from '../figures';
import type { ObjectHostFunctions, ObjectHostOptions } from '../objects/host';
import { startWorker, type Worker } from '../processes';
import { interleave } from '../rounds';
import type { Setting } from '../setting';
import { STORAGES, type Storage, type StreamServer, startStreamServer } from '../streams/server';

const MIB = 2 ** 20;
/** The MiB of an object that is put and read as one message, and of one that comes and goes in parts. */
const FULL = { whole: 64, parted: 100 };
const QUICK = { whole: 4, parted: 32 };
/** As the read file node reads. */
const PART = 64 * 1024;

/** MiB a second into a bucket and out of it, and the memory that a process needs for that. */
export async function object(setting: Setting): Promise<Figure[]> {
  const server = await startStreamServer();
  const found: Figure[] = [];
  for (const storage of STORAGES) found.push(...(await measured(setting, server, storage)));
  await server.stop();
  return found;
}

async function measured({ rounds, isQuick }: Setting, server: StreamServer, storage: Storage): Promise<Figure[]> {
  const { whole, parted } = isQuick ? QUICK : FULL;
  const start = async (name: string, nodes: ObjectHostOptions['nodes']) => {
    await server.makeObjectBucket(nodes, storage);
    const options: ObjectHostOptions = { nodes, port: server.port, bucket: nodes };
    const worker: Worker<ObjectHostFunctions> = await startWorker('objects/host', [JSON.stringify(options)]);
    return { name, bucket: nodes, worker };
  };
  const contenders = [await start(CLIENT, 'client'), await start(PLAIN, 'plain'), await start(PACK, 'pack')];
  const small = 4 * MIB;
  for (const { call } of contenders.map(({ worker }) => worker)) {
    await call.put(small);
    await call.get(small);
    await call.putParts(PART, small / PART);
    await call.getParts(small);
  }
  const inParts = await interleave(contenders, rounds, async ({ worker: { call } }) => {
    return {
      'MiB/s put': parted / (await call.putParts(PART, (parted * MIB) / PART)),
      'MiB/s read': parted / (await call.getParts(parted * MIB)),
      'MiB more while it is put': await call.weighPutParts(PART, (parted * MIB) / PART),
      'MiB more while it is read': await call.weighGetParts(parted * MIB),
    };
  });
  const asOne = await interleave(contenders, rounds, async ({ worker: { call } }) => {
    return {
      'MiB/s put': whole / (await call.put(whole * MIB)),
      'MiB/s read': whole / (await call.get(whole * MIB)),
    };
  });
  for (const { bucket, worker } of contenders) {
    await worker.stop();
    await server.remove(`OBJ_${bucket}`);
  }
  return [
    ...figures('object', `${whole} MiB, ${storage}`, asOne),
    ...figures('object', `${parted} MiB in parts, ${storage}`, inParts),
  ];
}
