import type { Contender } from '../contenders';
import { countFor } from '../count';
import { type Figure, figures } from '../figures';
import { TOKEN_LENGTH } from '../host';
import { subjectsOf } from '../host-options';
import type { Load } from '../load';
import { interleave } from '../rounds';
import type { Setting } from '../setting';
import { MOST_ON_THE_WAY, sizeName } from '../sizes';

export type Way = 'bridge' | 'publish' | 'subscribe';

/** So many messages are on their way at a time. */
const WINDOW = 1000;

/** Messages a second through a flow, and what each costs. */
export async function throughput(way: Way, setting: Setting): Promise<Figure[]> {
  const all: Figure[] = [];
  for (const size of setting.sizes) {
    const contenders = [];
    for (const contender of setting.contenders) {
      const load = loadFor(way, contender, size);
      await contender.worker.call.prepare(size, load.sentUnit * load.answerUnit);
      const run = async (count: number) => (await setting.load.run({ ...load, count })).seconds;
      const count = await countFor(load.window, setting.seconds, run);
      contenders.push({ ...contender, load: { ...load, count } });
    }
    const rates = await interleave(contenders, setting.rounds, async ({ worker, load }) => {
      await worker.call.usage();
      const { seconds } = await setting.load.run(load);
      const { cpuUs } = await worker.call.usage();
      return { 'messages/s': load.count / seconds, 'CPU µs a message': cpuUs / load.count };
    });
    const costs = await interleave(contenders, 1, async ({ worker, load }) => {
      await worker.call.startAllocations();
      await setting.load.run(load);
      const bytes = await worker.call.stopAllocations();
      const { rssMiB } = await worker.call.usage();
      return { 'bytes allocated a message': bytes / load.count, 'resident MiB': rssMiB };
    });
    all.push(...figures(way, sizeName(size), { ...rates, ...costs }));
  }
  return all;
}

/** What is sent to a contender and what it answers. */
export function loadFor(way: Way, { dialect, options }: Contender, size: number): Omit<Load, 'count'> {
  const { port } = options;
  const { in: inputs, out, credit, take, ack } = subjectsOf(options);
  const window = Math.max(8, Math.min(WINDOW, Math.floor(MOST_ON_THE_WAY / size)));
  // The window is a multiple of it.
  const unit = window / 8;
  const sent = { dialect, port, window, payloadLength: size, sentUnit: 1 };
  const messages = { answerSubject: out, answerLength: size, answerUnit: 1 };
  switch (way) {
    case 'bridge':
      return { ...sent, subjects: inputs, ...messages };
    case 'publish':
      return { ...sent, subjects: [credit], payloadLength: TOKEN_LENGTH, sentUnit: unit, ...messages };
    case 'subscribe':
      return { ...sent, subjects: [take], answerSubject: ack, answerLength: TOKEN_LENGTH, answerUnit: unit };
  }
}
