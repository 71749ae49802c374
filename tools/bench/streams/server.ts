import { jetstream, jetstreamManager, type StorageType } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { Objm } from '@nats-io/obj';
import { connect } from 'nats';
import { startNatsServer } from '../../../scripts/nats-server';
import { makeTemporaryFolder } from '../../../scripts/temporary';

/** Where a stream keeps its messages. */
export const STORAGES = ['file', 'memory'] as const;
export type Storage = (typeof STORAGES)[number];

/** A short time: the server keeps the ids of its messages in memory. */
export const DUPLICATE_WINDOW_S = 2;

/** The server takes so many messages before it has to answer that it has stored the last one. */
const FILLED_AT_ONCE = 10_000;
const FILLING_MS = 60_000;

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
  const { streams, consumers } = await jetstreamManager(nc);
  return {
    port: server.port,
    make: async (name: string, storage: Storage): Promise<void> => {
      const duplicate_window = 1e9 * DUPLICATE_WINDOW_S;
      await streams.add({ name, subjects: [subjectOf(name)], storage, discard: 'new', duplicate_window });
    },
    makeBucket: async (bucket: string, storage: Storage): Promise<void> => {
      await new Kvm(js).create(bucket, { storage: storage as StorageType });
    },
    makeObjectBucket: async (bucket: string, storage: Storage): Promise<void> => {
      await new Objm(js).create(bucket, { storage: storage as StorageType });
    },
    /** Stores `count` messages with the subjects that `subjectAt` returns. */
    fill: async (count: number, payload: Uint8Array, subjectAt: (index: number) => string): Promise<void> => {
      for (let index = 0; index < count; index++) {
        const isAnswered = index === count - 1 || index % FILLED_AT_ONCE === 0;
        if (isAnswered) await js.publish(subjectAt(index), payload, { timeout: FILLING_MS });
        else nc.publish(subjectAt(index), payload);
      }
    },
    purge: async (name: string): Promise<void> => {
      await streams.purge(name);
    },
    remove: async (name: string): Promise<void> => {
      await streams.delete(name);
    },
    /** How many consumers a stream has; none where there is no such stream. */
    consumersOf: async (name: string): Promise<number> => {
      const found = await consumers
        .list(name)
        .next()
        .catch(() => []);
      return found.length;
    },
    stop: async (): Promise<void> => {
      await nc.close();
      await server.stop();
      folder.remove();
    },
  };
}

export type StreamServer = Awaited<ReturnType<typeof startStreamServer>>;
