import type { CodedError } from '../../coded-error';
import type { Outcome } from '../core/publication';

/** What becomes of a consumed message: it is done, it comes again, or it is given up. */
export const VERDICTS = ['done', 'again', 'giveUp'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** The details of a verdict. */
export interface VerdictOptions {
  /** With `again`: how long it waits, in milliseconds; 0: longer each time. */
  delayMs: number;
  /** With `giveUp`: why. */
  reason?: string | undefined;
}

/** A consumed message that gets one verdict: the first one counts. */
export abstract class Judged {
  /** `undefined` again after one that has failed. */
  verdict: Verdict | undefined;
  /** Whether it has never had a verdict that came to an end. */
  isOpen = true;
  private outcome: Outcome | undefined;
  private others: Outcome[] | undefined;

  /**
   * Gives a verdict; `outcome` is called once, when the server has confirmed it, also for the same verdict given again.
   * Errors: `ALREADY_ACKED`, `NO_STREAM`, and those of an `Acknowledgement`.
   */
  settle(verdict: Verdict, options: VerdictOptions, outcome: Outcome): void {
    if (this.verdict === undefined) {
      this.verdict = verdict;
      this.outcome = outcome;
      this.carryOut(verdict, options);
    } else if (this.verdict !== verdict) outcome(this.alreadyAcked(this.verdict));
    else if (!this.isOpen) outcome();
    else {
      this.others ??= [];
      this.others.push(outcome);
    }
  }

  /** Performs the verdict, and calls `onSettled` in the end. */
  protected abstract carryOut(verdict: Verdict, options: VerdictOptions): void;

  /** The error of a later, different verdict. */
  protected abstract alreadyAcked(verdict: Verdict): CodedError;

  /** The verdict has been confirmed, or has failed. */
  protected onSettled(error?: unknown): void {
    const { outcome, others } = this;
    this.isOpen = false;
    if (error !== undefined) this.verdict = undefined;
    this.outcome = undefined;
    this.others = undefined;
    outcome?.(error);
    if (others) for (const other of others) other(error);
  }
}
