import { PermissionViolationError } from 'nats';

const ESCAPE = /\\(?:u([\da-f]{4})|U([\da-f]{8})|(.))/g;

/** What a server has quoted in an error, as it was: https://pkg.go.dev/strconv#Quote, for text without control characters. */
export function unquote(quoted: string): string {
  return quoted.replace(ESCAPE, (_, short?: string, long?: string, character?: string) => {
    return character ?? String.fromCodePoint(Number.parseInt(short ?? long ?? '', 16));
  });
}

/** The server's word that this client may not publish or subscribe to a subject. */
export class Denial extends PermissionViolationError {
  constructor(
    { message, operation, subject, queue }: PermissionViolationError,
    /** The id of the subscription, where a server names it: when it reloads its rights. */
    readonly sid: number | undefined,
  ) {
    super(message, operation, subject, queue);
  }
}

/**
 * Reads which subject a server denies, or `undefined` where its error says something else.
 *
 * The client leaves the subject as the server quotes it, and then finds no message, request or subscription to one with
 * a quotation mark, a backslash or a character that does not print: as if the server had taken it. It also ignores the
 * id of a subscription, which is all that identifies a member of a queue group after a reload.
 */
export function readDenial(text: string): Denial | undefined {
  const quoted = PermissionViolationError.parse(text);
  if (!quoted) return undefined;
  quoted.subject = unquote(quoted.subject);
  if (quoted.queue) quoted.queue = unquote(quoted.queue);
  const sid = /\(sid "(\d+)"\)$/.exec(text)?.[1];
  return new Denial(quoted, sid === undefined ? undefined : Number(sid));
}
