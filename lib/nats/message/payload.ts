import { isAscii, isUtf8 } from 'node:buffer';
import { isUint8Array } from 'node:util/types';
import { CodedError, shown } from '../../coded-error';

/** What a subscribing node makes of a message's bytes. */
export const OUTPUT = ['auto', 'string', 'buffer', 'json'] as const;
export type Output = (typeof OUTPUT)[number];

const EMPTY = Buffer.alloc(0);

/**
 * The bytes of `msg.payload`: bytes as they are, a string as UTF-8, `undefined` as an empty message,
 * anything else as JSON. Throws `BAD_PAYLOAD` for what JSON cannot say (a circular object, a BigInt, a function).
 */
export function encodePayload(payload: unknown): Uint8Array {
  if (typeof payload === 'string') return Buffer.from(payload);
  if (isUint8Array(payload)) return payload;
  if (payload === undefined) return EMPTY;
  let json: string | undefined;
  try {
    json = JSON.stringify(payload);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/\n.*/s, '') : shown(cause);
    throw new CodedError('BAD_PAYLOAD', { reason }, { cause });
  }
  if (json === undefined) throw new CodedError('BAD_PAYLOAD', { reason: typeof payload });
  return Buffer.from(json);
}

/**
 * `msg.payload` of a message's bytes.
 *
 * `auto`: bytes that are no text are a Buffer, a JSON object or array is parsed, all else is a string
 * (so that `42` and `007` stay text). `json` throws `BAD_JSON` with the start of the text.
 */
export function decodePayload(bytes: Uint8Array, output: Output): unknown {
  // The client's bytes are mostly a Buffer already.
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (output) {
    case 'string':
      return buffer.toString();
    case 'buffer':
      return Buffer.from(buffer); // A copy: the client's bytes are a window on all that the socket read.
    case 'json':
      return parseJson(buffer.toString());
    default:
      return decodeAuto(buffer);
  }
}

function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CodedError('BAD_JSON', { payload: shown(text) }, { cause });
  }
}

function decodeAuto(buffer: Buffer): unknown {
  const text = textOf(buffer);
  if (text === undefined) return Buffer.from(buffer);
  if (!opensJson(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Other than tab, LF and CR: a black picture is valid UTF-8, but no text. */
const CONTROL_CHARACTER = /[^\t\n\r -~\x80-\uffff]/;

/** The text that bytes are, or `undefined` where they are none. */
function textOf(bytes: Buffer): string | undefined {
  const isPlain = isAscii(bytes);
  if (!isPlain && !isUtf8(bytes)) return undefined;
  // Latin-1 decodes faster.
  const text = bytes.toString(isPlain ? 'latin1' : 'utf8');
  return CONTROL_CHARACTER.test(text) ? undefined : text;
}

/** Whether the first character that is no white space opens an object or an array. */
function opensJson(text: string): boolean {
  let at = 0;
  let code = text.charCodeAt(0);
  while (code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d) code = text.charCodeAt(++at);
  return code === 0x7b || code === 0x5b;
}
