import { errors, type NatsConnection, type NatsConnectionImpl } from 'nats';
import type { Protocol } from './protocol';

/** What a message carries: bytes, or a text, which is encoded where it is written. */
export type Content = Uint8Array | string;

/** A message as it is written. */
export interface WrittenMessage {
  subject: string;
  data: Content;
  reply?: string | undefined;
  /** Encoded. */
  headers?: Uint8Array | undefined;
}

/** The bytes of a message that the server counts as payload: headers and data. */
export function sizeOf({ data, headers }: Pick<WrittenMessage, 'data' | 'headers'>): number {
  return (typeof data === 'string' ? Buffer.byteLength(data) : data.length) + (headers?.length ?? 0);
}

/** Publishes a message whose subjects have been checked. Its data may change afterwards. */
export function publish(nc: NatsConnection, message: WrittenMessage, size = sizeOf(message)): void {
  if (nc.isClosed()) throw new errors.ClosedConnectionError();
  ((nc as NatsConnectionImpl).protocol as Protocol).send(message, size);
}
