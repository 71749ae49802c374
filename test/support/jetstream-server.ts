import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type NatsServer, type NatsServerOptions, startNatsServer } from '../../scripts/nats-server';

/** A server that stores streams, whose files survive a restart until the test ends. */
export interface JetStreamServer {
  /** Of the server that runs. */
  readonly url: string;
  readonly server: NatsServer;
  /** Kills the server at once. */
  kill(): Promise<void>;
  /** Starts a killed server again, on its port and with its files. */
  restart(): Promise<void>;
}

/** Starts a server with JetStream; `config` is added to its configuration. */
export async function startJetStream(t: TestContext, config = ''): Promise<JetStreamServer> {
  const folder = mkdtempSync(join(tmpdir(), 'natshat-streams-'));
  const options: NatsServerOptions = { config: `jetstream { store_dir: ${JSON.stringify(folder)} }\n${config}` };
  let server = await startNatsServer(options);
  t.after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    get url() {
      return server.url;
    },
    get server() {
      return server;
    },
    kill: () => server.stop(),
    restart: async () => {
      server = await startNatsServer({ ...options, port: server.port });
    },
  };
}
