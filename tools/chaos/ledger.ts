const OPEN = 0;
const COMPLETED = 1;

/**
 * Records for each message of a stream its outcome at the sending node, and how often the witness has received it. The
 * memory is allocated at the start, so that it does not look like a leak.
 */
export class Ledger {
  sent = 0;
  /** The number of messages that ended more than once. */
  endedAgain = 0;
  private readonly outcomes: Uint8Array;
  private readonly received: Uint8Array;
  /** The error codes; `outcomes` has their index plus 2. */
  private readonly codes: string[] = [];

  constructor(private readonly capacity: number) {
    this.outcomes = new Uint8Array(capacity);
    this.received = new Uint8Array(capacity);
  }

  /** Adds a message and returns its number. */
  send(): number {
    if (this.sent === this.capacity) throw new RangeError(`The ledger has room for ${this.capacity} messages.`);
    return this.sent++;
  }

  end(number: number, code?: string): void {
    if (this.outcomes[number] !== OPEN) this.endedAgain++;
    if (code !== undefined && !this.codes.includes(code)) this.codes.push(code);
    this.outcomes[number] = code === undefined ? COMPLETED : this.codes.indexOf(code) + 2;
  }

  receive(number: number): void {
    (this.received[number] as number)++;
  }

  /** Counts messages by their outcome (`open`, `completed` or a code) and by how often they were received. */
  count(isWanted: (outcome: string, received: number) => boolean): number {
    let count = 0;
    for (let number = 0; number < this.sent; number++) {
      if (isWanted(this.outcomeOf(number), this.received[number] as number)) count++;
    }
    return count;
  }

  /** The number of failed messages by code. */
  get failures(): Record<string, number> {
    return Object.fromEntries([...this.codes].sort().map((code) => [code, this.count((outcome) => outcome === code)]));
  }

  private outcomeOf(number: number): string {
    const outcome = this.outcomes[number] as number;
    return outcome === OPEN ? 'open' : outcome === COMPLETED ? 'completed' : (this.codes[outcome - 2] as string);
  }
}
