import { CodedError, shown } from '../../coded-error';
import { isPublishSubject } from '../message/subject';

/**
 * What the subject to acknowledge a message says about the message:
 * https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-15.md
 */
export interface Delivery {
  stream: string;
  consumer: string;
  /** How often the server has delivered it, this time included. */
  delivered: number;
  /** Its sequence in the stream, and that of this delivery in the consumer. */
  sequence: number;
  consumerSequence: number;
  /** When it was stored, in nanoseconds since 1970. */
  timeNs: string;
  /** How many messages waited behind it. */
  pending: number;
}

const PREFIX = '$JS.ACK.';

/** The tokens of the first form; the second one has a domain and an account before the stream, and more at its end. */
const TOKENS = 9;
const MORE_TOKENS = 11;

/** Returns a subject to acknowledge a message, or throws `NO_ACK`: it is below `$JS.ACK.` */
export function checkAckSubject(value: unknown): string {
  if (typeof value === 'string' && value.startsWith(PREFIX) && isPublishSubject(value)) return value;
  throw value === undefined ? new CodedError('NO_ACK') : new CodedError('NO_ACK-subject', { value: shown(value) });
}

/** Reads the reply subject of a consumed message; `undefined` if it is not that of one. */
export function readAckSubject(subject: string): Delivery | undefined {
  if (!subject.startsWith(PREFIX)) return undefined;
  const tokens = subject.split('.');
  const at = tokens.length === TOKENS ? 2 : 4;
  if (at === 4 && tokens.length < MORE_TOKENS) return undefined;
  return {
    stream: tokens[at] as string,
    consumer: tokens[at + 1] as string,
    delivered: Number(tokens[at + 2]),
    sequence: Number(tokens[at + 3]),
    consumerSequence: Number(tokens[at + 4]),
    timeNs: tokens[at + 5] as string,
    pending: Number(tokens[at + 6]),
  };
}

/** A time in nanoseconds since 1970 as ISO 8601 with milliseconds. */
export function isoTime(timeNs: string): string {
  return new Date(Number(timeNs.slice(0, -6))).toISOString();
}
