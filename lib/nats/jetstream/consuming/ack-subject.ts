import { CodedError, shown } from '../../../coded-error';
import { isPublishSubject } from '../../message/subject';

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

/** The dots of the first form; the second one has a domain and an account before the stream, and may have more. */
const DOTS = 8;
const MORE_DOTS = 10;

/** Returns a subject to acknowledge a message, or throws `NO_ACK`: it is below `$JS.ACK.` */
export function checkAckSubject(value: unknown): string {
  if (typeof value === 'string' && value.startsWith(PREFIX) && isPublishSubject(value)) return value;
  throw value === undefined ? new CodedError('NO_ACK') : new CodedError('NO_ACK-subject', { value: shown(value) });
}

const DOT = 0x2e;
const ZERO = 0x30;

/**
 * Reads the reply subject of a consumed message; `undefined` for any other subject. Called for each message: making
 * an array of tokens would take several times as long.
 */
export function readAckSubject(subject: string): Delivery | undefined {
  if (!subject.startsWith(PREFIX)) return undefined;
  let dots = 0;
  for (let at = 0; at < subject.length; at++) if (subject.charCodeAt(at) === DOT) dots++;
  if (dots !== DOTS && dots < MORE_DOTS) return undefined;
  let at = PREFIX.length;
  const token = () => {
    const start = at;
    at = subject.indexOf('.', start);
    if (at < 0) at = subject.length;
    return subject.slice(start, at++);
  };
  const number = () => {
    let value = 0;
    for (; at < subject.length; at++) {
      const code = subject.charCodeAt(at);
      if (code === DOT) break;
      value = value * 10 + code - ZERO;
    }
    at++;
    return value;
  };
  if (dots > DOTS) {
    token();
    token();
  }
  return {
    stream: token(),
    consumer: token(),
    delivered: number(),
    sequence: number(),
    consumerSequence: number(),
    timeNs: token(),
    pending: number(),
  };
}

let lastSecond = '';
let lastIso = '';

/** A time in nanoseconds since 1970 as ISO 8601 with milliseconds. Messages that follow each other share the second. */
export function isoTime(timeNs: string): string {
  const second = timeNs.slice(0, -9);
  if (second !== lastSecond) {
    lastIso = new Date(Number(second) * 1000).toISOString().slice(0, -4);
    lastSecond = second;
  }
  return `${lastIso}${timeNs.slice(-9, -6)}Z`;
}
