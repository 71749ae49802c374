import { connect, type NodeConnectionOptions } from 'nats';
import { connectError } from './connect-error';

/** What a server says of itself. */
export interface ServerReport {
  /** Its name; one that has none is called by its id. */
  server: string;
  version: string;
  /** The name of its cluster; empty where it is alone. */
  cluster: string;
  jetstream: boolean;
  /** The largest payload that it takes, in bytes. */
  maxPayload: number;
  /** How long a PING and its PONG took. */
  roundTripMs: number;
}

/** Connects once, asks, and leaves. Throws what `connectError` makes of a failure. */
export async function probe(options: NodeConnectionOptions): Promise<ServerReport> {
  try {
    const nc = await connect({ ...options, reconnect: false, maxReconnectAttempts: 0 });
    try {
      const startedAt = performance.now();
      await nc.flush();
      const roundTripMs = performance.now() - startedAt;
      const { server_name, version, cluster, jetstream, max_payload } = nc.info as NonNullable<typeof nc.info>;
      return {
        server: server_name,
        version,
        cluster: cluster ?? '',
        jetstream: jetstream ?? false,
        maxPayload: max_payload,
        roundTripMs,
      };
    } finally {
      await nc.close();
    }
  } catch (error) {
    throw connectError(error, String(options.servers));
  }
}
