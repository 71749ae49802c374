/** How a message has ended: by its verdict, or it is delivered again because there was none in time. */
export const ENDINGS = ['done', 'again', 'giveUp', 'timeout', 'closed'] as const;
export type Ending = (typeof ENDINGS)[number];

/** The last digits of a time tell deliveries of the same number apart: a consumer that is made again counts from 1. */
const NS_DIGITS = 9;
const ZERO = 0x30;

/**
 * How the last messages of one consumer have ended, by the consumer's numbers of their deliveries. They are kept as
 * numbers alone: the objects of thousands of messages would burden the garbage collection.
 */
export class Endings {
  private readonly numbers: Float64Array;
  private readonly times: Uint32Array;
  private readonly endings: Uint8Array;

  /** Remembers this many at most. */
  constructor(private readonly count: number) {
    this.numbers = new Float64Array(count);
    this.times = new Uint32Array(count);
    this.endings = new Uint8Array(count);
  }

  /** `timeNs` is when the message was stored. */
  add(number: number, timeNs: string, ending: Ending): void {
    const at = number % this.count;
    this.numbers[at] = number;
    this.times[at] = lastDigits(timeNs);
    this.endings[at] = ENDINGS.indexOf(ending);
  }

  find(number: number, timeNs: string): Ending | undefined {
    const at = number % this.count;
    if (this.numbers[at] !== number || this.times[at] !== lastDigits(timeNs)) return undefined;
    return ENDINGS[this.endings[at] as number];
  }
}

function lastDigits(timeNs: string): number {
  let value = 0;
  for (let at = Math.max(0, timeNs.length - NS_DIGITS); at < timeNs.length; at++) {
    value = value * 10 + timeNs.charCodeAt(at) - ZERO;
  }
  return value;
}
