import type { Delivery } from './ack-subject';

/** How a message has ended: by its verdict, or it is delivered again because there was none in time. */
export const ENDINGS = ['done', 'again', 'giveUp', 'timeout', 'closed'] as const;
export type Ending = (typeof ENDINGS)[number];

/** The last digits of the time distinguish deliveries with the same number: a recreated consumer counts from 1 again. */
const NS_DIGITS = 9;
const ZERO = 0x30;

/** The number of places for entries with the same number, as consumers of the same name on several servers have them. */
const WAYS = 4;

/** The number of places at first: where there are many consumers, most have few messages. */
const FIRST_COUNT = 64;

/**
 * How the last messages of one consumer have ended, by the consumer's numbers of their deliveries. They are kept as
 * numbers alone: the objects of thousands of messages would burden the garbage collection.
 */
export class Endings {
  private places: Places;

  /** Remembers this many at most, a power of four. */
  constructor(private readonly most: number) {
    this.places = makePlaces(Math.min(most, FIRST_COUNT));
  }

  /** The number of places. */
  get count(): number {
    return this.places.endings.length;
  }

  /** Grows if the places for this number are full; at its largest size, it overwrites the oldest entry there. */
  add({ consumerSequence, timeNs, pending }: Delivery, ending: Ending): void {
    const last = this.firstPlace(consumerSequence) + WAYS - 1;
    if (this.count < this.most && (this.places.endings[last] as number) > 0) this.grow();
    this.put(consumerSequence, markOf(timeNs, pending), ENDINGS.indexOf(ending) + 1);
  }

  find({ consumerSequence, timeNs, pending }: Delivery): Ending | undefined {
    const first = this.firstPlace(consumerSequence);
    const mark = markOf(timeNs, pending);
    const { numbers, marks, endings } = this.places;
    for (let at = first; at < first + WAYS; at++) {
      if (numbers[at] !== consumerSequence || marks[at] !== mark) continue;
      const ending = endings[at] as number;
      if (ending > 0) return ENDINGS[ending - 1];
    }
    return undefined;
  }

  private put(number: number, mark: number, ending: number): void {
    const first = this.firstPlace(number);
    const { numbers, marks, endings } = this.places;
    for (let at = first + WAYS - 1; at > first; at--) {
      numbers[at] = numbers[at - 1] as number;
      marks[at] = marks[at - 1] as number;
      endings[at] = endings[at - 1] as number;
    }
    numbers[first] = number;
    marks[first] = mark;
    endings[first] = ending;
  }

  private grow(): void {
    const { count } = this;
    const { numbers, marks, endings } = this.places;
    this.places = makePlaces(count * WAYS);
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

/** An entry takes the same place in each array. */
interface Places {
  numbers: Float64Array;
  marks: Uint32Array;
  /** Counted from 1; 0: the place is free. */
  endings: Uint8Array;
}

function makePlaces(count: number): Places {
  return { numbers: new Float64Array(count), marks: new Uint32Array(count), endings: new Uint8Array(count) };
}

/** Includes `pending`, because a recreated consumer delivers the same message with the same number and time. */
function markOf(timeNs: string, pending: number): number {
  let value = 0;
  for (let at = Math.max(0, timeNs.length - NS_DIGITS); at < timeNs.length; at++) {
    value = value * 10 + timeNs.charCodeAt(at) - ZERO;
  }
  return (value + pending) >>> 0;
}
