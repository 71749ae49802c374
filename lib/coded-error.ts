import { isBoxedPrimitive, isTypedArray } from 'node:util/types';
import { isPlainObject } from './plain-object';

/** The values that a text in a catalogue can refer to, such as `{ subject: '"a..b"' }`. Never a secret. */
type ErrorValues = Record<string, string | number>;

/**
 * An error with a stable `code` that flows may test.
 *
 * `text` is the key of its sentence in a catalogue (below `errors.`): the code itself, or
 * `CODE-variant` where one code has several sentences. `values` are inserted into the sentence.
 * `toString()` begins with the code, so a Catch node shows `BAD_PIXELS: ...`.
 */
export class CodedError extends Error {
  readonly code: string;

  constructor(
    readonly text: string,
    readonly values: ErrorValues = {},
    options?: ErrorOptions,
  ) {
    super(
      Object.entries(values)
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
      options,
    );
    this.code = text.replace(/-.*/, '');
    this.name = this.code;
  }
}

const LONGEST = 80;

/**
 * A value as an error text shows it: as JSON, so that control characters are visible, cut to 80 characters; or the kind
 * of an object whose JSON is empty. Only the start of a large value is read.
 */
export function shown(value: unknown): string {
  let text: string;
  try {
    text = (typeof value === 'number' ? undefined : JSON.stringify(excerpt(value))) ?? String(value);
    if (text === '{}' && !isPlainObject(value as object)) text = kindOf(value);
  } catch {
    text = kindOf(value);
  }
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/**
 * A copy of the part of a value that can be shown; each entry takes at least one character. Throws for a circular
 * value, as JSON does.
 */
function excerpt(whole: unknown): unknown {
  let room = LONGEST;
  const holders: unknown[] = [];
  const copy = (value: unknown, key: string): unknown => {
    const json = jsonOf(value, key);
    if (json !== undefined) room--;
    if (typeof json === 'string') return json.slice(0, LONGEST + 1);
    if (!isObject(json)) return json;
    if (holders.includes(json)) throw new TypeError('circular');
    holders.push(json);
    const list = Array.isArray(json) ? json.slice(0, LONGEST) : undefined;
    const copied: Record<string, unknown> = list ? new Array(list.length) : Object.create(null);
    for (const name of Object.keys(list ?? json)) {
      if (room <= 0) break;
      copied[name.slice(0, LONGEST + 1)] = copy(json[name], name);
    }
    holders.pop();
    return copied;
  };
  return copy(whole, '');
}

/** The value that JSON writes: the result of `toJSON`, or the primitive in a boxed one. */
function jsonOf(value: unknown, key: string): unknown {
  // Cut before a Buffer's `toJSON` lists all its bytes.
  const object = isTypedArray(value) ? value.subarray(0, LONGEST) : value;
  const json = isObject(object) && typeof object.toJSON === 'function' ? object.toJSON(key) : object;
  return isBoxedPrimitive(json) ? json.valueOf() : json;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function kindOf(value: unknown): string {
  try {
    return Object.prototype.toString.call(value);
  } catch {
    return `[${typeof value}]`;
  }
}
