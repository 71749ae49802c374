// A process with a Node-RED and a context store.
import type { Node } from 'node-red';
import contextStore from '../../../context';
import { memoryInUse } from '../memory';
import { startBench } from '../node-red';
import { serve } from '../processes';

/** Options for the process. */
export interface ContextHostOptions {
  /** The bucket's server; without one the contexts are in Node-RED's own memory. */
  port?: number;
}

/** The part of a context that is used here. */
interface Context {
  get(key: string): unknown;
  set(key: string, value: unknown, callback?: (error?: unknown) => void): void;
  keys(): string[];
}

/** A small object, as flows keep them. */
const OBJECT = { name: 'kitchen', temperature: 21.5, open: false, at: '2026-01-31T08:00:00Z' };

async function start({ port }: ContextHostOptions): Promise<Context> {
  const config = { bucket: 'bench', servers: `nats://127.0.0.1:${port}`, storage: 'memory' };
  const contextStorage = { default: port === undefined ? { module: 'memory' } : { module: contextStore, config } };
  const flow = [
    { id: 'tab', type: 'tab', label: 'bench' },
    { id: 'end', type: 'bench-end', z: 'tab', x: 0, y: 0, wires: [] },
  ];
  const { nodes } = await startBench(flow, () => {}, { settings: { contextStorage } });
  return (nodes.getNode('end') as Node & { context(): { global: Context } }).context().global;
}

/** Resolves when a value is as wanted. */
function seen(context: Context, key: string, wanted: number): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (context.get(key) === wanted) resolve();
      else setImmediate(look);
    };
    look();
  });
}

function functionsOf(context: Context) {
  const stored = (key: string, value: unknown) =>
    new Promise<void>((resolve, reject) => {
      context.set(key, value, (error) => (error ? reject(error) : resolve()));
    });
  return {
    /** The time of a read in microseconds: of a number, and of a small object. */
    get: async (count: number): Promise<{ number: number; object: number }> => {
      await stored('number', 42);
      await stored('object', OBJECT);
      const us = (key: string) => {
        const startedAt = performance.now();
        for (let n = 0; n < count; n++) context.get(key);
        return (1000 * (performance.now() - startedAt)) / count;
      };
      return { number: us('number'), object: us('object') };
    },
    /** Values a second that are set and, where there is a bucket, stored. */
    set: async (count: number): Promise<number> => {
      const startedAt = performance.now();
      await Promise.all(Array.from({ length: count }, (_, at) => stored(`key${at}`, at)));
      return (1000 * count) / (performance.now() - startedAt);
    },
    /** Half the times in microseconds from setting a number until the one that another Node-RED echoes can be read. */
    delays: async (numbers: number[]): Promise<number[]> => {
      const delays: number[] = [];
      for (const number of numbers) {
        const startedAt = performance.now();
        context.set('question', number);
        await seen(context, 'answer', number);
        delays.push((1000 * (performance.now() - startedAt)) / 2);
      }
      return delays;
    },
    /** Sets each number that another Node-RED sets. */
    echo: async (numbers: number[]): Promise<void> => {
      for (const number of numbers) {
        await seen(context, 'question', number);
        context.set('answer', number);
      }
    },
    keys: () => context.keys().length,
    memoryInUse,
  };
}

export type ContextHostFunctions = ReturnType<typeof functionsOf>;

async function main(options: ContextHostOptions): Promise<void> {
  serve(functionsOf(await start(options)));
}

if (require.main === module) void main(JSON.parse(process.argv[2] as string));
