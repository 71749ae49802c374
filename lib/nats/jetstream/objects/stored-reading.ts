import type { CodedError } from '../../../coded-error';
import type { Received } from '../../client/received';
import type { Connection } from '../../connection/connection';
import type { Delivery } from '../consuming/ack-subject';
import { Consumption, type ConsumptionSettings, NOT_ACKNOWLEDGED } from '../consuming/consumption';

/** What is read. */
export interface StoredReadingOptions extends Pick<ConsumptionSettings, 'stream' | 'subjects' | 'start' | 'atOnce'> {
  /** How long the next message may take, in milliseconds. */
  timeoutMs: number;
  /** Takes a message; returns whether it is the last one. What it throws ends the reading. */
  take(msg: Received, delivery: Delivery): boolean;
  /** All that was there has been taken, and none was the last one; what it throws ends the reading too. */
  caughtUp(): void;
  /** The error if no message comes in time and nothing says why. */
  timeout(): CodedError;
}

/** Errors that end a reading at once; others may pass while it waits. */
const FINAL = ['NO_STREAM', 'PERMISSION', 'NO_JETSTREAM'];

/** Reads messages that a stream has, in order and over outages, up to the last one. */
export class StoredReading {
  private settle: ((error?: unknown) => void) | undefined;
  private timer: NodeJS.Timeout | undefined;
  private trouble: CodedError | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly options: StoredReadingOptions,
  ) {}

  /**
   * Resolves after the last message. Rejects with what `take` throws, with `timeout`, `NO_STREAM` or `PERMISSION`, or
   * with the error of `end`.
   */
  async run(): Promise<void> {
    const { timeoutMs, timeout, stream, subjects, start, atOnce } = this.options;
    let consumption: Consumption | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        this.settle = (error) => (error === undefined ? resolve() : reject(error));
        this.timer = setTimeout(() => this.end(this.trouble ?? timeout()), timeoutMs);
        const settings = { stream, subjects, start, atOnce, ack: 'none', mayTakeMs: 0, giveUpAfter: 0 } as const;
        consumption = new Consumption(this.connection, settings, {
          ...NOT_ACKNOWLEDGED,
          onMessage: (msg, _ack, delivery) => this.onMessage(msg, delivery),
          onCaughtUp: () => this.onCaughtUp(),
          onTrouble: (error) => this.onTrouble(error),
        });
      });
    } finally {
      clearTimeout(this.timer);
      // The server deletes the consumer by itself.
      void consumption?.close(true);
    }
  }

  /** Ends it early with an error. */
  end(error: unknown): void {
    this.settle?.(error);
    this.settle = undefined;
  }

  private onMessage(msg: Received, delivery: Delivery): void {
    if (!this.settle) return;
    this.timer?.refresh();
    try {
      if (this.options.take(msg, delivery)) this.end(undefined);
    } catch (error) {
      this.end(error);
    }
  }

  private onCaughtUp(): void {
    try {
      if (this.settle) this.options.caughtUp();
      this.end(undefined);
    } catch (error) {
      this.end(error);
    }
  }

  private onTrouble(error: CodedError | undefined): void {
    this.trouble = error;
    if (error && FINAL.includes(error.code)) this.end(error);
  }
}
