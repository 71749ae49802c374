/** Counts numbered messages, which may arrive in any order: each number from 0 should arrive once. */
export class Tally {
  sent = 0;
  /** The different numbers that have arrived. */
  received = 0;
  /** How often a number arrived that had arrived before. */
  twice = 0;
  /** All smaller numbers have arrived, and of the larger ones those in `early`. */
  private next = 0;
  private readonly early = new Set<number>();

  /** The number of the message that is sent now. */
  send(): number {
    return this.sent++;
  }

  receive(number: number): void {
    if (number < this.next || this.early.has(number)) {
      this.twice++;
      return;
    }
    this.received++;
    this.early.add(number);
    while (this.early.delete(this.next)) this.next++;
  }

  get missing(): number {
    return this.sent - this.received;
  }
}
