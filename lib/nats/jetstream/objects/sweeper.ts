import type { CodedError } from '../../../coded-error';
import type { Connection } from '../../connection/connection';
import type { Attachment } from '../../core/link';
import { retryWaitMs } from '../../core/retry-wait';
import { isPassing } from './patience';

/** Something that is to be removed from a server. */
export interface Sweep {
  run(): Promise<void>;
  /** It cannot be removed. */
  onFailed(error: CodedError): void;
  /** After this time it is looked for once more, in milliseconds; 0: it is not. */
  againAfterMs: number;
}

/** Removes leftovers from a server: at once, or when the server is available again. */
export class Sweeper implements Attachment {
  private readonly sweeps = new Set<Sweep>();
  private readonly running = new Map<Sweep, Promise<void>>();
  private readonly retries = new Set<NodeJS.Timeout>();
  private isAttached = false;

  constructor(connection: Pick<Connection, 'use'>) {
    connection.use(this);
  }

  add(sweep: Sweep): void {
    this.sweeps.add(sweep);
    if (this.isAttached) this.start(sweep);
  }

  /** Resolves when no sweep is under way; one that failed waits for its retry. */
  async settled(): Promise<void> {
    await Promise.all(this.running.values());
  }

  attach(): void {
    this.isAttached = true;
    // Requests are possible when everything has been attached.
    queueMicrotask(() => {
      for (const sweep of this.sweeps) this.start(sweep);
    });
  }

  detach(): void {
    this.isAttached = false;
    this.clear();
  }

  end(): void {
    this.clear();
    this.sweeps.clear();
  }

  private start(sweep: Sweep, attempt = 0): void {
    if (this.running.has(sweep) || !this.isAttached) return;
    const run = this.run(sweep, attempt).finally(() => this.running.delete(sweep));
    this.running.set(sweep, run);
  }

  private async run(sweep: Sweep, attempt: number): Promise<void> {
    try {
      await sweep.run();
      this.sweeps.delete(sweep);
      if (sweep.againAfterMs > 0) this.later(() => this.add({ ...sweep, againAfterMs: 0 }), sweep.againAfterMs);
    } catch (error) {
      if (isPassing(error)) this.later(() => this.start(sweep, attempt + 1), retryWaitMs(attempt));
      else {
        this.sweeps.delete(sweep);
        sweep.onFailed(error as CodedError);
      }
    }
  }

  private later(act: () => void, ms: number): void {
    const timer = setTimeout(() => {
      this.retries.delete(timer);
      act();
    }, ms);
    this.retries.add(timer);
  }

  private clear(): void {
    for (const timer of this.retries) clearTimeout(timer);
    this.retries.clear();
  }
}

const all = new WeakMap<object, Sweeper>();

/** The sweeper of a connection. */
export function sweeperOf(connection: Pick<Connection, 'use'>): Sweeper {
  const known = all.get(connection) ?? new Sweeper(connection);
  all.set(connection, known);
  return known;
}
