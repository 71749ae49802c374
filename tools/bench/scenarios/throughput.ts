import { CLIENT, type Contender } from '../contenders';
import { countFor } from '../count';
import { type Figure, figures } from '../figures';
import type { HopFunctions } from '../hop-host';
import { TOKEN_LENGTH } from '../host';
import { subjectsOf } from '../host-options';
import { hopRacer, type Racer, race } from '../limit';
import type { Load } from '../load';
import { startWorker } from '../processes';
import { interleave } from '../rounds';
import type { Setting } from '../setting';
import { MAX_IN_FLIGHT, sizeName } from '../sizes';

export type Direction = 'bridge' | 'publish' | 'subscribe';

/** The number of messages that may be unanswered at a time. */
const WINDOW = 1000;

const RATE = 'messages/s';
const COST = 'CPU µs a message';

/** Messages a second through a flow, and the cost of each. */
export async function throughput(direction: Direction, setting: Setting): Promise<Figure[]> {
  const all: Figure[] = [];
  const hops = await startWorker<HopFunctions>('hop-host');
  const hop = await hopRacer(hops, setting.seconds);
  for (const size of setting.sizes) {
    const contenders = [];
    for (const contender of setting.contenders) {
      const load = loadFor(direction, contender, size);
      await contender.worker.call.prepare(size, load.sentUnit * load.answerUnit);
      const run = async (count: number) => (await setting.load.run({ ...load, count })).seconds;
      const count = await countFor(load.window, setting.seconds, run);
      contenders.push({ ...contender, load: { ...load, count } });
    }
    const racers: Racer[] = contenders.map(({ name, worker, load }) => ({
      name,
      run: async () => {
        await worker.call.usage();
        const { seconds } = await setting.load.run(load);
        return { count: load.count, seconds, ...(await worker.call.usage()) };
      },
    }));
    const rates = await race([...racers, hop], setting.rounds, RATE, COST, CLIENT);
    const costs = await interleave(contenders, 1, async ({ worker, load }) => {
      await worker.call.startAllocations();
      await setting.load.run(load);
      const bytes = await worker.call.stopAllocations();
      const { rssMiB } = await worker.call.usage();
      return { 'bytes allocated a message': bytes / load.count, 'resident MiB': rssMiB };
    });
    all.push(...figures(direction, sizeName(size), { ...rates, ...costs }));
  }
  await hops.stop();
  return all;
}

/** The messages to a contender, and its answers. */
export function loadFor(direction: Direction, { dialect, options }: Contender, size: number): Omit<Load, 'count'> {
  const { port } = options;
  const { in: inputs, out, credit, take, ack } = subjectsOf(options);
  const window = Math.max(8, Math.min(WINDOW, Math.floor(MAX_IN_FLIGHT / size)));
  // A divisor of the window.
  const unit = window / 8;
  const sent = { dialect, port, window, payloadLength: size, sentUnit: 1 };
  const messages = { answerSubject: out, answerLength: size, answerUnit: 1 };
  switch (direction) {
    case 'bridge':
      return { ...sent, subjects: inputs, ...messages };
    case 'publish':
      return { ...sent, subjects: [credit], payloadLength: TOKEN_LENGTH, sentUnit: unit, ...messages };
    case 'subscribe':
      return { ...sent, subjects: [take], answerSubject: ack, answerLength: TOKEN_LENGTH, answerUnit: unit };
  }
}
