import type { Delivery } from './ack-subject';

/** How a message has ended: by its verdict, or it is delivered again because there was none in time. */
export const ENDINGS = ['done', 'again', 'giveUp', 'timeout', 'closed'] as const;
export type Ending = (typeof ENDINGS)[number];

/** The last digits of the time distinguish deliveries with the same number: a recreated consumer counts from 1 again. */
const NS_DIGITS = 9;
const ZERO = 0x30;

/** Entries with the same number share this many places: consumers of the same name on several servers have the same numbers. */
const WAYS = 4;

/** The number of places at first: where there are many consumers, most have few messages. */
const FIRST_COUNT = 64;

/**
 * How the last messages of one consumer have ended, by the consumer's numbers of their deliveries. They are kept as
 * numbers alone: the objects of thousands of messages would burden the garbage collection.
 */
export class Endings {
  /** How many places there are. */
  count: number;
  private numbers: Float64Array;
  private marks: Uint32Array;
  /** Counted from 1; 0: the place is free. */
  private endings: Uint8Array;

  /** Remembers this many at most, a power of four. */
  constructor(private readonly most: number) {
    const count = Math.min(most, FIRST_COUNT);
    this.count = count;
    this.numbers = new Float64Array(count);
    this.marks = new Uint32Array(count);
    this.endings = new Uint8Array(count);
  }

  /** Grows if the places for this number are full; at its largest size, it overwrites the oldest entry there. */
  add({ consumerSequence, timeNs, pending }: Delivery, ending: Ending): void {
    const last = this.firstPlace(consumerSequence) + WAYS - 1;
    if (this.count < this.most && (this.endings[last] as number) > 0) this.grow();
    this.put(consumerSequence, markOf(timeNs, pending), ENDINGS.indexOf(ending) + 1);
  }

  find({ consumerSequence, timeNs, pending }: Delivery): Ending | undefined {
    const first = this.firstPlace(consumerSequence);
    const mark = markOf(timeNs, pending);
    for (let at = first; at < first + WAYS; at++) {
      if (this.numbers[at] !== consumerSequence || this.marks[at] !== mark) continue;
      const ending = this.endings[at] as number;
      if (ending > 0) return ENDINGS[ending - 1];
    }
    return undefined;
  }

  private put(number: number, mark: number, ending: number): void {
    const first = this.firstPlace(number);
    for (let at = first + WAYS - 1; at > first; at--) {
      this.numbers[at] = this.numbers[at - 1] as number;
      this.marks[at] = this.marks[at - 1] as number;
      this.endings[at] = this.endings[at - 1] as number;
    }
    this.numbers[first] = number;
    this.marks[first] = mark;
    this.endings[first] = ending;
  }

  private grow(): void {
    const { count, numbers, marks, endings } = this;
    this.count = count * WAYS;
    this.numbers = new Float64Array(this.count);
    this.marks = new Uint32Array(this.count);
    this.endings = new Uint8Array(this.count);
    // Entries that share places are stored newest first, and `put` has to see the oldest first.
    for (let at = count - 1; at >= 0; at--) {
      const ending = endings[at] as number;
      if (ending > 0) this.put(numbers[at] as number, marks[at] as number, ending);
    }
  }

  private firstPlace(number: number): number {
    return (number % (this.count / WAYS)) * WAYS;
  }
}

/** Includes `pending`, because a recreated consumer delivers the same message with the same number and time. */
function markOf(timeNs: string, pending: number): number {
  let value = 0;
  for (let at = Math.max(0, timeNs.length - NS_DIGITS); at < timeNs.length; at++) {
    value = value * 10 + timeNs.charCodeAt(at) - ZERO;
  }
  return (value + pending) >>> 0;
}
