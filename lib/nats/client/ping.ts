import { ClosedConnectionError, type Deferred, type NatsConnection, type NatsConnectionImpl } from 'nats';
import type { Protocol } from './protocol';

/**
 * Sends a PING and resolves on the PONG, with the number of the last error that was read before it. When the promise of
 * the client's `flush` resolves, later errors may already have been read.
 */
export function ping(nc: NatsConnection): Promise<number> {
  const protocol = (nc as NatsConnectionImpl).protocol as Protocol;
  return new Promise((resolve, reject) => {
    if (nc.isClosed()) return reject(new ClosedConnectionError());
    protocol.flush({ resolve: () => resolve(protocol.errorsRead), reject } as Deferred<void>);
  });
}
