import { errors } from 'nats';

const { PermissionViolationError } = errors;

const ESCAPE = /\\(?:u([\da-f]{4})|U([\da-f]{8})|(.))/g;

/** What a server has quoted in an error, as it was: https://pkg.go.dev/strconv#Quote, for text without control characters. */
export function unquote(quoted: string): string {
  return quoted.replace(ESCAPE, (_, short?: string, long?: string, character?: string) => {
    return character ?? String.fromCodePoint(Number.parseInt(short ?? long ?? '', 16));
  });
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
  return new PermissionViolationError(text, operation, unquote(subject), queue && unquote(queue));
};
