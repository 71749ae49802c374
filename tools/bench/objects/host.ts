// A process of one contender that stores objects and reads them.
import { memoryInUse } from '../memory';
import { serve } from '../processes';
import { clientSide, plainSide } from './client-side';
import { packSide } from './pack-side';
import type { Side } from './side';

/** Options for the process of a contender. */
export interface ObjectHostOptions {
  nodes: 'client' | 'plain' | 'pack';
  port: number;
  /** A bucket of its own, so that none reads the objects of another one. */
  bucket: string;
}

/** A look at the memory takes some milliseconds, as it begins with a garbage collection. */
const SAMPLE_MS = 100;

/** Resolves with the seconds that something takes. */
async function timed(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return (performance.now() - startedAt) / 1000;
}

/** Resolves with the MiB by which the memory in use grows while something runs. */
async function weighed(run: () => Promise<unknown>): Promise<number> {
  const before = memoryInUse().heapMiB;
  let most = before;
  const sample = () => {
    most = Math.max(most, memoryInUse().heapMiB);
  };
  const timer = setInterval(sample, SAMPLE_MS);
  try {
    await run();
  } finally {
    clearInterval(timer);
  }
  return most - before;
}

function functionsOf(side: Side) {
  const check = async (expected: number, size: Promise<number>) => {
    if ((await size) !== expected) throw new Error(`the object has ${await size} bytes, not ${expected}`);
  };
  const putParts = (partSize: number, count: number) => side.putParts('parts', Buffer.alloc(partSize, 'part'), count);
  const getParts = (size: number) => check(size, side.getParts('parts'));
  return {
    put: (size: number) => {
      const data = Buffer.alloc(size, 'object');
      return timed(() => side.put('whole', data));
    },
    get: (size: number) => timed(() => check(size, side.get('whole'))),
    putParts: (partSize: number, count: number) => timed(() => putParts(partSize, count)),
    getParts: (size: number) => timed(() => getParts(size)),
    weighPutParts: (partSize: number, count: number) => weighed(() => putParts(partSize, count)),
    weighGetParts: (size: number) => weighed(() => getParts(size)),
  };
}

export type ObjectHostFunctions = ReturnType<typeof functionsOf>;

async function main({ nodes, port, bucket }: ObjectHostOptions): Promise<void> {
  const sideOf = { client: clientSide, plain: plainSide, pack: packSide }[nodes];
  serve(functionsOf(await sideOf(port, bucket)));
}

if (require.main === module) void main(JSON.parse(process.argv[2] as string));
