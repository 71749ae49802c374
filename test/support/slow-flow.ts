import type { TestContext } from 'node:test';
import { startNatsServer } from '../../scripts/nats-server';
import { block } from './event-loop';
import { startPeer } from './peer';
import { config, node, startWatchedNodeRed, TAB, type WatchedNodeRed } from './watched-node-red';

/** A flow that is busy for some time with each message of the subject `flood`. */
export interface SlowFlow extends Pick<WatchedNodeRed, 'shows' | 'stop'> {
  /** How many messages it has processed. */
  readonly processed: number;
  /** How many messages were lost, as the log has it. */
  readonly lost: number;
  /** Publishes this many messages. */
  flood(count: number): Promise<void>;
  /** Resolves when it has processed this many, more than now. */
  until(count: number): Promise<void>;
  /** Deploys it with other properties of the `nats-subscribe` and of the slow node, by default without any. */
  deploy(type: 'full' | 'nodes', properties?: object, slow?: object): Promise<void>;
}

/** Its function does the `work` of the global context. */
function flowOf(url: string, properties: object, slow: object = {}): object[] {
  const func = "global.get('work')(); return msg;";
  return [
    TAB,
    config(url),
    node('flood', 'nats-subscribe', { subject: 'flood', wires: [['slow']], ...properties }),
    node('other', 'nats-subscribe', { subject: 'other', ...slow }),
    { id: 'slow', type: 'function', z: 'tab', x: 0, y: 0, func, outputs: 0, libs: [], wires: [], ...slow },
  ];
}

/** Runs a slow flow that is connected to a server until the test ends. */
export async function startSlowFlow(t: TestContext, busyMs: number, properties: object = {}): Promise<SlowFlow> {
  const server = await startNatsServer();
  t.after(() => server.stop());
  let processed = 0;
  const watchers = new Map<number, () => void>();
  const work = () => {
    watchers.get(++processed)?.();
    block(busyMs);
  };
  const functionGlobalContext = { work };
  const { lines, shows, deploy, stop } = await startWatchedNodeRed(t, flowOf(server.url, properties), {
    functionGlobalContext,
  });
  await shows('flood', ({ fill }) => fill === 'green');
  const { nc } = await startPeer(t, server.url);
  return {
    get processed() {
      return processed;
    },
    get lost() {
      const told = lines.map((line) => Number(/^(\d+) messages were lost/.exec(line)?.[1] ?? 0));
      return told.reduce((sum, count) => sum + count, 0);
    },
    shows,
    flood: async (count) => {
      for (let message = 0; message < count; message++) nc.publish('flood', 'water');
      await nc.flush();
    },
    until: (count) => new Promise<void>((resolve) => watchers.set(count, resolve)),
    deploy: (type, properties, slow) => deploy(flowOf(server.url, properties ?? {}, slow), type),
    stop,
  };
}
