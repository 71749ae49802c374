import { CodedError } from '../../coded-error';
import type { Outcome } from '../core/publication';
import { checkAckSubject, readAckSubject } from './ack-subject';
import { Acknowledgement, again, againAfterMs, DONE, GIVEN_UP, verdictOn } from './acknowledgement';
import type { Exchanges } from './exchanges';
import { Judged, type Verdict, type VerdictOptions } from './verdict';

/** How many consumed messages are remembered at least, however many are in the flow. */
const REMEMBERED = 8192;

/**
 * The messages that the nodes of this process have consumed, by their subjects for acknowledgements: those in the flow,
 * and some whose verdict has been given, so that the first verdict wins.
 */
export class ConsumedMessages {
  private recent = new Map<string, Judged>();
  private older = new Map<string, Judged>();
  private limit: number;

  constructor(private readonly remembered = REMEMBERED) {
    this.limit = remembered;
  }

  add(handle: string, message: Judged): void {
    this.recent.set(handle, message);
    if (this.recent.size >= this.limit) this.forgetOlder();
  }

  /** The message of a handle; `undefined` if it is another process's, or has been forgotten. */
  find(handle: unknown): Judged | undefined {
    return typeof handle === 'string' ? (this.recent.get(handle) ?? this.older.get(handle)) : undefined;
  }

  /**
   * Gives a verdict on the message of a handle; see `Judged.settle`. `exchanges` are used for one that was consumed by
   * another process, or before a restart. Throws `NO_ACK` for what is no handle.
   */
  settle(handle: unknown, verdict: Verdict, options: ForeignOptions, outcome: Outcome): void {
    const known = this.find(handle);
    const message = known ?? new Foreign(checkAckSubject(handle), options);
    if (!known) this.add(handle as string, message);
    message.settle(verdict, options, outcome);
  }

  /** Keeps what is in the flow. */
  private forgetOlder(): void {
    const kept = new Map<string, Judged>();
    for (const [handle, message] of this.older) if (message.isOpen) kept.set(handle, message);
    this.older = this.recent;
    this.recent = kept;
    this.limit = kept.size + this.remembered;
  }
}

/** Those of this process. */
export const consumedMessages = new ConsumedMessages();

/** The details of a verdict on a message of another process. */
export interface ForeignOptions extends VerdictOptions {
  exchanges: Exchanges;
  /** The node that gives the verdict, which may withdraw it while it is held. */
  owner: object;
}

/** A message that this process knows only by its handle. */
class Foreign extends Judged {
  constructor(
    private readonly handle: string,
    private readonly options: ForeignOptions,
  ) {
    super();
  }

  protected override carryOut(verdict: Verdict, { delayMs }: VerdictOptions): void {
    const data = verdict === 'done' ? DONE : verdict === 'giveUp' ? GIVEN_UP : again(delayMs || this.againAfterMs());
    const { exchanges, owner } = this.options;
    exchanges.send(new Acknowledgement(verdictOn(this.handle, data, owner), (error) => this.onSettled(error)));
  }

  protected override alreadyAcked(verdict: Verdict): CodedError {
    const { stream = '', sequence = 0 } = readAckSubject(this.handle) ?? {};
    return new CodedError('ALREADY_ACKED', { stream, sequence, verdict });
  }

  private againAfterMs(): number {
    return againAfterMs(readAckSubject(this.handle)?.delivered ?? 1);
  }
}
