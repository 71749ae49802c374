import type { NodeConnectionOptions } from 'nats';
import { CodedError } from '../../coded-error';
import { Connection, type ConnectionState } from '../connection/connection';

/** How long to wait for a server. */
const PATIENCE_MS = 5000;

/** How long the connection stays after it was last needed. */
const IDLE_MS = 15_000;

type StateListener = (state: ConnectionState) => void;

/**
 * A connection for people who look at a server, beside the one of the flows: a flow loses nothing because of what is
 * looked at. It is opened when it is needed, and closed when it has not been needed for a while.
 */
export class LookConnection {
  private connection: Connection | undefined;
  private readonly listeners = new Set<StateListener>();
  private idle: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(
    private readonly options: NodeConnectionOptions,
    private readonly idleMs = IDLE_MS,
  ) {}

  /**
   * The connection, once it is established. Rejects with why no server accepts it, `NOT_CONNECTED` if that takes too
   * long, or `CLOSED`.
   */
  async open(): Promise<Connection> {
    if (this.isClosed) throw new CodedError('CLOSED');
    this.keep();
    // What a person publishes is to be seen by that person.
    const options = { ...this.options, noEcho: false };
    this.connection ??= new Connection(options, (state) => {
      for (const listener of [...this.listeners]) listener(state);
    });
    const { connection } = this;
    const { name, error } = connection.state;
    if (error) throw error;
    if (name !== 'connected') await this.established();
    return connection;
  }

  /** It is still needed. */
  keep(): void {
    clearTimeout(this.idle);
    this.idle = setTimeout(() => void this.leave(), this.idleMs).unref();
  }

  /** Ends it for good. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.leave();
  }

  private async leave(): Promise<void> {
    clearTimeout(this.idle);
    const { connection } = this;
    this.connection = undefined;
    await connection?.close();
  }

  private established(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: CodedError) => {
        clearTimeout(late);
        this.listeners.delete(onState);
        if (error) reject(error);
        else resolve();
      };
      const onState: StateListener = ({ name, error }) => {
        if (name === 'connected') settle();
        else if (name === 'closed') settle(new CodedError('CLOSED'));
        else if (error) settle(error);
      };
      const late = setTimeout(() => settle(new CodedError('NOT_CONNECTED')), PATIENCE_MS);
      this.listeners.add(onState);
    });
  }
}
