import { type Arena, CONFIRM, startContender } from './contenders';
import { countFor } from './count';
import { median, quantile } from './figures';
import { loadFor } from './scenarios/throughput';

const SIZE = 128;
const PARTS = 40;
const QUARTERS = 4;
/** The memory of the last quarter over that of the second, at most. */
const MAX_GROWTH = 1.05;

/** A quarter of a soak, with the medians of its parts. */
interface Quarter {
  sent: number;
  lost: number;
  /** The memory that JavaScript uses after a garbage collection. */
  heapMiB: number;
  residentMiB: number;
  delayUs: number;
  delay99Us: number;
}

/** The result of a soak. */
export interface Soak {
  minutes: number;
  /** The maximum throughput. */
  topPerSecond: number;
  /** The rate of the soak. */
  perSecond: number;
  quarters: Quarter[];
  lost: number;
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
  const quarters: Quarter[] = [];
  while (quarters.length < QUARTERS) {
    const parts = [];
    while (parts.length < PARTS / QUARTERS) {
      const { sent, answered, delays } = await arena.load.pace({ ...load, perSecond, seconds: (60 * minutes) / PARTS });
      const { heapMiB, rssMiB } = await call.heap();
      const delayUs = quantile(delays, 0.5);
      parts.push({ sent, lost: sent - answered, heapMiB, rssMiB, delayUs, delay99Us: quantile(delays, 0.99) });
    }
    const sum = (values: number[]) => values.reduce((all, value) => all + value, 0);
    quarters.push({
      sent: sum(parts.map(({ sent }) => sent)),
      lost: sum(parts.map(({ lost }) => lost)),
      heapMiB: median(parts.map(({ heapMiB }) => heapMiB)),
      residentMiB: median(parts.map(({ rssMiB }) => rssMiB)),
      delayUs: median(parts.map(({ delayUs }) => delayUs)),
      delay99Us: median(parts.map(({ delay99Us }) => delay99Us)),
    });
  }
  await contender.worker.stop();
  const [, second, , last] = quarters as [Quarter, Quarter, Quarter, Quarter];
  const lost = quarters.reduce((sum, quarter) => sum + quarter.lost, 0);
  const isFlat = last.heapMiB <= MAX_GROWTH * second.heapMiB;
  return { minutes, topPerSecond, perSecond, quarters, lost, isFlat };
}

/** A soak as a table in Markdown. */
export function soakTable({ minutes, topPerSecond, perSecond, quarters, lost, isFlat }: Soak): string {
  const number = (value: number) => value.toLocaleString('en', { maximumFractionDigits: value < 1000 ? 1 : 0 });
  const rows: [string, (quarter: Quarter) => number][] = [
    ['sent', ({ sent }) => sent],
    ['lost', ({ lost }) => lost],
    ['MiB in use', ({ heapMiB }) => heapMiB],
    ['resident MiB', ({ residentMiB }) => residentMiB],
    ['delay, median µs', ({ delayUs }) => delayUs],
    ['delay, 99th percentile µs', ({ delay99Us }) => delay99Us],
  ];
  return [
    `${minutes} minutes at ${number(perSecond)} messages/s; the maximum is ${number(topPerSecond)}, with 1,000 unanswered:`,
    '',
    `| quarter | ${quarters.map((_, n) => n + 1).join(' | ')} |`,
    `| --- | ${quarters.map(() => '---:').join(' | ')} |`,
    ...rows.map(([name, cell]) => `| ${[name, ...quarters.map((quarter) => number(cell(quarter)))].join(' | ')} |`),
    '',
    `${lost} messages were lost; the memory ${isFlat ? 'is flat' : 'has grown'}.`,
  ].join('\n');
}
