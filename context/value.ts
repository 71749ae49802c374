import {
  isAnyArrayBuffer,
  isBoxedPrimitive,
  isDate,
  isMap,
  isNativeError,
  isRegExp,
  isSet,
  isUint8Array,
} from 'node:util/types';
import { CodedError, shown } from '../lib/coded-error';
import { decodePayload } from '../lib/nats/message/payload';
import { isPlainObject } from '../lib/plain-object';

/** The property that marks an object in place of a value that JSON cannot represent. */
const MARK = '$natshat';

/** No server accepts a message with more bytes: https://docs.nats.io/running-a-nats-service/configuration#limits */
const LARGEST_MIB = 64;

/** The stand-ins for values that JSON does not have; `undefined` has no data. */
interface Marked {
  [MARK]: Kind;
  data?: unknown;
}

type Kind = 'buffer' | 'date' | 'undefined' | 'number' | 'bigint' | 'map' | 'set' | 'object';

/**
 * The bytes of a value: JSON where JSON can represent it. Everything else is an object such as
 * `{"$natshat":"date","data":"2026-01-31T08:00:00.000Z"}`: a Buffer (`buffer`, base64), a Date, `undefined` within an
 * object or an array, NaN, an infinity or -0 (`number`), a BigInt, a Map, a Set, and an object that has a property
 * `$natshat` itself (`object`). Throws `BAD_VALUE` for functions, circular objects and others; `key` is for its text.
 */
export function encodeValue(value: unknown, key: string): Uint8Array {
  const name = shown(key);
  try {
    return Buffer.from(JSON.stringify(new Encoding(name).plain(value)));
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    // A `toJSON` or a getter has thrown, or it is nested too deep.
    const reason = cause instanceof Error ? cause.message.replace(/\n.*/s, '') : shown(cause);
    throw new CodedError('BAD_VALUE', { key: name, reason }, { cause });
  }
}

/**
 * The value in some bytes. What another client has put there may be no JSON: then it is a string, or a Buffer if it is
 * no text.
 */
export function decodeValue(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return decodePayload(bytes, 'auto');
  }
  return text.includes(MARK) ? revived(value) : value;
}

/** A copy of a decoded value that shares nothing with it. */
export function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  if (isUint8Array(value)) return Buffer.from(value);
  if (isDate(value)) return new Date(value);
  if (isMap(value)) return new Map(Array.from(value, ([key, entry]) => [copyOf(key), copyOf(entry)]));
  if (isSet(value)) return new Set(Array.from(value, copyOf));
  const copy: Record<string, unknown> = {};
  // It has no inherited properties.
  for (const name in value) setOwn(copy, name, copyOf((value as Record<string, unknown>)[name]));
  return copy;
}

/** An object with other values of its properties. */
function mapped(object: object, change: (value: unknown) => unknown): object {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(object)) setOwn(copy, name, change(value));
  return copy;
}

/** A plain assignment to `__proto__` would change the prototype. */
function setOwn(object: object, name: string, value: unknown): void {
  if (name !== '__proto__') (object as Record<string, unknown>)[name] = value;
  else Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
}

/** One value on its way to JSON. */
class Encoding {
  /** The objects around the current value. */
  private readonly holders = new Set<object>();
  private room = LARGEST_MIB * 1024 * 1024;

  constructor(private readonly key: string) {}

  /** The value itself, if JSON can represent it and all in it; else something that JSON can represent. */
  plain(value: unknown): unknown {
    this.take(1);
    switch (typeof value) {
      case 'string':
        this.take(value.length);
        return value;
      case 'boolean':
        return value;
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0)
          ? value
          : marked('number', Object.is(value, -0) ? '-0' : `${value}`);
      case 'undefined':
        this.take(20);
        return marked('undefined');
      case 'bigint':
        return marked('bigint', String(value));
      case 'object':
        return value === null ? null : this.held(value);
      default:
        throw this.kindError(`[${typeof value}]`);
    }
  }

  private held(value: object): unknown {
    if (this.holders.has(value)) throw new CodedError('BAD_VALUE-circular', { key: this.key });
    this.holders.add(value);
    const plain = this.object(value);
    this.holders.delete(value);
    return plain;
  }

  private object(value: object): unknown {
    if (Array.isArray(value)) return this.array(value);
    if (isUint8Array(value)) {
      this.take(value.length);
      return marked('buffer', Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64'));
    }
    if (isDate(value)) return marked('date', Number.isNaN(value.getTime()) ? null : value.toISOString());
    if (isMap(value))
      return marked(
        'map',
        Array.from(value, ([key, entry]) => [this.plain(key), this.plain(entry)]),
      );
    if (isSet(value))
      return marked(
        'set',
        Array.from(value, (entry) => this.plain(entry)),
      );
    if (isBoxedPrimitive(value)) return this.plain(value.valueOf());
    if ('toJSON' in value && typeof value.toJSON === 'function') return this.plain(value.toJSON(''));
    if (isLost(value)) throw this.kindError(Object.prototype.toString.call(value));
    const plain = this.properties(value);
    return Object.hasOwn(value, MARK) ? marked('object', plain) : plain;
  }

  /** The array itself, or a copy if one of its entries is not plain. */
  private array(value: unknown[]): unknown[] {
    // Also of one without entries, which may be long.
    this.take(value.length);
    let plain = value;
    for (let at = 0; at < value.length; at++) {
      const after = this.plain(value[at]);
      if (plain !== value) plain.push(after);
      // Not a copy of all: an array with few entries may be long, and is refused further on.
      else if (after !== value[at]) plain = [...value.slice(0, at), after];
    }
    return plain;
  }

  /** The object itself, or a copy if one of its properties is not plain. */
  private properties(value: object): object {
    let plain = value;
    for (const [name, before] of Object.entries(value)) {
      this.take(name.length);
      const after = this.plain(before);
      if (after === before) continue;
      if (plain === value) plain = { ...value };
      setOwn(plain, name, after);
    }
    return plain;
  }

  private take(bytes: number): void {
    this.room -= bytes;
    if (this.room < 0) throw new CodedError('BAD_VALUE-large', { key: this.key, mib: LARGEST_MIB });
  }

  private kindError(kind: string): CodedError {
    return new CodedError('BAD_VALUE-kind', { key: this.key, kind });
  }
}

/** Whether JSON would write an object without its content. */
function isLost(value: object): boolean {
  if (isPlainObject(value)) return false;
  return (
    ArrayBuffer.isView(value) ||
    isAnyArrayBuffer(value) ||
    isNativeError(value) ||
    isRegExp(value) ||
    // A WeakMap, a Promise, or something else without properties.
    Object.keys(value).length === 0
  );
}

function marked(kind: Kind, data?: unknown): Marked {
  return data === undefined ? { [MARK]: kind } : { [MARK]: kind, data };
}

/** The value with all that is marked in it. */
function revived(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(revived);
  if (!Object.hasOwn(value, MARK)) return mapped(value, revived);
  const { [MARK]: kind, data } = value as Marked;
  switch (kind) {
    case 'undefined':
      return undefined;
    case 'buffer':
      return typeof data === 'string' ? Buffer.from(data, 'base64') : value;
    case 'date':
      return new Date(typeof data === 'string' ? data : Number.NaN);
    case 'number':
      return Number(data);
    case 'bigint':
      return typeof data === 'string' && /^-?\d+$/.test(data) ? BigInt(data) : value;
    case 'map':
      return isPairs(data) ? new Map(data.map(([key, entry]) => [revived(key), revived(entry)])) : value;
    case 'set':
      return Array.isArray(data) ? new Set(data.map(revived)) : value;
    case 'object':
      return typeof data === 'object' && data !== null ? mapped(data, revived) : value;
    default:
      return value;
  }
}

function isPairs(data: unknown): data is [unknown, unknown][] {
  return Array.isArray(data) && data.every((pair) => Array.isArray(pair) && pair.length === 2);
}
