import type { Delivery } from './ack-subject';

/** How a message has ended: by its verdict, or it is delivered again because there was none in time. */
export const ENDINGS = ['done', 'again', 'giveUp', 'timeout', 'closed'] as const;
export type Ending = (typeof ENDINGS)[number];

/** The last digits of a time tell deliveries of the same number apart: a consumer that is made again counts from 1. */
const NS_DIGITS = 9;
const ZERO = 0x30;

/** How many places those of the same number share, so that consumers of the same name on several servers have room. */
const WAYS = 4;

/**
 * How the last messages of one consumer have ended, by the consumer's numbers of their deliveries. They are kept as
 * numbers alone: the objects of thousands of messages would burden the garbage collection.
 */
export class Endings {
  private readonly numbers: Float64Array;
  private readonly marks: Uint32Array;
  /** Counted from 1; 0: the place is free. */
  private readonly endings: Uint8Array;

  /** Remembers this many at most, a multiple of four. */
  constructor(private readonly count: number) {
    this.numbers = new Float64Array(count);
    this.marks = new Uint32Array(count);
    this.endings = new Uint8Array(count);
  }

  /** Of those that share its places, the oldest is forgotten. */
  add(delivery: Delivery, ending: Ending): void {
    const first = this.firstPlace(delivery);
    for (let at = first + WAYS - 1; at > first; at--) {
      this.numbers[at] = this.numbers[at - 1] as number;
      this.marks[at] = this.marks[at - 1] as number;
      this.endings[at] = this.endings[at - 1] as number;
    }
    this.numbers[first] = delivery.consumerSequence;
    this.marks[first] = markOf(delivery);
    this.endings[first] = ENDINGS.indexOf(ending) + 1;
  }

  find(delivery: Delivery): Ending | undefined {
    const first = this.firstPlace(delivery);
    const mark = markOf(delivery);
    for (let at = first; at < first + WAYS; at++) {
      if (this.numbers[at] !== delivery.consumerSequence || this.marks[at] !== mark) continue;
      const ending = this.endings[at] as number;
      if (ending > 0) return ENDINGS[ending - 1];
    }
    return undefined;
  }

  private firstPlace({ consumerSequence }: Delivery): number {
    return (consumerSequence % (this.count / WAYS)) * WAYS;
  }
}

/** With how many waited behind it: a consumer that is made again delivers the same message with the same number. */
function markOf({ timeNs, pending }: Delivery): number {
  let value = 0;
  for (let at = Math.max(0, timeNs.length - NS_DIGITS); at < timeNs.length; at++) {
    value = value * 10 + timeNs.charCodeAt(at) - ZERO;
  }
  return (value + pending) >>> 0;
}
