import type { Delivery } from './ack-subject';
import { type Ending, Endings } from './endings';
import type { Judged } from './verdict';

/** How much is remembered of one consumer. */
export interface ConsumerLimits {
  /** How its last messages have ended, and those whose verdict has failed. */
  endings: number;
  failures: number;
}

/** The messages of one consumer, by its numbers of their deliveries. */
export class ConsumerMessages {
  private readonly inFlow = new Map<number, Judged>();
  /** Messages in the flow whose number a recreated consumer, which counts from 1 again, has given to another message. */
  private readonly overtaken = new Map<string, Judged>();
  private readonly failed = new Map<string, Judged>();
  private endings: Endings | undefined;
  /** The number of the delivery that was looked for last. */
  private sought = 0;
  /** Counts the uses of all consumers. */
  usedAt = 0;

  constructor(private readonly limits: ConsumerLimits) {}

  get isIdle(): boolean {
    return this.inFlow.size + this.overtaken.size === 0;
  }

  /** How many places its endings take. */
  get places(): number {
    return this.endings?.count ?? 0;
  }

  add(delivery: Delivery, message: Judged): void {
    const { consumerSequence: number } = delivery;
    const former = this.inFlow.get(number);
    if (former && former !== message) this.overtake(former, delivery);
    this.inFlow.set(number, message);
  }

  end(delivery: Delivery, message: Judged): void {
    const { consumerSequence: number } = delivery;
    if (this.inFlow.get(number) === message) this.inFlow.delete(number);
    if (this.overtaken.size > 0) this.forgetOvertaken(keyOf(delivery), message);
    if (this.failed.size > 0) this.failed.delete(keyOf(delivery));
    const ending = message.lateness ?? message.verdict;
    if (ending === undefined) this.addFailed(keyOf(delivery), message);
    else {
      this.endings ??= new Endings(this.limits.endings);
      this.endings.add(delivery, ending);
    }
  }

  /** The message of a handle if it follows the one looked for last, as it usually does; the handle is not read then. */
  findNext(handle: unknown): Judged | undefined {
    const message = this.inFlow.get(this.sought + 1);
    if (!message || message.ack !== handle) return undefined;
    this.sought++;
    return message;
  }

  find(delivery: Delivery): Judged | Ending | undefined {
    this.sought = delivery.consumerSequence;
    const message = this.inFlow.get(delivery.consumerSequence);
    if (message?.isOf(delivery)) return message;
    const key = keyOf(delivery);
    return this.overtaken.get(key) ?? this.failed.get(key) ?? this.endings?.find(delivery);
  }

  private overtake(former: Judged, { prefix, consumerSequence }: Delivery): void {
    for (const one of former.deliveries) {
      if (one.prefix === prefix && one.consumerSequence === consumerSequence) this.overtaken.set(keyOf(one), former);
    }
  }

  /** The one that has overtaken it may have the same key. */
  private forgetOvertaken(key: string, message: Judged): void {
    if (this.overtaken.get(key) === message) this.overtaken.delete(key);
  }

  private addFailed(key: string, message: Judged): void {
    this.failed.set(key, message);
    if (this.failed.size > this.limits.failures) this.failed.delete(this.failed.keys().next().value as string);
  }
}

function keyOf({ consumerSequence, timeNs, pending }: Delivery): string {
  return `${consumerSequence}.${timeNs}.${pending}`;
}
