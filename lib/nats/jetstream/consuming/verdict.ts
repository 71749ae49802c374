import { CodedError } from '../../../coded-error';
import type { Outcome } from '../../core/publication';
import { type Delivery, isSameDelivery, readAckSubject } from './ack-subject';
import type { Ending } from './endings';

/** What becomes of a consumed message: it is done, it is delivered again, or it is given up. */
export const VERDICTS = ['done', 'again', 'giveUp'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** The details of a verdict. */
export interface VerdictOptions {
  /** With `again`: how long it waits, in milliseconds; 0: longer each time. */
  delayMs: number;
  /** With `giveUp`: why. */
  reason?: string | undefined;
}

/** Ends a verdict on the message of a handle that has ended before: the same one changes nothing. */
export function settleEnded(handle: string, ending: Ending, verdict: Verdict, outcome: Outcome): void {
  const isLate = ending === 'timeout' || ending === 'closed';
  if (verdict === (isLate ? 'again' : ending)) outcome();
  else outcome(alreadyAcked(handle, ending));
}

function alreadyAcked(handle: string, ending: Ending): CodedError {
  const { stream = '', sequence = 0 } = readAckSubject(handle) ?? {};
  if (ending === 'timeout') return new CodedError('ALREADY_ACKED-late', { stream, sequence });
  if (ending === 'closed') return new CodedError('ALREADY_ACKED-closed', { stream, sequence });
  return new CodedError('ALREADY_ACKED', { stream, sequence, verdict: ending });
}

/** A consumed message that gets one verdict: the first one counts. */
export abstract class Judged {
  /** `undefined` again after one that has failed. */
  verdict: Verdict | undefined;
  /** Why somebody else than the flow has given the verdict. */
  lateness: 'timeout' | 'closed' | undefined;
  /** Whether it has never had a verdict that came to an end. */
  isOpen = true;
  private outcome: Outcome | undefined;
  private others: Outcome[] | undefined;
  /** When the server has delivered it more than once: those before the newest. */
  protected formerDeliveries: Delivery[] | undefined;

  constructor(
    /** Its newest subject for acknowledgements. */
    public ack: string,
    /** The newest one, if it is known. */
    public delivery: Delivery | undefined,
  ) {}

  /** The newest one first. */
  get deliveries(): Delivery[] {
    const { delivery, formerDeliveries = [] } = this;
    return delivery ? [delivery, ...formerDeliveries] : [];
  }

  /** Whether this is one of its deliveries. */
  isOf(delivery: Delivery): boolean {
    if (this.delivery && isSameDelivery(this.delivery, delivery)) return true;
    return this.formerDeliveries?.some((former) => isSameDelivery(former, delivery)) ?? false;
  }

  /**
   * Gives a verdict; `outcome` is called once, when the server has confirmed it, also for the same verdict given again.
   * Errors: `ALREADY_ACKED`, `NO_STREAM`, and those of an `Acknowledgement`.
   */
  settle(verdict: Verdict, options: VerdictOptions, outcome: Outcome): void {
    if (this.verdict === undefined) {
      this.verdict = verdict;
      this.outcome = outcome;
      this.carryOut(verdict, options);
    } else if (this.outcome && this.verdict === verdict) {
      this.others ??= [];
      this.others.push(outcome);
    } else settleEnded(this.ack, this.lateness ?? this.verdict, verdict, outcome);
  }

  /** Performs the verdict, and calls `onSettled` in the end. */
  protected abstract carryOut(verdict: Verdict, options: VerdictOptions): void;

  /** Called when it has ended, before those are told who have given the verdict: they may give another one. */
  protected abstract onEnded(): void;

  /** The verdict has been confirmed, or has failed. */
  protected onSettled(error?: unknown): void {
    const { outcome, others } = this;
    this.isOpen = false;
    if (error !== undefined) this.verdict = undefined;
    this.outcome = undefined;
    this.others = undefined;
    this.onEnded();
    outcome?.(error);
    if (others) for (const other of others) other(error);
  }
}
