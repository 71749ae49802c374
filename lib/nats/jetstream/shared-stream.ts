import type { Connection } from '../connection/connection';
import type { Attachment } from '../core/link';
import { retryWaitMs } from '../core/retry-wait';
import { jetStreamOf } from './jetstream';
import { Stream, type StreamState } from './stream';
import type { WantedStream } from './stream-config';

/** Receives what is known of a stream, after each look at it. */
export type StreamListener = (state: StreamState) => void;

/** Errors that say something about the connection, but nothing about the stream. */
const OF_CONNECTION = ['CLOSED', 'CONNECTION_LOST', 'NOT_CONNECTED'];

/**
 * A stream on a connection that several users share: made or compared on each connect, and looked at again while it
 * cannot be used. While it has no user, nothing is done.
 */
export class SharedStream implements Attachment {
  readonly stream: Stream;
  private readonly users = new Set<StreamListener>();
  private state: StreamState | undefined;
  private release: (() => void) | undefined;
  private retry: NodeJS.Timeout | undefined;
  private failures = 0;

  /** `domain` is that of the JetStream; `onState` hears of each look, as the users do. */
  constructor(
    wanted: WantedStream,
    private readonly connection: Connection,
    domain?: string,
    private readonly onState: StreamListener = () => {},
  ) {
    this.stream = new Stream(wanted, jetStreamOf(connection).api(domain), (state) => this.onLook(state));
  }

  /** Adds a user, which also hears at once what is known. */
  add(user: StreamListener): void {
    this.users.add(user);
    if (this.state) user(this.state);
    this.release ??= this.connection.use(this);
  }

  remove(user: StreamListener): void {
    if (!this.users.delete(user) || this.users.size > 0) return;
    this.release?.();
    this.release = undefined;
    this.state = undefined;
  }

  attach(): void {
    this.failures = 0;
    // The connection takes requests only when everything is attached.
    this.retry = setTimeout(this.look, 0);
  }

  detach(): void {
    clearTimeout(this.retry);
  }

  private readonly look = () => {
    this.stream.ensure().catch(() => {});
  };

  private onLook(state: StreamState): void {
    if (!this.release || (state.error && OF_CONNECTION.includes(state.error.code))) return;
    this.state = state;
    clearTimeout(this.retry);
    if (state.error) this.retry = setTimeout(this.look, retryWaitMs(this.failures++));
    else this.failures = 0;
    for (const user of [this.onState, ...this.users]) user(state);
  }
}
