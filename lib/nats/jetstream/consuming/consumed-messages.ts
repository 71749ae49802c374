import type { Outcome } from '../../core/publication';
import type { Exchanges } from '../exchanges';
import { checkAckSubject, type Delivery, readAckSubject } from './ack-subject';
import { Acknowledgement, again, againAfterMs, DONE, GIVEN_UP, verdictOn } from './acknowledgement';
import { type ConsumerLimits, ConsumerMessages } from './consumer-messages';
import type { Ending } from './endings';
import { Judged, settleEnded, type Verdict, type VerdictOptions } from './verdict';

/** How much is remembered. */
interface Limits extends ConsumerLimits {
  /** The consumers, and the places for the endings of all of them, but for those with messages in the flow. */
  consumers: number;
  places: number;
}

const LIMITS: Limits = { endings: 4096, failures: 1024, consumers: 512, places: 0x40000 };

/**
 * The messages that the nodes of this process have consumed, by their subjects for acknowledgements: those in the flow,
 * and some whose verdict has been given, so that the first verdict wins.
 */
export class ConsumedMessages {
  /** By what the subjects of each begin with. */
  private readonly consumers = new Map<string, ConsumerMessages>();
  private uses = 0;
  /** The consumer whose message was looked for last. */
  private last: ConsumerMessages | undefined;

  constructor(private readonly limits = LIMITS) {}

  /** The number of consumers of which anything is remembered. */
  get count(): number {
    return this.consumers.size;
  }

  /** The server has delivered a message. */
  add(delivery: Delivery, message: Judged): void {
    this.ofConsumer(delivery.prefix).add(delivery, message);
  }

  /** A message has ended: unless its verdict has failed, only how is remembered. */
  end(delivery: Delivery, message: Judged): void {
    this.ofConsumer(delivery.prefix).end(delivery, message);
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
    else {
      if (known && !known.isOpen) this.addAgain(known);
      (known ?? this.foreign(handle, options)).settle(verdict, options, outcome);
    }
  }

  /** A message whose verdict has failed gets another one, and must not be forgotten until that one has ended. */
  private addAgain(message: Judged): void {
    for (const delivery of message.deliveries) this.add(delivery, message);
  }

  private remembered(handle: unknown): Judged | Ending | undefined {
    const next = this.last?.findNext(handle);
    if (next) return next;
    const delivery = typeof handle === 'string' ? readAckSubject(handle) : undefined;
    if (!delivery) return undefined;
    this.last = this.consumers.get(delivery.prefix);
    return this.last?.find(delivery);
  }

  private foreign(handle: unknown, options: ForeignOptions): Foreign {
    const ack = checkAckSubject(handle);
    return new Foreign(ack, readAckSubject(ack), options, this);
  }

  private ofConsumer(prefix: string): ConsumerMessages {
    let found = this.consumers.get(prefix);
    if (!found) {
      this.forgetConsumers();
      found = new ConsumerMessages(this.limits);
      this.consumers.set(prefix, found);
    }
    found.usedAt = this.uses++;
    return found;
  }

  /** Makes room for another consumer: forgets those used longest ago that have no messages in the flow. */
  private forgetConsumers(): void {
    let places = 0;
    for (const one of this.consumers.values()) places += one.places;
    const idle = [...this.consumers].filter(([, { isIdle }]) => isIdle);
    idle.sort(([, one], [, other]) => one.usedAt - other.usedAt);
    for (const [prefix, one] of idle) {
      if (this.count < this.limits.consumers && places <= this.limits.places) return;
      this.consumers.delete(prefix);
      places -= one.places;
    }
  }
}

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
    delivery: Delivery | undefined,
    private readonly options: ForeignOptions,
    private readonly messages: ConsumedMessages,
  ) {
    super(ack, delivery);
    if (delivery) messages.add(delivery, this);
  }

  protected override carryOut(verdict: Verdict, { delayMs }: VerdictOptions): void {
    const data = verdict === 'done' ? DONE : verdict === 'giveUp' ? GIVEN_UP : again(delayMs || this.againAfterMs());
    const { exchanges, owner } = this.options;
    exchanges.send(new Acknowledgement(verdictOn(this.ack, data, owner), (error) => this.onSettled(error)));
  }

  protected override onEnded(): void {
    if (this.delivery) this.messages.end(this.delivery, this);
  }

  private againAfterMs(): number {
    return againAfterMs(this.delivery?.delivered ?? 1);
  }
}
