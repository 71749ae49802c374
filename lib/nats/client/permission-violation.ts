import { PermissionViolationError } from 'nats';

const ESCAPE = /\\(?:u([\da-f]{4})|U([\da-f]{8})|(.))/g;

/** Reverses the quoting in a server's error: https://pkg.go.dev/strconv#Quote, for text without control characters. */
export function unquote(quoted: string): string {
  return quoted.replace(ESCAPE, (_, short?: string, long?: string, character?: string) => {
    return character ?? String.fromCodePoint(Number.parseInt(short ?? long ?? '', 16));
  });
}

/** The server's error that this client has no permission to publish or subscribe to a subject. */
export class Denial extends PermissionViolationError {
  constructor(
    { message, operation, subject, queue }: PermissionViolationError,
    /** The id of the subscription, which a server names after it has reloaded its permissions. */
    readonly sid: number | undefined,
  ) {
    super(message, operation, subject, queue);
  }
}

/**
 * Reads which subject a server denies; `undefined` for any other error.
 *
 * The client keeps the subject as the server quotes it, so it finds no message, request or subscription for a subject
 * with a quotation mark, a backslash or an unprintable character. It also ignores the id of a subscription, which is
 * the only thing that identifies a member of a queue group after a reload.
 */
export function readDenial(text: string): Denial | undefined {
  const quoted = PermissionViolationError.parse(text);
  if (!quoted) return undefined;
  quoted.subject = unquote(quoted.subject);
  if (quoted.queue) quoted.queue = unquote(quoted.queue);
  const sid = /\(sid "(\d+)"\)$/.exec(text)?.[1];
  return new Denial(quoted, sid === undefined ? undefined : Number(sid));
}
