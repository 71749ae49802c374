// A process of one contender that publishes into streams and reads them.
import { connect } from 'nats';
import { payloadOf } from '../load';
import { memoryInUse } from '../memory';
import { serve } from '../processes';
import { clientSide, plainSide } from './client-sides';
import { packSide } from './pack-side';
import { subjectOf } from './server';
import type { ReadOptions, Side } from './side';

/** Options for the process of a contender. */
export interface StreamHostOptions {
  nodes: 'client' | 'plain' | 'pack';
  port: number;
}

/** What it took to read messages. */
interface Read {
  /** All but the first window. */
  count: number;
  seconds: number;
  cpuUs: number;
}

/** How long it took to store messages. */
interface Storing {
  seconds: number;
  cpuUs: number;
  delays: Float64Array;
}

async function sideOf({ nodes, port }: StreamHostOptions): Promise<Side> {
  if (nodes === 'pack') return packSide(port);
  const nc = await connect({ servers: `nats://127.0.0.1:${port}` });
  return nodes === 'client' ? clientSide(nc) : plainSide(nc);
}

function functionsOf(side: Side) {
  let publish = () => {};
  let onStored = () => {};
  let close = async () => {};
  /**
   * Publishes `count` messages, at most `window` of which are not stored yet; returns how long this took, the CPU time of
   * the process and, for a window of one message, the delay of each in microseconds.
   */
  const store = async (count: number, window: number): Promise<Storing> => {
    const delays = new Float64Array(window === 1 ? count : 0);
    let sent = 0;
    let stored = 0;
    let sentAt = 0;
    const send = () => {
      sent++;
      if (window === 1) sentAt = performance.now();
      publish();
    };
    const cpu = process.cpuUsage();
    const startedAt = performance.now();
    await new Promise<void>((resolve) => {
      onStored = () => {
        if (window === 1) delays[stored] = 1000 * (performance.now() - sentAt);
        stored++;
        if (stored === count) resolve();
        else if (sent < count) send();
      };
      while (sent < Math.min(window, count)) send();
    });
    const seconds = (performance.now() - startedAt) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    return { seconds, cpuUs: user + system, delays };
  };
  return {
    /** Gets ready to `store`, and stores a message. */
    prepare: async (stream: string, payloadLength: number): Promise<void> => {
      const payload = payloadOf(payloadLength).toString();
      publish = await side.publisher(subjectOf(stream), payload, () => onStored());
      await store(1, 1);
    },
    store,
    /** Reads `count` messages; returns what all but the first window, the start, took. */
    read: async (options: ReadOptions, count: number): Promise<Read> => {
      const { window } = options;
      let read = 0;
      let startedAt = 0;
      let cpu = process.cpuUsage();
      let resolve = (_result: Read) => {};
      const all = new Promise<Read>((ended) => {
        resolve = ended;
      });
      const end = await side.read(options, () => {
        read++;
        if (read === window) {
          startedAt = performance.now();
          cpu = process.cpuUsage();
        }
        if (read === count) {
          const seconds = (performance.now() - startedAt) / 1000;
          const { user, system } = process.cpuUsage(cpu);
          resolve({ count: count - window, seconds, cpuUs: user + system });
        }
      });
      const result = await all;
      await end();
      return result;
    },
    /** Takes the first window and leaves the others in the stream, until `close`. */
    hold: async (options: Omit<ReadOptions, 'isHeld'>): Promise<void> => {
      close = await side.read({ ...options, isHeld: true }, () => {});
    },
    close: () => close(),
    memoryInUse,
  };
}

export type StreamHostFunctions = ReturnType<typeof functionsOf>;

async function main(options: StreamHostOptions): Promise<void> {
  serve(functionsOf(await sideOf(options)));
}

if (require.main === module) void main(JSON.parse(process.argv[2] as string));
