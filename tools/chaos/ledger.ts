/**
 * What a stream of messages promises: that what completed is received (`confirmed`); that what is not received is told
 * as a number (`counted`); only that nothing is received twice (`unconfirmed`); that each request is answered by its
 * own reply or fails (`answered`); or that what a server has stored is stored once where the flow relays it to, or is
 * given up (`relayed`).
 */
export type Promised = 'confirmed' | 'counted' | 'unconfirmed' | 'answered' | 'relayed';

/** The receivers of messages that are `relayed`; the last one is a person who deletes them before they are relayed. */
export const SOURCE = 0;
export const TARGET = 1;
export const GIVEN_UP = 2;
export const DELETED = 3;

const OPEN = 'open';
const COMPLETED = 'completed';
/** The outcome of a message whose Node-RED ended before the message did: it may have arrived or not. */
const KILLED = 'KILLED';

/** The codes of messages that may have arrived. */
export const UNCERTAIN = ['UNCONFIRMED', KILLED];

/** Records for each message of a stream its outcome at the sending node, and who has received it. */
export class Ledger {
  /** The number of messages that ended more than once. */
  endedAgain = 0;
  /** The number of messages that are told as lost, in warnings with a number. */
  told = 0;
  /** How often messages were delivered again. */
  deliveredAgain = 0;
  /** The number of replies that belong to another request. */
  mixedUp = 0;
  /** The number of messages that have not ended. */
  openCount = 0;
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
    if (this.promised === 'relayed') return this.openCount + this.missing;
    return this.promised === 'counted' ? this.openCount + Math.max(0, this.lost - this.told) : this.openCount;
  }

  /** How many messages completed, and were never received. */
  get lost(): number {
    return this.count((outcome, isReceived) => outcome === COMPLETED && !isReceived);
  }

  /** How many messages have only been received by the source: neither relayed, nor given up, nor deleted. */
  get missing(): number {
    return this.receivedBy(SOURCE, []);
  }

  /** How many messages one receiver has, and of others only some; by default any may have it. */
  receivedBy(receiver: number, others?: number[]): number {
    const bits = others?.reduce((sum, other) => sum | (1 << other), 1 << receiver);
    return this.receivers.filter((known) => known & (1 << receiver) && (bits === undefined || !(known & ~bits))).length;
  }

  /** Adds a message and returns its number. */
  send(): number {
    this.openCount++;
    this.receivers.push(0);
    return this.outcomes.push(OPEN) - 1;
  }

  end(number: number, code = COMPLETED): void {
    if (this.outcomes[number] === OPEN) this.openCount--;
    else this.endedAgain++;
    this.outcomes[number] = code;
  }

  /** Ends all open messages, because their Node-RED has ended. */
  abandon(): void {
    for (const [number, outcome] of this.outcomes.entries()) if (outcome === OPEN) this.end(number, KILLED);
  }

  /** What the source has stored and has not been relayed is deleted. */
  delete(): void {
    for (const [number, known] of this.receivers.entries()) if (known === 1 << SOURCE) this.receive(number, DELETED);
  }

  /** Several receivers, by number, may receive the same message. */
  receive(number: number, receiver = 0): void {
    const known = this.receivers[number];
    if (known === undefined) throw new Error(`there is no message ${number}`);
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
