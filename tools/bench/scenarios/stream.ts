import { CLIENT, PACK, PLAIN } from '../contenders';
import { countFor } from '../count';
import { type Figure, figures, quantile } from '../figures';
import type { HopFunctions } from '../hop-host';
import { hopRacer, type Racer, race } from '../limit';
import { payloadOf } from '../load';
import { startWorker, type Worker } from '../processes';
import { interleave } from '../rounds';
import type { Setting } from '../setting';
import { sizeName } from '../sizes';
import type { StreamHostFunctions, StreamHostOptions } from '../streams/host';
import { STORAGES, type StreamServer, startStreamServer, subjectOf } from '../streams/server';
import type { ReadOptions } from '../streams/side';

const SIZE = 128;
const STORING_WINDOWS = [256, 1024];
const READING_WINDOWS = [100, 1000];
/** Messages that are read for each second of a measurement. */
const READ_PER_SECOND = 100_000;
const WAITING = 100_000;

/** A contender, with a stream of its own for what it stores. */
interface Contender {
  name: string;
  stream: string;
  worker: Worker<StreamHostFunctions>;
}

/** The stream that all contenders read. */
type From = Pick<ReadOptions, 'stream' | 'storage'>;

/** Messages a second into a stream and out of it, beside the client's JetStream library and plain requests. */
export async function stream(setting: Setting): Promise<Figure[]> {
  const server = await startStreamServer();
  const start = async (name: string, nodes: StreamHostOptions['nodes']): Promise<Contender> => {
    const options: StreamHostOptions = { nodes, port: server.port };
    return { name, stream: nodes, worker: await startWorker('streams/host', [JSON.stringify(options)]) };
  };
  const hops = await startWorker<HopFunctions>('hop-host');
  const hop = await hopRacer(hops, setting.seconds);
  const contenders = [await start(CLIENT, 'client'), await start(PLAIN, 'plain'), await start(PACK, 'pack')];
  const found: Figure[] = [];
  for (const storage of STORAGES) {
    const about = `${sizeName(SIZE)}, ${storage}`;
    const from = { stream: 'read', storage };
    for (const { stream, worker } of contenders) {
      await server.make(stream, storage);
      await worker.call.prepare(stream, SIZE);
    }
    found.push(...(await storing(setting, server, contenders, hop, about)));
    for (const { stream } of contenders) await server.remove(stream);

    await server.make(from.stream, storage);
    found.push(...(await reading(setting, server, contenders, hop, from, about)));
    if (storage === 'file') found.push(...(await waiting(server, contenders, from, about)));
    await server.remove(from.stream);
  }
  for (const { worker } of [...contenders, { worker: hops }]) await worker.stop();
  await server.stop();
  return found;
}

/** Messages that a stream has stored, a second, and the time until it has stored a single one. */
async function storing(
  setting: Setting,
  server: StreamServer,
  all: Contender[],
  hop: Racer,
  about: string,
): Promise<Figure[]> {
  const found: Figure[] = [];
  for (const window of STORING_WINDOWS) {
    const racers: Racer[] = [];
    for (const { name, stream, worker } of all) {
      const store = (count: number) => worker.call.store(count, window);
      const count = await countFor(window, setting.seconds, async (count) => (await store(count)).seconds);
      const run = async () => {
        await server.purge(stream);
        return { count, ...(await store(count)) };
      };
      racers.push({ name, run });
    }
    const [rate, cost] = ['stored messages/s', 'CPU µs a stored message'];
    const rates = await race([...racers, hop], setting.rounds, rate, cost, PLAIN);
    found.push(...figures('stream', `${about}, ${window} at once`, rates));
  }
  const delays = await interleave(all, setting.rounds, async ({ worker }) => {
    const { delays } = await worker.call.store(setting.delayCount, 1);
    return {
      'µs until stored, median': quantile(delays, 0.5),
      'µs until stored, 99th percentile': quantile(delays, 0.99),
    };
  });
  return [...found, ...figures('stream', about, delays)];
}

/** Messages a second out of a stream, acknowledged one by one, and read in order without acknowledgement. */
async function reading(
  setting: Setting,
  server: StreamServer,
  all: Contender[],
  hop: Racer,
  from: From,
  about: string,
): Promise<Figure[]> {
  const found: Figure[] = [];
  const count = Math.max(2 * Math.max(...READING_WINDOWS), setting.seconds * READ_PER_SECOND);
  await server.fill(count, payloadOf(SIZE), () => subjectOf(from.stream));
  for (const window of READING_WINDOWS) {
    for (const isAcknowledged of [true, false]) {
      const rate = isAcknowledged ? 'acknowledged messages/s' : 'messages/s read in order';
      const cost = `CPU µs ${isAcknowledged ? 'an acknowledged message' : 'a message read in order'}`;
      const racers: Racer[] = [];
      for (const { name, worker } of all) {
        const run = () => worker.call.read({ ...from, isAcknowledged, window, isHeld: false }, count);
        await run();
        racers.push({ name, run });
      }
      const rates = await race([...racers, hop], setting.rounds, rate, cost, PLAIN);
      found.push(...figures('stream', `${about}, ${window} at once`, rates));
    }
  }
  await server.purge(from.stream);
  return found;
}

/** The memory of a process while messages wait in the stream, and after it has read them. */
async function waiting(server: StreamServer, all: Contender[], from: From, about: string): Promise<Figure[]> {
  const options = { ...from, isAcknowledged: true, window: Math.max(...READING_WINDOWS) };
  const measure = (act: (worker: Contender['worker']) => Promise<unknown>) =>
    interleave(all, 1, async ({ worker }) => {
      await act(worker);
      return { 'resident MiB': (await worker.call.memoryInUse()).rssMiB };
    });
  const held = async ({ call }: Contender['worker']) => call.hold(options);
  const nothing = await measure(held);
  for (const { worker } of all) await worker.call.close();
  await server.fill(WAITING, payloadOf(SIZE), () => subjectOf(from.stream));
  const waiting = await measure(held);
  for (const { worker } of all) await worker.call.close();
  const read = await measure(({ call }) => call.read({ ...options, isHeld: false }, WAITING));
  const number = WAITING.toLocaleString('en');
  return [
    ...figures('stream', `${about}, nothing waits`, nothing),
    ...figures('stream', `${about}, ${number} wait`, waiting),
    ...figures('stream', `${about}, ${number} have been read`, read),
  ];
}
