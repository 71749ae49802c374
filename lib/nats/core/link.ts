import type { CodedError } from '../../coded-error';
import type { Received } from '../client/received';
import type { Message } from './publication';

/** A subscription of one established connection. Subject and queue group have been checked. */
export interface LinkSubscription {
  subject: string;
  queue?: string | undefined;
  /** Ends after this many messages; 0 or missing: no limit. */
  max?: number;
  onMessage(msg: Received): void;
  /** The server has accepted it. */
  onAccepted?(): void;
  /** The server has refused it, at once or later, with `PERMISSION` or `SERVER`. It has ended. */
  onRefused(error: CodedError): void;
}

/** Ends a subscription of an established connection. */
export interface Subscribed {
  /** Ends it at once. */
  unsubscribe(): void;
  /** Ends it after delivering the messages that the server has already sent for it, or with the connection. */
  drain(): Promise<void>;
}

/** One established connection, for as long as it lasts. */
export interface Link {
  /** Writes a message of this size. Throws `MAX_PAYLOAD`, `BAD_HEADERS` or `BAD_REPLY` where the server rejects it. */
  publish(message: Omit<Message, 'confirm'>, size: number): void;
  subscribe(subscription: LinkSubscription): Subscribed;
  /**
   * Sends a PING. `onPong` is called while the PONG is read, so that what the server sends before and after it can be
   * told apart; not at all if the connection ends first. It must not throw.
   */
  ping(onPong: () => void): void;
  /** Reports that the server denied a message to this subject that did not wait for a confirmation. */
  onPublishDenied(subject: string): void;
}

/** Something that is attached to each established connection in turn, until that connection ends. */
export interface Attachment {
  attach(link: Link): void;
  /**
   * The established connection has ended. Called once for each `attach`; the next one follows when what waited for this
   * one has ended.
   */
  detach(): void | Promise<void>;
  /** Before a clean disconnect: resolves when the server has answered what it was sent. */
  settled?(): Promise<void>;
  /** There will be no connection any more. */
  end?(): void;
}
