import { poll } from '../../scripts/monitoring';
import { type Arena, CONFIRM, startContender } from './contenders';
import { countFor } from './count';
import { median, quantile } from './figures';
import { startWorker } from './processes';
import { loadFor } from './scenarios/throughput';
import { startStreamServer } from './streams/server';
import { type Counted, SOAK_STREAM, type SoakHostFunctions } from './streams/soak-host';

const SIZE = 128;
const QUARTERS = 4;
/** The parts of a quarter, in a soak of a minute or more. */
const PARTS = 10;
/** The memory of the last quarter over that of the second, at most. */
const MAX_GROWTH = 1.05;

/** The rates of a soak of a stream: a display shows some messages, which are not enough to keep it busy. */
const STORED_PER_SECOND = 400;
const SHOWN_PER_SECOND = 4;

/** What messages have become, by name: those that are `lost`, and others. */
type Counts = { lost: number } & Record<string, number>;

/** A part of a soak. */
interface Part {
  counts: Counts;
  /** The memory that JavaScript uses after a garbage collection. */
  heapMiB: number;
  rssMiB: number;
  /** In microseconds. */
  delays: Float64Array;
}

/** A quarter of a soak, with the medians of its parts. */
interface Quarter {
  counts: Counts;
  heapMiB: number;
  residentMiB: number;
  delayUs: number;
  delay99Us: number;
}

/** The result of a soak. */
export interface Soak {
  minutes: number;
  /** The maximum throughput, where it has been measured. */
  topPerSecond?: number;
  /** The rate of the soak. */
  perSecond: number;
  quarters: Quarter[];
  /** The sums of all quarters. */
  counts: Counts;
  isFlat: boolean;
}

/** Sends a steady load, by default half of the maximum, through a bridge with the editor's defaults. */
export async function soak(arena: Arena, minutes: number, rate?: number): Promise<Soak> {
  const contender = await startContender(arena, CONFIRM, { id: 'so' });
  const { call } = contender.worker;
  const load = loadFor('bridge', contender, SIZE);
  const run = async (count: number) => (await arena.load.run({ ...load, count })).seconds;
  const count = await countFor(load.window, 2, run);
  const topPerSecond = count / (await run(count));
  const perSecond = rate ?? topPerSecond / 2;
  const whole = await inQuarters(minutes, async (seconds) => {
    const { sent, answered, delays } = await arena.load.pace({ ...load, perSecond, seconds });
    return { counts: { sent, lost: sent - answered }, delays, ...(await call.heap()) };
  });
  await contender.worker.stop();
  return { minutes, topPerSecond, perSecond, ...whole };
}

/** Stores messages at a steady rate, consumes and acknowledges them, and shows some, with the editor's defaults. */
export async function streamSoak(minutes: number, perSecond = STORED_PER_SECOND): Promise<Soak> {
  const server = await startStreamServer();
  const { call, stop } = await startWorker<SoakHostFunctions>('streams/soak-host', [String(server.port)]);
  await poll(
    () => server.consumersOf(SOAK_STREAM),
    (count) => count === 2,
  );
  const whole = await inQuarters(minutes, async (seconds) => {
    const { counts, delays } = await call.pace(perSecond, SHOWN_PER_SECOND, seconds);
    return { counts: { ...counts } satisfies Counted, delays, ...(await call.memoryInUse()) };
  });
  await stop();
  await server.stop();
  return { minutes, perSecond, ...whole };
}

async function inQuarters(
  minutes: number,
  runPart: (seconds: number) => Promise<Part>,
): Promise<Pick<Soak, 'quarters' | 'counts' | 'isFlat'>> {
  const quarters: Quarter[] = [];
  const partsOfQuarter = minutes < 1 ? 1 : PARTS;
  while (quarters.length < QUARTERS) {
    const parts: Part[] = [];
    while (parts.length < partsOfQuarter) parts.push(await runPart((60 * minutes) / QUARTERS / partsOfQuarter));
    const medianOf = (value: (part: Part) => number) => median(parts.map(value));
    quarters.push({
      counts: sumOf(parts),
      heapMiB: medianOf(({ heapMiB }) => heapMiB),
      residentMiB: medianOf(({ rssMiB }) => rssMiB),
      delayUs: medianOf(({ delays }) => quantile(delays, 0.5)),
      delay99Us: medianOf(({ delays }) => quantile(delays, 0.99)),
    });
  }
  const [, second, , last] = quarters as [Quarter, Quarter, Quarter, Quarter];
  return { quarters, counts: sumOf(quarters), isFlat: last.heapMiB <= MAX_GROWTH * second.heapMiB };
}

function sumOf(all: { counts: Counts }[]): Counts {
  return all
    .map(({ counts }) => counts)
    .reduce((sum, counts) => {
      const sums = Object.entries(sum).map(([name, count]) => [name, count + (counts[name] ?? 0)]);
      return Object.fromEntries(sums) as Counts;
    });
}

/** A soak as a table in Markdown. */
export function soakTable({ minutes, topPerSecond, perSecond, quarters, counts, isFlat }: Soak): string {
  const number = (value: number) => value.toLocaleString('en', { maximumFractionDigits: value < 1000 ? 1 : 0 });
  const rows: [string, (quarter: Quarter) => number][] = [
    ...Object.keys(counts).map((name): [string, (quarter: Quarter) => number] => [
      name,
      (quarter) => quarter.counts[name] ?? 0,
    ]),
    ['MiB in use', ({ heapMiB }) => heapMiB],
    ['resident MiB', ({ residentMiB }) => residentMiB],
    ['delay, median µs', ({ delayUs }) => delayUs],
    ['delay, 99th percentile µs', ({ delay99Us }) => delay99Us],
  ];
  const top = topPerSecond === undefined ? '' : `; the maximum is ${number(topPerSecond)}, with 1,000 unanswered`;
  return [
    `${minutes} minutes at ${number(perSecond)} messages/s${top}:`,
    '',
    `| quarter | ${quarters.map((_, n) => n + 1).join(' | ')} |`,
    `| --- | ${quarters.map(() => '---:').join(' | ')} |`,
    ...rows.map(([name, cell]) => `| ${[name, ...quarters.map((quarter) => number(cell(quarter)))].join(' | ')} |`),
    '',
    `${counts.lost} messages were lost; the memory ${isFlat ? 'is flat' : 'has grown'}.`,
  ].join('\n');
}
