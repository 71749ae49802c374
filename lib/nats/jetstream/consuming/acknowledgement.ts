import { CodedError } from '../../../coded-error';
import type { Received } from '../../client/received';
import type { Outcome, Publication } from '../../core/publication';
import { retryWaitMs } from '../../core/retry-wait';
import { NS_PER_MS } from '../api';
import { Exchange } from '../exchanges';
import { readAckSubject } from './ack-subject';

// https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-15.md
export const DONE = Buffer.from('+ACK');
export const WORKING = Buffer.from('+WPI');
export const GIVEN_UP = Buffer.from('+TERM');
export const AGAIN = Buffer.from('-NAK');

/** For how long an acknowledgement is repeated while the server does not answer it, in milliseconds. */
const REPEAT_FOR_MS = 120_000;

/** How often the answer that there is no such consumer is not believed: it comes during an election as well. */
const MAX_UNHEARD = 3;

/** The first and the longest delay before a message is delivered again. */
const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 60_000;

/** How long a message waits after `delivered` deliveries: 1, 2, 4 ... 60 s. */
export function againAfterMs(delivered: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(delivered - 1, 16));
}

/** The acknowledgement that makes a message come again after a delay; 0: at once. */
export function again(delayMs: number): Uint8Array {
  return delayMs > 0 ? Buffer.from(`-NAK {"delay": ${Math.round(delayMs * NS_PER_MS)}}`) : AGAIN;
}

/**
 * The verdict on a message by its handle, which has been checked, and on `others` by theirs: as the server handles them
 * in order, its answer to the last one answers all.
 */
export function verdictOn(subject: string, data: Uint8Array, owner?: object, others?: string[]): Publication {
  return { subject, data, confirm: false, whenDown: 'hold', maxAgeMs: 0, owner, others };
}

/** Verdicts on messages of one consumer, on their way to the server, which confirms them together. */
export class Acknowledgement extends Exchange {
  private unheard = 0;

  /**
   * `outcome` is called once: without an error when the server has confirmed them, else with `NO_CONSUMER`,
   * `UNCONFIRMED`, `PERMISSION` or `CLOSED`.
   */
  constructor(
    readonly publication: Publication,
    private readonly outcome: Outcome,
    /** There may be no such consumer. */
    private readonly onUnheard: () => void = () => {},
  ) {
    super();
  }

  get repeatForMs(): number {
    return REPEAT_FOR_MS;
  }

  onAnswer(msg: Received): number | undefined {
    if (msg.headers?.code === 503) {
      if (this.unheard === MAX_UNHEARD) throw this.noConsumer();
      this.onUnheard();
      return retryWaitMs(this.unheard++);
    }
    this.outcome();
    return undefined;
  }

  onFailed(error: unknown): void {
    this.outcome(error);
  }

  private noConsumer(): CodedError {
    const { stream = '', consumer = '' } = readAckSubject(this.publication.subject) ?? {};
    return new CodedError('NO_CONSUMER', { stream, consumer });
  }
}
