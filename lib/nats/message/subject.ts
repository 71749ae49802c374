import { CodedError, shown } from '../../coded-error';

// Naming rules: https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-6.md
// Half a surrogate pair (Cs) has no UTF-8 bytes of its own: all such subjects would become the same one.
const TERM = String.raw`[^.*>\s\p{Cc}\p{Cs}]+`;
const PUBLISH = new RegExp(`^${TERM}(?:\\.${TERM})*$`, 'u');
const SUBSCRIBE = new RegExp(`^(?:>|(?:\\*|${TERM})(?:\\.(?:\\*|${TERM}))*(?:\\.>)?)$`, 'u');

const RESERVED_REPLY = /^(?:_R_|_GR_|\$JS\.ACK)\./;

/** A server ends the connection on a protocol line of more than 4,096 bytes; two subjects of this length fit in one. */
const MAX_BYTES = 1900;

function fits(subject: string): boolean {
  return subject.length * 3 <= MAX_BYTES || Buffer.byteLength(subject) <= MAX_BYTES;
}

/** A subject to publish to: tokens separated by dots, none empty, no wildcard, white space or control character. */
export function isPublishSubject(subject: string): boolean {
  return PUBLISH.test(subject) && fits(subject);
}

/** A subject to subscribe to: `*` matches one token, `>` at the end matches one or more. */
export function isSubscribeSubject(subject: string): boolean {
  return SUBSCRIBE.test(subject) && fits(subject);
}

/** Whether a reply subject is reserved: the server drops messages with it. */
export function isReservedReply(subject: string): boolean {
  return RESERVED_REPLY.test(subject);
}

/** A queue group follows the rules of a subject to publish to. */
const isQueueGroup = isPublishSubject;

function checked(text: string, isValid: (value: string) => boolean) {
  return (value: unknown): string => {
    if (typeof value === 'string' && isValid(value)) return value;
    const missing = value === undefined || value === null || value === '';
    throw new CodedError(missing ? `${text.split('-')[0]}-missing` : text, { value: shown(value) });
  };
}

/** Returns a subject to publish to, or throws `BAD_SUBJECT`. */
export const checkPublishSubject = checked('BAD_SUBJECT-publish', isPublishSubject);

/** Returns a subject to subscribe to, or throws `BAD_SUBJECT`. */
export const checkSubscribeSubject = checked('BAD_SUBJECT-subscribe', isSubscribeSubject);

/** Returns a reply subject, or throws `BAD_REPLY`. */
export const checkReplySubject = checked('BAD_REPLY', isPublishSubject);

/** Returns a queue group, or throws `BAD_QUEUE`. */
export const checkQueueGroup = checked('BAD_QUEUE', isQueueGroup);
