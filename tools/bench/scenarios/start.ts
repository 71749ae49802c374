import { FLOOR, PACK } from '../contenders';
import { type Figure, figures } from '../figures';
import { subscribersOf } from '../flows';
import { subjectsOf } from '../host-options';
import { startWorker } from '../processes';
import { interleave } from '../rounds';
import type { Setting } from '../setting';
import type { Start, StartFunctions } from '../start-host';

const SUBSCRIPTIONS = 1000;

/** The start time of Node-RED with the pack, and the time until a connection with many subscriptions is ready. */
export async function start(setting: Setting): Promise<Figure[]> {
  return [...(await startOfNodeRed(setting)), ...(await startOfSubscriptions(setting))];
}

async function startOfNodeRed(setting: Setting): Promise<Figure[]> {
  const WITHOUT = 'without the pack';
  const WITH = 'with the pack';
  const contenders = [WITHOUT, WITH].map((name) => ({ name }));
  const starts = await interleave(contenders, setting.rounds, async ({ name }) => {
    const { ms, cpuMs, rssMiB, heapMiB } = await inProcess((call) => call.start(name === WITH));
    return { ms, 'CPU ms': cpuMs, 'resident MiB': rssMiB, 'MiB in use': heapMiB };
  });
  const withAdded = Object.entries(starts).map(([measure, { [WITHOUT]: without = [], [WITH]: whole = [] }]) => {
    const added = whole.map((value, round) => value - (without[round] as number));
    return [measure, { [WITHOUT]: without, [WITH]: whole, added }] as const;
  });
  return figures('start', 'Node-RED', Object.fromEntries(withAdded));
}

async function startOfSubscriptions(setting: Setting): Promise<Figure[]> {
  const { port } = setting.brokers.nats;
  const spread = { subjects: SUBSCRIPTIONS, over: 'nodes' as const };
  const contenders = [
    { name: FLOOR, options: { nodes: 'floor' as const, id: 's0', port, spread } },
    { name: PACK, options: { nodes: 'pack' as const, id: 's1', port, spread } },
  ];
  const times = await interleave(contenders, setting.rounds, async ({ options }) => {
    const last = subjectsOf(options).in.at(-1) as string;
    return { ms: await inProcess((call) => call.ready(subscribersOf(options), port, last)) };
  });
  return figures('start', `${SUBSCRIPTIONS.toLocaleString('en')} subscriptions`, times);
}

async function inProcess<T extends Start | number>(
  run: (call: Awaited<ReturnType<typeof startWorker<StartFunctions>>>['call']) => Promise<T>,
): Promise<T> {
  const worker = await startWorker<StartFunctions>('start-host');
  const result = await run(worker.call);
  await worker.stop();
  return result;
}
