import { type Backoff, backoffMs } from '../../backoff';
import type { CodedError } from '../../coded-error';
import type { ChipModel, Measured, OpenChip } from './chip';
import { isElsewhere, sensorError } from './sensor-error';
import type { Turns } from './turns';

/** How long a chip that failed is left alone. It is set up anew by the next reading after that. */
const RETRIES: Backoff = { firstMs: 1000, longestMs: 30_000 };

/** How a chip is read, and in which turns. */
interface WatchedChipOptions {
  open(): Promise<OpenChip>;
  /** The bus, for error texts. */
  path: string;
  turns: Turns;
  /** A monotonic clock in milliseconds. */
  now(): number;
}

/** A chip that comes and goes: the first reading opens it, and one some time after a failure opens it again. */
export class WatchedChip {
  /** Why it cannot be read at present. An optional chip that was never there is no trouble. */
  trouble: CodedError | undefined;
  private chip: OpenChip | undefined;
  private attempt = 0;
  private retryAt = Number.NEGATIVE_INFINITY;
  private wasThere = false;
  private isClosed = false;

  constructor(
    readonly model: ChipModel,
    private readonly options: WatchedChipOptions,
  ) {}

  /** What the chip has; nothing while it cannot be read. Never rejects. */
  async measure(): Promise<Measured> {
    try {
      return await this.options.turns.run(() => this.tryToMeasure());
    } catch (stuck) {
      this.trouble = sensorError(this.model.name, this.options.path, stuck);
      return {};
    }
  }

  close(): void {
    this.isClosed = true;
    this.release();
  }

  private async tryToMeasure(): Promise<Measured> {
    if (this.isClosed || this.options.now() < this.retryAt) return {};
    try {
      this.chip ??= await this.options.open();
      const measured = await this.chip.measure();
      this.trouble = undefined;
      this.attempt = 0;
      this.wasThere = true;
      return measured;
    } catch (cause) {
      this.fail(sensorError(this.model.name, this.options.path, cause));
      return {};
    } finally {
      if (this.isClosed) this.release();
    }
  }

  private fail(error: CodedError): void {
    this.release();
    this.retryAt = this.options.now() + backoffMs(this.attempt++, RETRIES);
    const isAbsent = this.model.isOptional && !this.wasThere && isElsewhere(error);
    this.trouble = isAbsent ? undefined : error;
  }

  private release(): void {
    this.chip?.close();
    this.chip = undefined;
  }
}
