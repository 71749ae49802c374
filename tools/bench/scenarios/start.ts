import { FLOOR, PACK } from '../contenders';
import { type Figure, figures } from '../figures';
import { subscribersOf } from '../flows';
import { subjectsOf } from '../host-options';
import { startWorker } from '../processes';
import { interleave } from '../rounds';
import type { Setting } from '../setting';
import type { Installed, Start, StartFunctions } from '../start-host';

const SUBSCRIPTIONS = 1000;

/** The start time of Node-RED with the pack, and the time until a connection with many subscriptions is ready. */
export async function start(setting: Setting): Promise<Figure[]> {
  return [...(await startOfNodeRed(setting)), ...(await startOfSubscriptions(setting))];
}

const WITHOUT = 'without the pack';
const EMPTY = 'empty node types';
const WITH = 'with the pack';

const CONTENDERS: { name: string; installed: Installed }[] = [
  { name: WITHOUT, installed: 'nothing' },
  { name: EMPTY, installed: 'empty' },
  { name: WITH, installed: 'pack' },
];

async function startOfNodeRed(setting: Setting): Promise<Figure[]> {
  const starts = await interleave(CONTENDERS, setting.rounds, async ({ installed }) => {
    const { ms, cpuMs, rssMiB, heapMiB } = await inProcess((call) => call.start(installed));
    return { ms, 'CPU ms': cpuMs, 'resident MiB': rssMiB, 'MiB in use': heapMiB };
  });
  const measured = Object.entries(starts).map(([measure, by]) => [measure, withAdded(by)] as const);
  return figures('start', 'Node-RED', Object.fromEntries(measured));
}

/** Adds what the empty types and the pack have added, round by round. */
function withAdded(by: Record<string, number[]>): Record<string, number[]> {
  const { [WITHOUT]: without = [], [EMPTY]: empty = [], [WITH]: whole = [] } = by;
  const added = (values: number[]) => values.map((value, round) => value - (without[round] as number));
  return { ...by, 'added by empty types': added(empty), 'added by the pack': added(whole) };
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
