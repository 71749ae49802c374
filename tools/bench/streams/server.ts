import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from 'nats';
import { startNatsServer } from '../../../scripts/nats-server';
import { makeTemporaryFolder } from '../../../scripts/temporary';

/** Where a stream keeps its messages. */
export const STORAGES = ['file', 'memory'] as const;
export type Storage = (typeof STORAGES)[number];

/** A short time: the server keeps the ids of its messages in memory. */
export const DUPLICATE_WINDOW_S = 2;

/** So many messages are on their way to the stream that is filled. */
const FILLED_AT_ONCE = 1000;

/** The only subject of a stream. */
export function subjectOf(stream: string): string {
  return `to.${stream}`;
}

/** Starts a server with streams, apart from the one that core NATS is measured with. */
export async function startStreamServer() {
  const folder = makeTemporaryFolder('streams');
  const server = await startNatsServer({ config: `jetstream { store_dir: ${JSON.stringify(folder.path)} }` });
  const nc = await connect({ servers: server.url });
  const js = jetstream(nc);
  const { streams } = await jetstreamManager(nc);
  return {
    port: server.port,
    make: async (name: string, storage: Storage): Promise<void> => {
      const duplicate_window = 1e9 * DUPLICATE_WINDOW_S;
      await streams.add({ name, subjects: [subjectOf(name)], storage, discard: 'new', duplicate_window });
    },
    fill: async (name: string, count: number, payload: Uint8Array): Promise<void> => {
      for (let left = count; left > 0; left -= FILLED_AT_ONCE) {
        const length = Math.min(left, FILLED_AT_ONCE);
        await Promise.all(Array.from({ length }, () => js.publish(subjectOf(name), payload)));
      }
    },
    purge: async (name: string): Promise<void> => {
      await streams.purge(name);
    },
    remove: async (name: string): Promise<void> => {
      await streams.delete(name);
    },
    stop: async (): Promise<void> => {
      await nc.close();
      await server.stop();
      folder.remove();
    },
  };
}

export type StreamServer = Awaited<ReturnType<typeof startStreamServer>>;
