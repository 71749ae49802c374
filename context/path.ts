import { CodedError, shown } from '../lib/coded-error';
import { isPlainObject } from '../lib/plain-object';

/** The properties that lead to a value: the key of the context first, then names and indexes in its value. */
export type Path = readonly [key: string, ...properties: (string | number)[]];

const FIRST = /(?<name>[^'".[\] ]+)|"(?<double>[^"]+)"(?=[.[]|$)|'(?<single>[^']+)'(?=[.[]|$)/y;
const NEXT =
  /\.(?<name>[\w$][^'".[\] ]*)|\[(?<index>\d+)\]|\["(?<double>[^"]+)"\]|\['(?<single>[^']+)'\]|(?<=\])(?<bare>[^'".[\] ]+)/y;

/**
 * The path in a property expression such as `a.b["c d"][0]`, as Node-RED's own stores read it. A reference such as
 * `a[msg.topic]` has no message to refer to. Throws `INVALID_EXPR`, a code that Node-RED tests for.
 */
export function parsePath(expression: string): Path {
  // Flows read the same few again and again.
  const known = parsed.get(expression);
  if (known) return known;
  const path = read(expression);
  if (parsed.size >= MAX_PARSED) parsed.clear();
  parsed.set(expression, path);
  return path;
}

const parsed = new Map<string, Path>();
const MAX_PARSED = 1000;

function read(expression: string): Path {
  const path: (string | number)[] = [];
  let at = 0;
  for (let token = FIRST; at < expression?.length || path.length === 0; token = NEXT) {
    token.lastIndex = at;
    // A Function node may name anything, such as a topic that is missing.
    const groups = (expression ?? '') === '' ? undefined : token.exec(expression)?.groups;
    if (!groups) throw new CodedError('INVALID_EXPR', { value: shown(expression) });
    at = token.lastIndex;
    const { name, index, double, single, bare } = groups;
    const isIndex = index !== undefined || (name !== undefined && /^\d+$/.test(name) && expression[at] === '.');
    path.push(isIndex ? Number(index ?? name) : ((name ?? double ?? single ?? bare) as string));
  }
  const [key, ...properties] = path;
  return [String(key), ...properties];
}

/** What JavaScript allows. */
const LONGEST_ARRAY = 2 ** 32 - 1;

/** The value at the end of some properties, `undefined` if there is none. Inherited properties do not count. */
export function valueAt(root: unknown, properties: readonly (string | number)[]): unknown {
  let value = root;
  for (const property of properties) {
    if (value === null || value === undefined || !Object.hasOwn(Object(value), property)) return undefined;
    value = (value as Record<string | number, unknown>)[property];
  }
  return value;
}

/**
 * The root with another value at the end of some properties; what is missing on the way is made. `undefined` removes
 * the property. Only what changes is copied. Throws `BAD_VALUE` where a value can have no such property.
 */
export function withValueAt(root: unknown, path: Path, value: unknown, depth = 1): unknown {
  if (depth === path.length) return value;
  const property = path[depth] as string | number;
  if (root === undefined) {
    if (value === undefined) return undefined;
    return withValueAt(typeof property === 'number' ? [] : {}, path, value, depth);
  }
  if (!canHave(root, property)) {
    if (value === undefined) return root;
    throw new CodedError('BAD_VALUE-property', {
      key: shown(path.slice(0, depth).join('.')),
      property: shown(property),
    });
  }
  const before = valueAt(root, [property]);
  const after = withValueAt(before, path, value, depth + 1);
  return after === before && before !== undefined ? root : withProperty(root, property, after);
}

/** Whether a value can have a property that is stored with it. */
function canHave(value: unknown, property: string | number): value is object {
  // Beyond the last index a property is none of the array's entries, which alone are stored.
  if (Array.isArray(value)) return /^\d+$/.test(String(property)) && Number(property) < LONGEST_ARRAY;
  return typeof value === 'object' && value !== null && isPlainObject(value);
}

/** A copy with another property, or without it. */
function withProperty(object: object, property: string | number, value: unknown): object {
  if (Array.isArray(object)) {
    const copy = [...object];
    // As in Node-RED: `a[0]` closes the gap, `a.0` does not.
    if (value !== undefined) copy[Number(property)] = value;
    else if (typeof property === 'number') copy.splice(property, 1);
    else if (property in copy) copy[Number(property)] = undefined;
    return copy;
  }
  const copy = { ...object };
  if (value === undefined) delete copy[property as keyof typeof copy];
  // A plain assignment to `__proto__` would change the prototype.
  else Object.defineProperty(copy, property, { value, enumerable: true, writable: true, configurable: true });
  return copy;
}
