import { isUtf8 } from 'node:buffer';
import { isAnyArrayBuffer, isDate, isMap, isNativeError, isRegExp, isSet, isUint8Array } from 'node:util/types';
import { CodedError, shown } from '../../coded-error';
import { isPlainObject } from '../../plain-object';
import type { Content } from '../client/publish';
import { hasControlCharacter, isPlainAscii } from './control-characters';

/** The forms in which a subscribing node sends a message's bytes. */
export const OUTPUT = ['auto', 'string', 'buffer', 'json'] as const;
export type Output = (typeof OUTPUT)[number];

const EMPTY = Buffer.alloc(0);

/** Reads the true length of a Uint8Array, which a Function may have hidden behind a `length` of its own. */
const { get: lengthOf } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'length') as {
  get(this: Uint8Array): number;
};

/** The bytes of `msg.payload`; see `contentOf`. */
export function encodePayload(payload: unknown): Uint8Array {
  const content = contentOf(payload);
  return typeof content === 'string' ? Buffer.from(content) : content;
}

/** Bytes that `encodePayload` has made of a payload, and that the flow cannot change: its own Buffer is copied. */
export function detached(bytes: Uint8Array, payload: unknown): Uint8Array {
  return bytes === payload ? Buffer.from(bytes) : bytes;
}

/**
 * What a message carries for `msg.payload`: bytes as they are in memory, a string, `undefined` as an empty message,
 * anything else as JSON. Throws `BAD_PAYLOAD` for values that JSON cannot represent (a circular object, a BigInt, a function) or
 * would write as `{}` or `null` (a Map, an Error, NaN); within objects and arrays the rules of JSON apply.
 */
export function contentOf(payload: unknown): Content {
  if (typeof payload === 'string') return payload;
  if (isUint8Array(payload)) return payload.length === lengthOf.call(payload) ? payload : new Uint8Array(payload);
  if (payload === undefined) return EMPTY;
  try {
    if (isPlain(payload)) return toJson(payload);
    if (ArrayBuffer.isView(payload)) return copyOf(payload.buffer, payload.byteOffset, payload.byteLength);
    if (isAnyArrayBuffer(payload)) return copyOf(payload, 0, payload.byteLength);
    const json = toJson(payload);
    if (isLost(payload, json)) throw new CodedError('BAD_PAYLOAD-kind', { kind: kindOf(payload) });
    return json;
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    const reason = cause instanceof Error ? cause.message.replace(/\n.*/s, '') : shown(cause);
    throw new CodedError('BAD_PAYLOAD', { reason }, { cause });
  }
}

function copyOf(memory: ArrayBufferLike, offset: number, length: number): Buffer {
  return Buffer.from(new Uint8Array(memory, offset, length));
}

/** Whether JSON has a form of its own for a value: null, true, false, a finite number, an array or a plain object. */
function isPlain(payload: unknown): boolean {
  if (typeof payload !== 'object') return typeof payload === 'boolean' || Number.isFinite(payload);
  return payload === null || Array.isArray(payload) || isPlainObject(payload);
}

function toJson(payload: unknown): string {
  const json = JSON.stringify(payload);
  if (json === undefined) throw new CodedError('BAD_PAYLOAD', { reason: typeof payload });
  return json;
}

/** Whether JSON loses the content of a value. Not if the object has its own `toJSON`. */
function isLost(payload: unknown, json: string): boolean {
  if (json === 'null') return true;
  if (typeof (payload as { toJSON?: unknown }).toJSON === 'function') return false;
  // These may have properties as well, such as the code of an error.
  return json === '{}' || isNativeError(payload) || isMap(payload) || isSet(payload) || isRegExp(payload);
}

/** The name of a kind of value: `Map`, `NaN`, or the class of an object. */
function kindOf(payload: unknown): string {
  if (typeof payload !== 'object' || payload === null) return String(payload);
  if (isDate(payload)) return 'Invalid Date';
  const tag = Object.prototype.toString.call(payload).slice('[object '.length, -1);
  return (tag === 'Object' && payload.constructor?.name) || tag;
}

/**
 * `msg.payload` of a message's bytes, from `start` to `end`.
 *
 * `auto`: a JSON object or array is parsed, other text is a string (so that `42` and `007` stay text), and anything
 * else is a Buffer. `json` throws `BAD_JSON` with the start of the text.
 */
export function decodePayload(bytes: Uint8Array, output: Output, start = 0, end = bytes.length): unknown {
  // What was received is a Buffer already.
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (output) {
    case 'string':
      return buffer.toString('utf8', start, end);
    case 'buffer':
      return copyOfPart(buffer, start, end);
    case 'json':
      return parseJson(buffer.toString('utf8', start, end));
    default:
      return decodeAuto(buffer, start, end);
  }
}

/** A copy, because the bytes of a message are in the chunk that the socket has read. */
function copyOfPart(bytes: Buffer, start: number, end: number): Buffer {
  return Buffer.from(bytes.subarray(start, end));
}

function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CodedError('BAD_JSON', { payload: shown(text) }, { cause });
  }
}

function decodeAuto(bytes: Buffer, start: number, end: number): unknown {
  const text = textOf(bytes, start, end);
  if (text === undefined) return copyOfPart(bytes, start, end);
  if (!opensJson(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The text in the bytes, or `undefined` if they are not text: a black picture is valid UTF-8, but not text. */
function textOf(bytes: Buffer, start: number, end: number): string | undefined {
  // Latin-1 decodes faster.
  if (isPlainAscii(bytes, start, end)) return bytes.toString('latin1', start, end);
  const part = bytes.subarray(start, end);
  return isUtf8(part) && !hasControlCharacter(part) ? part.toString() : undefined;
}

/** Whether the first character after white space opens an object or an array. */
function opensJson(text: string): boolean {
  let at = 0;
  let code = text.charCodeAt(0);
  while (code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d) code = text.charCodeAt(++at);
  return code === 0x7b || code === 0x5b;
}
