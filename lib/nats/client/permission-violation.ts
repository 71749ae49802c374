import { PermissionViolationError } from 'nats';

const ESCAPE = /\\(?:u([\da-f]{4})|U([\da-f]{8})|(.))/g;

/** What a server has quoted in an error, as it was: https://pkg.go.dev/strconv#Quote, for text without control characters. */
export function unquote(quoted: string): string {
  return quoted.replace(ESCAPE, (_, short?: string, long?: string, character?: string) => {
    return character ?? String.fromCodePoint(Number.parseInt(short ?? long ?? '', 16));
  });
}

/**
 * The server's word that this client may not publish or subscribe to a subject.
 *
 * The client leaves the subject as the server quotes it, and then finds no message, request or subscription to one with
 * a quotation mark, a backslash or a character that does not print: as if the server had taken it.
 */
export class Denial extends PermissionViolationError {
  constructor(
    { message, operation, subject, queue }: PermissionViolationError,
    /** Which of the denials on its connection this is, from 1 on. */
    readonly number: number,
  ) {
    super(message, operation, unquote(subject), queue && unquote(queue));
  }
}

/** Reads a denial, or `undefined` where the server's error says something else. */
export function readDenial(text: string, number: number): Denial | undefined {
  const quoted = PermissionViolationError.parse(text);
  return quoted ? new Denial(quoted, number) : undefined;
}
