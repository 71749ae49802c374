import type { Outcome } from '../../core/publication';
import type { Exchanges } from '../exchanges';
import { checkAckSubject, readAckSubject } from './ack-subject';
import { Acknowledgement, again, againAfterMs, DONE, GIVEN_UP, verdictOn } from './acknowledgement';
import { type Ending, Judged, settleEnded, type Verdict, type VerdictOptions } from './verdict';

/** How many consumed messages are remembered at least, however many are in the flow. */
const REMEMBERED = 8192;

/**
 * The messages that the nodes of this process have consumed, by their subjects for acknowledgements: those in the flow,
 * and some whose verdict has been given, so that the first verdict wins.
 */
export class ConsumedMessages {
  private recent = new Map<string, Remembered>();
  private older = new Map<string, Remembered>();
  private limit: number;

  constructor(private readonly atLeast = REMEMBERED) {
    this.limit = atLeast;
  }

  add(handle: string, message: Remembered): void {
    this.recent.set(handle, message);
    if (this.recent.size >= this.limit) this.forgetOlder();
  }

  /** A message has ended: unless its verdict has failed, only how is remembered. */
  end(handle: string, message: Judged): void {
    this.add(handle, message.lateness ?? message.verdict ?? message);
  }

  /** The message of a handle; `undefined` if it has ended, or is not known in this process. */
  find(handle: unknown): Judged | undefined {
    const known = this.remembered(handle);
    return typeof known === 'string' ? undefined : known;
  }

  /**
   * Gives a verdict on the message of a handle; see `Judged.settle`. `exchanges` are used for one that was consumed by
   * another process, or before a restart. Throws `NO_ACK` if it is not a handle.
   */
  settle(handle: unknown, verdict: Verdict, options: ForeignOptions, outcome: Outcome): void {
    const known = this.remembered(handle);
    if (typeof known === 'string') settleEnded(handle as string, known, verdict, outcome);
    else (known ?? this.foreign(handle, options)).settle(verdict, options, outcome);
  }

  private remembered(handle: unknown): Remembered | undefined {
    return typeof handle === 'string' ? (this.recent.get(handle) ?? this.older.get(handle)) : undefined;
  }

  private foreign(handle: unknown, options: ForeignOptions): Foreign {
    const ack = checkAckSubject(handle);
    const message = new Foreign(ack, options, this);
    this.add(ack, message);
    return message;
  }

  /** Keeps the messages that are still in the flow. */
  private forgetOlder(): void {
    const kept = new Map<string, Remembered>();
    for (const [handle, message] of this.older) {
      if (typeof message !== 'string' && message.isOpen) kept.set(handle, message);
    }
    this.older = this.recent;
    this.recent = kept;
    this.limit = kept.size + this.atLeast;
  }
}

/** A message, or how it has ended: the objects of thousands of messages would burden the garbage collection. */
type Remembered = Judged | Ending;

/** The messages of this process. */
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
    ack: string,
    private readonly options: ForeignOptions,
    private readonly messages: ConsumedMessages,
  ) {
    super(ack);
  }

  protected override carryOut(verdict: Verdict, { delayMs }: VerdictOptions): void {
    const data = verdict === 'done' ? DONE : verdict === 'giveUp' ? GIVEN_UP : again(delayMs || this.againAfterMs());
    const { exchanges, owner } = this.options;
    exchanges.send(new Acknowledgement(verdictOn(this.ack, data, owner), (error) => this.onSettled(error)));
  }

  protected override onEnded(): void {
    this.messages.end(this.ack, this);
  }

  private againAfterMs(): number {
    return againAfterMs(readAckSubject(this.ack)?.delivered ?? 1);
  }
}
