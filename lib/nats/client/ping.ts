import type { Deferred, NatsConnection, NatsConnectionImpl } from 'nats';

/**
 * Sends a PING. `onPong` is called while the PONG is read, after everything that the server sent before it and before
 * everything after it; not at all if the connection ends first. It must not throw.
 *
 * When the promise of the client's `flush` resolves, later errors may already have been read.
 */
export function ping(nc: NatsConnection, onPong: () => void): void {
  if (nc.isClosed()) return;
  (nc as NatsConnectionImpl).protocol.flush({ resolve: onPong, reject: () => {} } as Deferred<void>);
}
