import type { Outcome } from '../core/publication';
import { checkAckSubject, readAckSubject } from './ack-subject';
import { Acknowledgement, again, againAfterMs, DONE, GIVEN_UP, verdictOn } from './acknowledgement';
import type { Exchanges } from './exchanges';
import { type Ending, Judged, settleEnded, type Verdict, type VerdictOptions } from './verdict';

/** How many messages are remembered at least that have ended. */
const REMEMBERED = 8192;

/**
 * The messages that the nodes of this process have consumed, by their subjects for acknowledgements: those in the flow,
 * and some whose verdict has been given, so that the first verdict wins.
 */
export class ConsumedMessages {
  private readonly open = new Map<string, Judged>();
  /** Only how they have ended: the objects of so many messages would burden the garbage collection. */
  private ended = new Map<string, Ended>();
  private endedBefore = new Map<string, Ended>();

  constructor(private readonly remembered = REMEMBERED) {}

  add(handle: string, message: Judged): void {
    this.open.set(handle, message);
  }

  /** A message no longer waits for a verdict, or for the end of one. */
  end(handle: string, message: Judged): void {
    this.open.delete(handle);
    this.ended.set(handle, message.lateness ?? message.verdict ?? message);
    if (this.ended.size < this.remembered) return;
    this.endedBefore = this.ended;
    this.ended = new Map();
  }

  /**
   * Gives a verdict on the message of a handle; see `Judged.settle`. `exchanges` are used for one that was consumed by
   * another process, or before a restart. Throws `NO_ACK` for what is no handle.
   */
  settle(handle: unknown, verdict: Verdict, options: ForeignOptions, outcome: Outcome): void {
    const known = typeof handle === 'string' ? this.find(handle) : undefined;
    if (typeof known === 'string') settleEnded(handle as string, known, verdict, outcome);
    else (known ?? this.foreign(handle, options)).settle(verdict, options, outcome);
  }

  private find(handle: string): Ended | undefined {
    return this.open.get(handle) ?? this.ended.get(handle) ?? this.endedBefore.get(handle);
  }

  private foreign(handle: unknown, options: ForeignOptions): Foreign {
    const ack = checkAckSubject(handle);
    const message = new Foreign(ack, options, this);
    this.add(ack, message);
    return message;
  }
}

/** How a message has ended, or a message whose verdict has failed: it may get another one. */
type Ended = Ending | Judged;

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
