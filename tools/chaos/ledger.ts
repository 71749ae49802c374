/**
 * What a stream of messages promises: that what completed is received (`confirmed`); that what is not received is told
 * as a number (`counted`); only that nothing is received twice (`unconfirmed`); or that each request is answered by its
 * own reply or fails (`answered`).
 */
export type Promised = 'confirmed' | 'counted' | 'unconfirmed' | 'answered';

const OPEN = 'open';
const COMPLETED = 'completed';

/** Records for each message of a stream its outcome at the sending node, and who has received it. */
export class Ledger {
  /** The number of messages that ended more than once. */
  endedAgain = 0;
  /** The number of messages that are told as lost, in warnings with a number. */
  told = 0;
  /** The number of replies that belong to another request. */
  mixedUp = 0;
  private open = 0;
  /** `open`, `completed` or an error code. */
  private readonly outcomes: string[] = [];
  /** A bit for each receiver that has the message. */
  private readonly receivers: number[] = [];
  private readonly twice = new Set<number>();

  constructor(readonly promised: Promised) {}

  get sent(): number {
    return this.outcomes.length;
  }

  /** How many messages received more than once by the same receiver. */
  get receivedTwice(): number {
    return this.twice.size;
  }

  /** How many messages may still end or arrive. */
  get pending(): number {
    return this.promised === 'counted' ? this.open + Math.max(0, this.lost - this.told) : this.open;
  }

  /** How many messages completed, and were never received. */
  get lost(): number {
    return this.count((outcome, isReceived) => outcome === COMPLETED && !isReceived);
  }

  /** Adds a message and returns its number. */
  send(): number {
    this.open++;
    this.receivers.push(0);
    return this.outcomes.push(OPEN) - 1;
  }

  end(number: number, code = COMPLETED): void {
    if (this.outcomes[number] === OPEN) this.open--;
    else this.endedAgain++;
    this.outcomes[number] = code;
  }

  /** Several receivers, by number, may receive the same message. */
  receive(number: number, receiver = 0): void {
    const known = this.receivers[number] as number;
    if (known & (1 << receiver)) this.twice.add(number);
    this.receivers[number] = known | (1 << receiver);
  }

  /** Counts messages by their outcome (`open`, `completed` or a code) and by whether they were received. */
  count(isWanted: (outcome: string, isReceived: boolean) => boolean): number {
    return this.outcomes.filter((outcome, number) => isWanted(outcome, this.receivers[number] !== 0)).length;
  }

  /** The number of failed messages by code. */
  get failures(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const outcome of this.outcomes) {
      if (outcome !== OPEN && outcome !== COMPLETED) counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
    return counts;
  }
}
