import { PACK } from '../contenders';
import type { ContextHostFunctions, ContextHostOptions } from '../context/host';
import { type Figure, figures, quantile } from '../figures';
import { startWorker, type Worker } from '../processes';
import { interleave } from '../rounds';
import type { Setting } from '../setting';
import { startStreamServer } from '../streams/server';

/** Node-RED's own store, of one process. */
const MEMORY = 'in memory';

/** Reads and values set for each second of a measurement, and values that a Node-RED finds when it starts. */
const READ_PER_SECOND = 500_000;
const SET_PER_SECOND = 10_000;
const VALUES = 10_000;

/** What a context costs that Node-REDs share, beside one in memory; and how soon another one sees a change. */
export async function context(setting: Setting): Promise<Figure[]> {
  const server = await startStreamServer();
  const start = (options: ContextHostOptions): Promise<Worker<ContextHostFunctions>> =>
    startWorker('context/host', [JSON.stringify(options)]);
  const { port } = server;
  const [own, here, there] = [await start({}), await start({ port }), await start({ port })];
  const contenders = [
    { name: MEMORY, worker: own },
    { name: PACK, worker: here },
  ];

  const reads = Math.max(1000, setting.seconds * READ_PER_SECOND);
  await Promise.all(contenders.map(({ worker }) => worker.call.get(reads)));
  const times = await interleave(contenders, setting.rounds, async ({ worker }) => {
    const { number, object } = await worker.call.get(reads);
    return { 'µs a read, a number': number, 'µs a read, a small object': object };
  });
  const sets = Math.max(1000, setting.seconds * SET_PER_SECOND);
  const rates = await interleave(contenders, setting.rounds, async ({ worker }) => {
    return { 'values set and stored/s': await worker.call.set(sets) };
  });
  let last = 0;
  const delays = await interleave([{ name: PACK }], setting.rounds, async () => {
    const numbers = Array.from({ length: setting.delayCount }, () => ++last);
    const [us] = await Promise.all([here.call.delays(numbers), there.call.echo(numbers)]);
    const [median, slowest] = [quantile(us, 0.5), quantile(us, 0.99)];
    return { 'µs until another one has it, median': median, 'µs until another one has it, 99th percentile': slowest };
  });

  await here.call.set(VALUES);
  await there.stop();
  const startedAt = performance.now();
  const late = await start({ port });
  const startMs = performance.now() - startedAt;
  const found = await late.call.keys();
  if (found < VALUES) throw new Error(`A Node-RED that started found ${found} values.`);
  const { rssMiB } = await late.call.memoryInUse();
  const begun = { 'ms until the flows run': { [PACK]: [startMs] }, 'resident MiB': { [PACK]: [rssMiB] } };
  for (const worker of [own, here, late]) await worker.stop();
  await server.stop();
  return [
    ...figures('context', 'one Node-RED', { ...times, ...rates }),
    ...figures('context', 'two Node-REDs', delays),
    ...figures('context', `a start with ${found.toLocaleString('en')} values`, begun),
  ];
}
