import { errors } from 'nats';

const { PermissionViolationError } = errors;

const ESCAPE = /\\(?:u([\da-f]{4})|U([\da-f]{8})|(.))/g;

/** What a server has quoted in an error, as it was: https://pkg.go.dev/strconv#Quote, for text without control characters. */
export function unquote(quoted: string): string {
  return quoted.replace(ESCAPE, (_, short?: string, long?: string, character?: string) => {
    return character ?? String.fromCodePoint(Number.parseInt(short ?? long ?? '', 16));
  });
}

let read = 0;
const numbers = new WeakMap<Error, number>();

/** How many refusals have been read so far, of all servers: tells those before an answer from those behind it. */
export function refusalsRead(): number {
  return read;
}

/** The number of a refusal among those that have been read. */
export function refusalNumber(refusal: Error): number {
  return numbers.get(refusal) ?? read;
}

const readQuoted = PermissionViolationError.parse;

/**
 * Reads which subject a server refuses; replaces the client's reader.
 *
 * That one leaves the subject as the server quotes it, and then finds no message, request or subscription to one with
 * a quotation mark, a backslash or a character that does not print: as if the server had taken it.
 */
PermissionViolationError.parse = (text) => {
  const quoted = readQuoted(text);
  if (!quoted) return null;
  const { operation, subject, queue } = quoted;
  const refusal = new PermissionViolationError(text, operation, unquote(subject), queue && unquote(queue));
  numbers.set(refusal, ++read);
  return refusal;
};
