import type { TestContext } from 'node:test';
import { poll } from '../../scripts/monitoring';
import { type NatsServer, type NatsServerOptions, startNatsServer } from '../../scripts/nats-server';
import { makeFolder } from './folder';

/** A server that stores streams, whose files survive a restart until the test ends. */
export interface JetStreamServer {
  /** Of the server that runs. */
  readonly url: string;
  readonly server: NatsServer;
  /** Where it stores. */
  readonly folder: string;
  /** Kills the server at once. */
  kill(): Promise<void>;
  /** Starts a killed server again, on its port and with its files. */
  restart(): Promise<void>;
}

/** Starts a server with JetStream; `config` is added to its configuration, and `jetstream` to that of JetStream. */
export async function startJetStream(t: TestContext, config = '', jetstream = ''): Promise<JetStreamServer> {
  const folder = makeFolder();
  const options: NatsServerOptions = {
    config: `jetstream { store_dir: ${JSON.stringify(folder)}\n${jetstream} }\n${config}`,
  };
  let server = await startNatsServer(options);
  t.after(() => server.stop());
  return {
    get url() {
      return server.url;
    },
    get server() {
      return server;
    },
    folder,
    kill: () => server.stop(),
    restart: async () => {
      server = await startNatsServer({ ...options, port: server.port });
    },
  };
}

/**
 * How many consumers a stream is left with: none as soon as the server has deleted them, which newer ones do only after
 * they have answered to what follows.
 */
export function consumersLeft(api: (subject: string) => Promise<{ total: number }>, stream: string): Promise<number> {
  return poll(
    async () => (await api(`CONSUMER.NAMES.${stream}`)).total,
    (total) => total === 0,
  );
}
