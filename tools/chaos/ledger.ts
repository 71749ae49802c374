const OPEN = 0;
const COMPLETED = 1;

/**
 * What became of each message of a stream: how it ended for the node that sent it, and how often the witness got it.
 * Its memory is taken at the start, so that it does not look like a leak.
 */
export class Ledger {
  sent = 0;
  /** How many messages ended more than once. */
  endedAgain = 0;
  private readonly outcomes: Uint8Array;
  private readonly received: Uint8Array;
  /** The codes of errors, by their number in `outcomes` less 2. */
  private readonly codes: string[] = [];

  /** @param room The most messages. */
  constructor(private readonly room: number) {
    this.outcomes = new Uint8Array(room);
    this.received = new Uint8Array(room);
  }

  /** The number of the next message. */
  send(): number {
    if (this.sent === this.room) throw new RangeError(`The ledger has room for ${this.room} messages.`);
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

  /** How many messages are as is wanted: how they ended (`open`, `completed` or a code), and how often they came. */
  count(isWanted: (outcome: string, received: number) => boolean): number {
    let count = 0;
    for (let number = 0; number < this.sent; number++) {
      if (isWanted(this.outcomeOf(number), this.received[number] as number)) count++;
    }
    return count;
  }

  /** How many messages failed, by code. */
  get failures(): Record<string, number> {
    return Object.fromEntries([...this.codes].sort().map((code) => [code, this.count((outcome) => outcome === code)]));
  }

  private outcomeOf(number: number): string {
    const outcome = this.outcomes[number] as number;
    return outcome === OPEN ? 'open' : outcome === COMPLETED ? 'completed' : (this.codes[outcome - 2] as string);
  }
}
