/**
 * The sequences of the messages that an own consumer has delivered. What the server sends for the first time it sends in
 * order, so a gap is what the consumer does not want, or, where deliveries have not arrived, what has been lost on its
 * way: swallowed by a network, or sent for a pull of a connection that is gone.
 */
export class ReceivedSequences {
  /** The highest one that has been delivered or need not be, or that the server says it has delivered. */
  highest = 0;
  /** From the first to the last sequence each, lowest first: what is there has perhaps been lost. */
  private gaps: [number, number][] = [];
  private mayHaveLost = false;
  private lastDelivery = 0;

  /** The consumer numbers its deliveries: one that is missing may have been a message above the highest. */
  follow(delivery: number): void {
    if (delivery !== this.lastDelivery + 1) this.mayHaveLost = true;
    this.lastDelivery = delivery;
  }

  /** A message has arrived. `isFirst`: it has not been sent before, and all messages behind it will be sent later. */
  add(sequence: number, isFirst: boolean): void {
    if (sequence > this.highest) {
      if (this.mayHaveLost && sequence > this.highest + 1) this.gaps.push([this.highest + 1, sequence - 1]);
      if (isFirst) this.mayHaveLost = false;
      this.highest = sequence;
    } else if (this.mayBeLost(sequence)) {
      this.gaps = this.gaps.flatMap((gap) => without(gap, sequence));
    }
  }

  /** The connection may have lost deliveries, and the server may count them from another number now. */
  doubt(): void {
    this.mayHaveLost = true;
  }

  /** The server says that it has sent what is wanted up to here. `isSettled`: and that it has verdicts on all of it. */
  learnSent(sequence: number, isSettled: boolean): void {
    // One that was killed may have forgotten what it sent last, and sends it again.
    if (isSettled) this.gaps = this.gaps.filter(([, last]) => last > sequence);
    else if (sequence > this.highest) this.gaps.push([this.highest + 1, sequence]);
    this.highest = Math.max(this.highest, sequence);
  }

  /** Whether a message up to the highest sequence may never have arrived. */
  mayBeLost(sequence: number): boolean {
    return this.gaps.some(([first, last]) => sequence >= first && sequence <= last);
  }

  /** The lowest sequence that may never have arrived. */
  get firstMissing(): number {
    return this.gaps[0]?.[0] ?? this.highest + 1;
  }

  /** Up to here nothing is consumed. */
  startAfter(sequence: number): void {
    this.highest = Math.max(this.highest, sequence);
  }

  /** Forgets the sequences after this one: the stream gives them to other messages. */
  forgetAfter(sequence: number): void {
    this.highest = Math.min(this.highest, sequence);
    this.gaps = this.gaps
      .filter(([first]) => first <= sequence)
      .map(([first, last]) => [first, Math.min(last, sequence)]);
  }
}

function without([first, last]: [number, number], sequence: number): [number, number][] {
  if (sequence < first || sequence > last) return [[first, last]];
  const parts: [number, number][] = [
    [first, sequence - 1],
    [sequence + 1, last],
  ];
  return parts.filter(([first, last]) => first <= last);
}
