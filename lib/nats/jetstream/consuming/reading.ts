import type { Received } from '../../client/received';
import type { Delivery } from './ack-subject';
import type { Consumed } from './consumed';
import type { Consumer } from './consumer';

/** One way to read the messages of a stream. */
export interface Reading {
  /** The consumer of the last `prepare`. */
  readonly consumer: Consumer;
  /** How many more messages may enter the flow. */
  readonly room: number;
  /** How many are in the flow, and their bytes. */
  readonly count: number;
  readonly bytes: number;
  /**
   * Finds or makes the consumer on a new connection, or when the old one may be gone. `version` is that of the server.
   * Rejects with `NO_CONSUMER`, `CONSUMER_DIFFERS`, `NEEDS_SERVER`, or an error of a request.
   */
  prepare(version: string | undefined): Promise<void>;
  /** Takes a message; returns whether it was the one that had to come. */
  take(msg: Received, ack: string, delivery: Delivery): boolean;
  /** The server has nothing more to deliver for now. */
  idle(): void;
  /** A message has been sent into the flow, and is done when it has arrived there. */
  done(consumed: Consumed): void;
  /** The stream has been deleted and made again, or has lost messages: new ones get their sequences. */
  forget(): void;
  /** Resolves when the server has confirmed verdicts on all messages in the flow. */
  emptied(): Promise<void>;
  /** Ends with the messages that are still in the flow, and returns their handles. */
  handBack(): string[];
}
