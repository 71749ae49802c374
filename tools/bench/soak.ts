import { type Arena, CONFIRM, startContender } from './contenders';
import { countFor } from './count';
import { median, quantile } from './figures';
import { loadFor } from './scenarios/throughput';

const SIZE = 128;
const PARTS = 40;
/** A soak has that many quarters. */
const QUARTERS = 4;
/** The last quarter may need so much more memory than the second. */
const MOST_GROWTH = 1.05;

/** A quarter of a soak; medians of its parts. */
interface Quarter {
  sent: number;
  lost: number;
  /** In use by JavaScript after a collection, and of the process. */
  heapMiB: number;
  residentMiB: number;
  delayUs: number;
  delay99Us: number;
}

/** How a soak went. */
export interface Soak {
  minutes: number;
  /** What goes through at most, and what was sent. */
  topPerSecond: number;
  perSecond: number;
  quarters: Quarter[];
  lost: number;
  isFlat: boolean;
}

/** Sends so much, or half of what goes at most, through a bridge as the editor makes it, for so many minutes. */
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
  const isFlat = last.heapMiB <= MOST_GROWTH * second.heapMiB;
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
    `${minutes} minutes at ${number(perSecond)} messages/s; at most ${number(topPerSecond)} go through with 1,000 on their way:`,
    '',
    `| quarter | ${quarters.map((_, n) => n + 1).join(' | ')} |`,
    `| --- | ${quarters.map(() => '---:').join(' | ')} |`,
    ...rows.map(([name, cell]) => `| ${[name, ...quarters.map((quarter) => number(cell(quarter)))].join(' | ')} |`),
    '',
    `${lost} messages were lost; the memory ${isFlat ? 'is flat' : 'has grown'}.`,
  ].join('\n');
}
