import { errors, type NatsConnection, type NodeConnectionOptions } from 'nats';
import type { CodedError } from '../../coded-error';
import { connectError, isRefusal } from '../client/connect-error';
import { addressOf, dial, type Host, hostOf } from '../client/dial';

/** What a server reports about itself. */
export interface ServerReport {
  /** Its name; its address if it has none. */
  server: string;
  version: string;
  /** The name of its cluster; empty if it is in none. */
  cluster: string;
  jetstream: boolean;
  /** The largest payload that it accepts, in bytes. */
  maxPayload: number;
  /** The time between a PING and its PONG. */
  roundTripMs: number;
}

/** The client has no time-out of its own for a PING. */
const DEFAULT_TIMEOUT_MS = 20_000;

/**
 * Connects to the first server that accepts the connection, and disconnects again. Throws the error of `dial`,
 * preferably a refusal. Takes at most `longestMs` in total.
 */
export async function probe(options: NodeConnectionOptions, longestMs = Infinity): Promise<ServerReport> {
  const failures: CodedError[] = [];
  const endsAt = performance.now() + longestMs;
  for (const server of [options.servers ?? []].flat().flatMap((address) => hostOf(address) ?? [])) {
    if (performance.now() >= endsAt) break;
    try {
      return await ask(server, options, endsAt);
    } catch (error) {
      failures.push(connectError(error, addressOf(server)));
    }
  }
  throw failures.find(isRefusal) ?? connectError(failures[0]?.cause, String(options.servers));
}

async function ask(server: Host, options: NodeConnectionOptions, endsAt: number): Promise<ServerReport> {
  const leftMs = () => Math.min(options.timeout || DEFAULT_TIMEOUT_MS, Math.max(endsAt - performance.now(), 1));
  const listener = { onError() {}, onInfo() {} };
  const nc = await dial(server, { ...options, timeout: leftMs() }, listener, new AbortController().signal);
  try {
    const startedAt = performance.now();
    await answered(nc, leftMs());
    const roundTripMs = performance.now() - startedAt;
    const { server_id, server_name, version, cluster, jetstream, max_payload } = nc.info as NonNullable<typeof nc.info>;
    return {
      // A server without a name uses its random id as its name.
      server: server_name === server_id ? addressOf(server) : server_name,
      version,
      cluster: cluster ?? '',
      jetstream: jetstream ?? false,
      maxPayload: max_payload,
      roundTripMs,
    };
  } finally {
    await nc.close();
  }
}

/** A frozen server never answers a PING, and the client would wait for ever. */
async function answered(nc: NatsConnection, timeoutMs: number): Promise<void> {
  const late = setTimeout(() => void nc.close(), timeoutMs);
  const gone = nc.closed().then((error) => {
    throw error ?? new errors.TimeoutError();
  });
  try {
    await Promise.race([nc.flush(), gone]);
  } finally {
    clearTimeout(late);
  }
}
