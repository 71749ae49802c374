import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type NatsConnection, NatsConnectionImpl, type NodeConnectionOptions } from 'nats';
import { CodedError } from '../../coded-error';
import { connectError, isRefusal } from './connect-error';
import { Protocol, type ServerListener } from './protocol';

/** A server, by name or IP address; an IPv6 address has no brackets. */
export interface Host {
  host: string;
  port: number;
}

/** `host:port` as a user writes it. */
export function addressOf({ host, port }: Host): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The inverse of `addressOf`; `undefined` if the text is not an address. */
export function hostOf(address: string): Host | undefined {
  const [, host = '', digits = ''] = /^(.+):(\d{1,5})$/.exec(address) ?? [];
  const port = Number(digits);
  return host && port > 0 && port <= 65_535 ? { host: host.replace(/^\[|\]$/g, ''), port } : undefined;
}

/**
 * Connects to the first address of a server that accepts the connection. Rejects with the `connectError` of a failure,
 * preferably of a refusal. A failed or aborted dial leaves nothing open.
 *
 * The client knows only this one address: it does not reconnect by itself.
 */
export async function dial(
  at: Host,
  options: NodeConnectionOptions,
  listener: ServerListener,
  signal: AbortSignal,
): Promise<NatsConnection> {
  const failures: CodedError[] = [];
  try {
    for (const address of await untilAborted(addressesOf(at.host), signal)) {
      signal.throwIfAborted();
      try {
        return await dialAddress(at, address, options, listener, signal);
      } catch (error) {
        failures.push(connectError(error, addressOf(at)));
      }
    }
  } catch (error) {
    throw connectError(error, addressOf(at));
  }
  throw failures.find(isRefusal) ?? failures[0];
}

async function addressesOf(host: string): Promise<string[]> {
  if (isIP(host) !== 0) return [host];
  const addresses = await lookup(host, { all: true });
  return addresses.map(({ address }) => address);
}

/** Rejects at once when `signal` aborts: a name lookup may take long. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

async function dialAddress(
  at: Host,
  address: string,
  options: NodeConnectionOptions,
  listener: ServerListener,
  signal: AbortSignal,
): Promise<NatsConnection> {
  const servers = addressOf({ host: address, port: at.port });
  // Its types hide the constructor.
  const nc = Reflect.construct(NatsConnectionImpl, [
    { ...options, servers, reconnect: false, ignoreClusterUpdates: true },
  ]) as NatsConnection & NatsConnectionImpl;
  const protocol = new Protocol(nc.options, nc, at.host, listener);
  nc.protocol = protocol;
  const abort = () => protocol.abandon(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    await protocol.dialAddress(address);
    signal.throwIfAborted();
    return nc;
  } catch (error) {
    const isSilent = protocol.isConnectedInVain;
    protocol.abandon(error as Error);
    if (!isSilent || options.tls?.handshakeFirst) throw error;
    const { message: reason } = error as Error;
    throw new CodedError('UNREACHABLE-greeting', { servers: addressOf(at), reason }, { cause: error });
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
