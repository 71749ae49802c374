import type { Msg } from 'nats';
import type { CodedError } from '../../coded-error';
import type { Message } from './publication';

/** A subscription of one established connection. Subject and queue group have been checked. */
export interface LinkSubscription {
  subject: string;
  queue?: string | undefined;
  /** Ends after this many messages; 0 or missing: no limit. */
  max?: number;
  onMessage(msg: Msg): void;
  /** The server has accepted it. */
  onAccepted?(): void;
  /** The server refuses it, at once or later: `PERMISSION` or `SERVER`. It has ended. */
  onRefused(error: CodedError): void;
}

/** Ends a subscription of an established connection. */
export interface Subscribed {
  /** Ends it at once. */
  unsubscribe(): void;
  /** Ends it once the messages that the server has sent for it are delivered, or the connection has ended. */
  drain(): Promise<void>;
}

/** One established connection, for as long as it lasts. */
export interface Link {
  /** Writes a message of this size. Throws what the server would not take: `MAX_PAYLOAD`, `BAD_HEADERS`, `BAD_REPLY`. */
  publish(message: Omit<Message, 'confirm'>, size: number): void;
  subscribe(subscription: LinkSubscription): Subscribed;
  /**
   * Sends a PING and resolves with the PONG: with the number of the last error that the server sent before it. May never
   * settle when the connection ends.
   */
  ping(): Promise<number>;
  /** Reports a subject that the server refuses where no message waits for its confirmation. */
  onRefused(subject: string): void;
}

/** What follows a connection through its servers: it is attached to each established connection until that ends. */
export interface Attachment {
  attach(link: Link): void;
  /** The connection has ended. Called once for each `attach`. */
  detach(): void;
}
