import type { BucketHostFunctions, BucketHostOptions } from '../buckets/host';
import { BUCKET, keyAt, subjectOfKey } from '../buckets/side';
import { CLIENT, FLOOR, PACK, startContender } from '../contenders';
import { countFor } from '../count';
import { type Figure, growthFigures, merged } from '../figures';
import type { HopFunctions } from '../hop-host';
import type { HostOptions } from '../host-options';
import { HOP } from '../limit';
import { payloadOf } from '../load';
import { startWorker } from '../processes';
import { interleave } from '../rounds';
import type { Setting } from '../setting';
import type { StreamHostFunctions, StreamHostOptions } from '../streams/host';
import { type StreamServer, startStreamServer, subjectOf } from '../streams/server';
import { loadFor } from './throughput';

const SIZE = 128;
const MEMORY = 'MiB in use';

/** What grows, and how far. */
const OVER = {
  subscriptions: { full: [1, 10, 100, 1000, 10_000], quick: [1, 10] },
  nodes: { full: [1, 10, 100, 1000], quick: [1, 10] },
  waiting: { full: [1, 10, 100, 1000, 10_000, 100_000, 1_000_000], quick: [1, 100] },
  keys: { full: [1, 10, 100, 1000, 10_000, 100_000], quick: [1, 100] },
};

/** Messages that are read of those that wait, at least: the cost of one alone would be that of the start. */
const READ = { full: 20_000, quick: 500 };
const READING_WINDOW = 100;

const ACTING_WINDOW = 64;

/** The contenders that use a stream or a bucket, with the nodes of their hosts. */
const CONTENDERS = [
  [CLIENT, 'client'],
  [PACK, 'pack'],
] as const;

type Measured = Record<string, number>;

/** One step of a contender. */
interface Step {
  name: string;
  measure(): Promise<Measured>;
  /** Called once after all rounds. */
  weigh(): Promise<{ heapMiB: number }>;
  stop(): Promise<void>;
}

/** What a message and a value cost, and the memory of the process, where there is more and more of something. */
export async function growth(setting: Setting): Promise<Figure[]> {
  return merged([
    ...(await bridges(setting, 'subscriptions')),
    ...(await bridges(setting, 'nodes')),
    ...(await hops(setting)),
    ...(await waiting(setting)),
    ...(await keys(setting)),
  ]);
}

function stepsOf({ isQuick }: Setting, over: keyof typeof OVER): number[] {
  return isQuick ? OVER[over].quick : OVER[over].full;
}

/** Measures the steps of a contender in turn: what they cost in the same round can be compared. */
async function grown(setting: Setting, scenario: string, contender: string, steps: Step[]): Promise<Figure[]> {
  const costs = await interleave(steps, setting.rounds, ({ measure }) => measure());
  const memory = await interleave(steps, 1, async ({ weigh }) => ({ [MEMORY]: (await weigh()).heapMiB }));
  for (const { stop } of steps) await stop();
  return growthFigures(scenario, contender, { ...inOrder(costs, steps), ...memory });
}

/** The rounds begin with different steps, the figures do not. */
function inOrder(measured: Record<string, Record<string, number[]>>, steps: Step[]) {
  const entries = Object.entries(measured).map(([measure, by]) => {
    return [measure, Object.fromEntries(steps.map(({ name }) => [name, by[name] as number[]]))] as const;
  });
  return Object.fromEntries(entries);
}

/** Bridges on one connection: a message costs what it costs all the way. */
async function bridges(setting: Setting, over: 'subscriptions' | 'nodes'): Promise<Figure[]> {
  const found: Figure[] = [];
  const contenders = setting.isQuick ? ([CLIENT, PACK] as const) : ([CLIENT, FLOOR, PACK] as const);
  for (const [index, contender] of contenders.entries()) {
    const steps: Step[] = [];
    for (const [n, subjects] of stepsOf(setting, over).entries()) {
      const spread: HostOptions['spread'] = { subjects, over };
      const started = await startContender(setting, contender, { id: `${over[0]}${n}${index}`, spread });
      const { call, stop } = started.worker;
      const load = loadFor('bridge', started, SIZE);
      const run = async (count: number) => (await setting.load.run({ ...load, count })).seconds;
      const count = await countFor(load.window, setting.seconds, run);
      const measure = async () => {
        await call.usage();
        await run(count);
        return { 'CPU µs a message': (await call.usage()).cpuUs / count };
      };
      steps.push({ name: nameOf(subjects), measure, weigh: () => call.heap(), stop });
    }
    found.push(...(await grown(setting, `growth, ${over}`, contender, steps)));
  }
  return found;
}

/** Pairs of nodes without NATS, which show what Node-RED takes of the cost. */
async function hops(setting: Setting): Promise<Figure[]> {
  const steps: Step[] = [];
  for (const pairs of stepsOf(setting, 'nodes')) {
    const { call, stop } = await startWorker<HopFunctions>('hop-host', [String(pairs)]);
    const count = await countFor(1000, setting.seconds, async (count) => (await call.pass(count)).seconds);
    const measure = async () => ({ 'CPU µs a message': (await call.pass(count)).cpuUs / count });
    steps.push({ name: nameOf(pairs), measure, weigh: () => call.memoryInUse(), stop });
  }
  return grown(setting, 'growth, nodes', HOP, steps);
}

/** Messages are consumed and acknowledged while more and more wait behind them. */
async function waiting(setting: Setting): Promise<Figure[]> {
  const server = await startStreamServer();
  const read = setting.isQuick ? READ.quick : READ.full;
  const counts = stepsOf(setting, 'waiting');
  for (const count of counts) {
    const stream = `waiting${count}`;
    await server.make(stream, 'file');
    await server.fill(read + count, payloadOf(SIZE), () => subjectOf(stream));
  }
  const found: Figure[] = [];
  for (const [contender, nodes] of CONTENDERS) {
    const options: StreamHostOptions = { nodes, port: server.port };
    const steps: Step[] = [];
    for (const count of counts) {
      const { call, stop } = await startWorker<StreamHostFunctions>('streams/host', [JSON.stringify(options)]);
      const from = {
        stream: `waiting${count}`,
        storage: 'file',
        isAcknowledged: true,
        window: READING_WINDOW,
      } as const;
      const measure = async () => {
        const { cpuUs, count } = await call.read({ ...from, isHeld: false }, read);
        return { 'CPU µs a message': cpuUs / count };
      };
      const weigh = async () => {
        await call.hold(from);
        const memory = await call.memoryInUse();
        await call.close();
        return memory;
      };
      await measure();
      steps.push({ name: nameOf(count), measure, weigh, stop });
    }
    found.push(...(await grown(setting, 'growth, messages that wait in a stream', contender, steps)));
  }
  await server.stop();
  return found;
}

/** A bucket of more and more keys is watched, read and written. */
async function keys(setting: Setting): Promise<Figure[]> {
  const counts = stepsOf(setting, 'keys');
  const found: Figure[] = [];
  for (const [contender, nodes] of CONTENDERS) {
    const servers: StreamServer[] = [];
    const steps: Step[] = [];
    for (const count of counts) {
      const server = await startStreamServer();
      servers.push(server);
      await server.makeBucket(BUCKET, 'file');
      await server.fill(count, payloadOf(SIZE), (index) => subjectOfKey(keyAt(index)));
      const options: BucketHostOptions = { nodes, port: server.port };
      const { call, stop } = await startWorker<BucketHostFunctions>('buckets/host', [JSON.stringify(options)]);
      const act = async (action: 'get' | 'put') => {
        await call.prepare(action, SIZE, count);
        const acted = await countFor(ACTING_WINDOW, setting.seconds, async (count) => {
          return (await call.run(count, ACTING_WINDOW)).seconds;
        });
        return (await call.run(acted, ACTING_WINDOW)).cpuUs / acted;
      };
      const measure = async () => {
        const { seconds } = await call.watch(count);
        await call.close();
        const get = await act('get');
        return {
          'ms until a watch has all values': 1000 * seconds,
          'CPU µs a get': get,
          'CPU µs a put': await act('put'),
        };
      };
      const weigh = async () => {
        await call.watch(count);
        const memory = await call.memoryInUse();
        await call.close();
        return memory;
      };
      await measure();
      steps.push({ name: nameOf(count), measure, weigh, stop });
    }
    found.push(...(await grown(setting, 'growth, keys in a bucket', contender, steps)));
    for (const server of servers) await server.stop();
  }
  return found;
}

function nameOf(count: number): string {
  return count.toLocaleString('en');
}
