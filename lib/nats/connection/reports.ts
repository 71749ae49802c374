import { CodedError, shown } from '../../coded-error';

/** How many errors are reported in a minute. */
export const MAX_REPORTS = 20;
const MINUTE_MS = 60_000;

/** More are not remembered. */
const MAX_KNOWN = 1000;

/**
 * Reports the errors of servers that belong to no outcome: each once for an established connection, because a flow may
 * keep causing it. A flood of different errors is only counted, and the count is reported after a minute.
 */
export class Reports {
  private readonly known = new Set<string>();
  private reported = 0;
  private counted = 0;
  private minute: NodeJS.Timeout | undefined;

  constructor(private readonly report: (error: CodedError) => void) {}

  /** `about` identifies the error. `error` is called only for one that is reported. */
  add(about: string, error: () => CodedError): void {
    const key = shown(about);
    if (this.known.has(key)) return;
    this.minute ??= setTimeout(() => this.endMinute(), MINUTE_MS);
    if (this.reported >= MAX_REPORTS) {
      this.counted++;
      return;
    }
    this.reported++;
    if (this.known.size >= MAX_KNOWN) this.known.clear();
    this.known.add(key);
    this.report(error());
  }

  /** There is a new connection: its errors are reported again. */
  forget(): void {
    this.known.clear();
  }

  /** Reports the count now. */
  end(): void {
    clearTimeout(this.minute);
    this.endMinute();
  }

  private endMinute(): void {
    const { counted } = this;
    this.minute = undefined;
    this.reported = 0;
    this.counted = 0;
    if (counted > 0) this.report(new CodedError('SERVER-more', { count: counted }));
  }
}
