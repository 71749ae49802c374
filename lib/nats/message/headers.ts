import type { MsgHdrs } from 'nats';
import { CodedError, shown } from '../../coded-error';
import { isPlainObject } from '../../plain-object';
import { readHeaders, writeHeaders } from '../client/headers';

/** Headers as flows see them: a string or several, in order, for each name. Names keep their case. */
export type PlainHeaders = Record<string, string | string[]>;

// Printable ASCII without the colon: https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-4.md
const NAME = /^[!-9;-~]+$/;
const VALUE = /^[^\r\n\0]*$/;

/**
 * NATS headers, as they are in a message, of an object or of pairs, such as a Map or Headers, whose values are strings,
 * numbers, booleans or arrays of those. `undefined` for no headers. Throws `BAD_HEADERS` with the invalid name.
 */
export function encodeHeaders(given: unknown): Uint8Array | undefined {
  if (given === undefined || given === null) return undefined;
  const encoded = new Map<string, string[]>();
  for (const [name, value] of entriesOf(given)) {
    if (typeof name !== 'string' || !NAME.test(name)) throw new CodedError('BAD_HEADERS-name', { name: shown(name) });
    const values = Array.from(Array.isArray(value) ? value : [value], (one) => headerValue(name, one));
    const before = encoded.get(name);
    if (before) for (const one of values) before.push(one);
    else if (values.length > 0) encoded.set(name, values);
  }
  return encoded.size > 0 ? writeHeaders(encoded) : undefined;
}

/** Encoded headers with further ones, whose names and values have been checked. */
export function withHeaders(
  encoded: Uint8Array | undefined,
  further: readonly [name: string, value: string][],
): Uint8Array {
  const own = further.map(([name, value]): [string, string[]] => [name, [value]]);
  return writeHeaders(encoded ? new Map([...readHeaders(encoded), ...own]) : own);
}

/** The pairs of an iterable, or the properties of any other object: a Date has none. */
function entriesOf(given: unknown): [name: unknown, value: unknown][] {
  if (typeof given === 'object' && given !== null) {
    if (Symbol.iterator in given) {
      const pairs = [...(given as Iterable<unknown>)];
      if (pairs.every((pair) => Array.isArray(pair) && pair.length === 2)) return pairs as [unknown, unknown][];
    } else {
      const entries = Object.entries(given);
      if (entries.length > 0 || isPlainObject(given)) return entries;
    }
  }
  throw new CodedError('BAD_HEADERS-object', { value: shown(given) });
}

function headerValue(name: string, value: unknown): string {
  if (!['string', 'number', 'boolean'].includes(typeof value) || !VALUE.test(String(value))) {
    throw new CodedError('BAD_HEADERS-value', { name: shown(name), value: shown(value) });
  }
  return String(value).trim();
}

/**
 * The plain object of NATS headers; `undefined` where there are none. The status line of a message from the server,
 * such as `503` if a request has no responder, becomes `Status` and `Description`, as in the Go client.
 */
export function decodeHeaders(encoded: MsgHdrs | undefined): PlainHeaders | undefined {
  if (encoded === undefined) return undefined;
  const entries: [string, string | string[]][] = [];
  if (encoded.code > 0) entries.push(['Status', String(encoded.code)], ['Description', encoded.description]);
  for (const [name, values] of encoded) {
    entries.push([name, values.length === 1 ? (values[0] as string) : [...values]]);
  }
  // fromEntries defines own properties, so a header called __proto__ is only data.
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

/** Headers that a user has typed: a JSON object, or nothing. Throws `BAD_HEADERS`. */
export function parseHeaders(json: string | undefined): unknown {
  if (!json) return undefined;
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new CodedError('BAD_HEADERS-json', { value: shown(json) }, { cause });
  }
}
