import { CodedError, shown } from '../../../coded-error';
import { isPublishSubject } from '../../message/subject';

/** What the subjects to acknowledge the messages of one consumer begin with. */
interface Beginning extends Pick<Delivery, 'prefix' | 'stream' | 'consumer'> {
  /** Of the second form, which may have more tokens at the end. */
  mayHaveMore: boolean;
}

/**
 * What the subject to acknowledge a message says about the message:
 * https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-15.md
 */
export interface Delivery {
  /** The beginning that the subjects of all messages of its consumer share, with the last dot. */
  prefix: string;
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

/** Messages that follow each other mostly come from the same consumer. */
let last: Beginning | undefined;

/**
 * Reads the reply subject of a consumed message; `undefined` for any other subject. Called for each message: making
 * an array of tokens would take several times as long.
 */
export function readAckSubject(subject: string): Delivery | undefined {
  const delivery = last && subject.startsWith(last.prefix) ? readDelivery(subject, last) : undefined;
  if (delivery) return delivery;
  last = readBeginning(subject);
  return last && readDelivery(subject, last);
}

function readBeginning(subject: string): Beginning | undefined {
  if (!subject.startsWith(PREFIX)) return undefined;
  const tokens = subject.split('.');
  const dots = tokens.length - 1;
  if (dots !== DOTS && dots < MORE_DOTS) return undefined;
  const mayHaveMore = dots > DOTS;
  const end = mayHaveMore ? 6 : 4;
  const [stream = '', consumer = ''] = tokens.slice(end - 2, end);
  return { prefix: `${tokens.slice(0, end).join('.')}.`, stream, consumer, mayHaveMore };
}

/** Where the next number is read. */
let at = 0;

/** Reads the five tokens that follow; `undefined` if there are less, or more than there may be. */
function readDelivery(subject: string, { prefix, stream, consumer, mayHaveMore }: Beginning): Delivery | undefined {
  at = prefix.length;
  const delivered = readNumber(subject);
  const sequence = readNumber(subject);
  const consumerSequence = readNumber(subject);
  const timeEnd = subject.indexOf('.', at);
  if (timeEnd < 0) return undefined;
  const timeNs = subject.slice(at, timeEnd);
  at = timeEnd + 1;
  const pending = readNumber(subject);
  if (at <= subject.length && !mayHaveMore) return undefined;
  return { prefix, stream, consumer, delivered, sequence, consumerSequence, timeNs, pending };
}

/** Reads a token, and the dot behind it. */
function readNumber(subject: string): number {
  let value = 0;
  for (; at < subject.length; at++) {
    const code = subject.charCodeAt(at);
    if (code === DOT) break;
    value = value * 10 + code - ZERO;
  }
  at++;
  return value;
}

/**
 * Whether two deliveries by consumers of the same name are the same one. A consumer that is made again, even for the
 * same messages, counts from 1 again.
 */
export function isSameDelivery(one: Delivery, other: Delivery): boolean {
  return (
    one.consumerSequence === other.consumerSequence && one.pending === other.pending && one.timeNs === other.timeNs
  );
}

/** Whether a time in nanoseconds since 1970 is later than another one; any time is later than an empty text. */
export function isLater(timeNs: string, other: string): boolean {
  return timeNs.length === other.length ? timeNs > other : timeNs.length > other.length;
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
