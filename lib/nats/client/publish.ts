import { errors, type NatsConnection, type NatsConnectionImpl } from 'nats';
import type { Protocol } from './protocol';

/** A message as it is written. */
export interface WrittenMessage {
  subject: string;
  data: Uint8Array;
  reply?: string | undefined;
  headers?: Uint8Array | undefined;
}

/** Publishes a message whose subjects have been checked. Its data may change afterwards. */
export function publish(nc: NatsConnection, message: WrittenMessage): void {
  if (nc.isClosed()) throw new errors.ClosedConnectionError();
  ((nc as NatsConnectionImpl).protocol as Protocol).send(message);
}
