// A process of one contender that gets and puts the values of a bucket.
import { connect } from 'nats';
import { payloadOf } from '../load';
import { memoryInUse } from '../memory';
import { serve } from '../processes';
import { clientSide, plainSide } from './client-side';
import { packSide } from './pack-side';
import { type Action, type BucketSide, keyAt } from './side';

/** Options for the process of a contender. */
export interface BucketHostOptions {
  nodes: 'client' | 'plain' | 'pack';
  port: number;
}

async function sideOf({ nodes, port }: BucketHostOptions): Promise<BucketSide> {
  if (nodes === 'pack') return packSide(port);
  const nc = await connect({ servers: `nats://127.0.0.1:${port}` });
  return nodes === 'client' ? clientSide(nc) : plainSide(nc);
}

/** What something took. */
interface Took {
  seconds: number;
  cpuUs: number;
}

/** Runs `begin`, and resolves with what it took until `end` has been called `count` times. */
async function took(count: number, begin: (end: () => void) => void): Promise<Took> {
  let ended = 0;
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await new Promise<void>((resolve) => {
    begin(() => {
      if (++ended === count) resolve();
    });
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpuUs: user + system };
}

function functionsOf(side: BucketSide) {
  let act = (_key: string) => {};
  let onDone = () => {};
  let close = async () => {};
  let keys: string[] = [];
  let at = 0;
  /** Acts on `count` keys, `window` at a time. */
  const run = (count: number, window: number): Promise<Took> => {
    let started = 0;
    const next = () => {
      started++;
      at = (at + 1) % keys.length;
      act(keys[at] as string);
    };
    return took(count, (end) => {
      onDone = () => {
        end();
        if (started < count) next();
      };
      while (started < Math.min(window, count)) next();
    });
  };
  return {
    /** Gets ready to `run` an action on so many keys, and acts on one. */
    prepare: async (action: Action, payloadLength: number, keyCount: number): Promise<void> => {
      keys = Array.from({ length: keyCount }, (_, index) => keyAt(index));
      act = await side.prepare(action, payloadOf(payloadLength).toString(), () => onDone());
      await run(1, 1);
    },
    run,
    /** Starts to watch, until `close`; returns what it took until so many values were there. */
    watch: (count: number): Promise<Took> =>
      took(count, (end) => {
        void side.watch(end).then((ending) => {
          close = ending;
        });
      }),
    close: () => close(),
    memoryInUse,
  };
}

export type BucketHostFunctions = ReturnType<typeof functionsOf>;

async function main(options: BucketHostOptions): Promise<void> {
  serve(functionsOf(await sideOf(options)));
}

if (require.main === module) void main(JSON.parse(process.argv[2] as string));
