import type { Storage } from './server';

/** How a stream is read, from its beginning. */
export interface ReadOptions {
  stream: string;
  storage: Storage;
  /** Whether each message is acknowledged; else they are read in order, without acknowledgement. */
  isAcknowledged: boolean;
  /** How many messages may be on their way or not acknowledged. */
  window: number;
  /** Whether no message is ever done, so that all but the first `window` wait in the stream. */
  isHeld: boolean;
}

/** What a contender does with streams. */
export interface Side {
  /** Returns a function that publishes a message with this payload; `onStored` is called when a stream has it. */
  publisher(subject: string, payload: string, onStored: () => void): Promise<() => void>;
  /**
   * Reads until the returned function is called; `onMessage` is called for each message that has been read and, if it
   * is to be acknowledged, has been.
   */
  read(options: ReadOptions, onMessage: () => void): Promise<() => Promise<void>>;
}
