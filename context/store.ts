import { CodedError, shown } from '../lib/coded-error';
import { checkKey } from '../lib/nats/jetstream/kv/key';
import { within } from '../lib/within';
import { bucketKey, type Place } from './key';
import { log } from './node-red';
import { parsePath, valueAt, withValueAt } from './path';
import { Replica } from './replica';
import type { ContextSettings } from './settings';
import { contextError } from './texts';
import { copyOf, encodeValue } from './value';
import { Change } from './values';
import type { WriteOutcome } from './writes';

/** How Node-RED hears of an outcome: an error or `undefined` first, then the values. */
type Callback = (error?: unknown, ...values: unknown[]) => void;

/** How long `delete` waits for a server that may be away. */
const DELETE_MS = 2000;

/** The methods of the global context, which Node-RED's own stores do not list as keys either. */
const METHODS = ['get', 'set', 'keys'];

/**
 * A context store for Node-RED in a key-value bucket: https://nodered.org/docs/api/context/
 *
 * All that it throws and calls back with has a `code` and a sentence in the language of Node-RED's log.
 */
export class ContextStore {
  private replica: Replica | undefined;
  /** The codes of failures that nobody waited for, since the last success. */
  private readonly logged = new Set<string>();

  constructor(private readonly settings: ContextSettings) {}

  /** Resolves when the values are there, or after a while without them: Node-RED starts also without a server. */
  async open(): Promise<void> {
    this.replica = new Replica(this.settings);
    await this.replica.opened();
  }

  /** Resolves within 2 s, when the bucket has all changes if that is possible. */
  async close(): Promise<void> {
    const { replica } = this;
    this.replica = undefined;
    await replica?.close();
  }

  /** A value, or those of several keys. Objects are copies: changing one does not change the context. */
  get(scope: string, key: string | string[], callback?: Callback): unknown {
    const isList = Array.isArray(key);
    let found: unknown;
    try {
      found = isList ? key.map((one) => this.read(scope, one)) : this.read(scope, key);
    } catch (error) {
      if (!callback) throw contextError(error);
      callback(contextError(error));
      return undefined;
    }
    if (!callback) return found;
    if (isList) callback(undefined, ...(found as unknown[]));
    else callback(undefined, found);
    return undefined;
  }

  /** Changes a value or several; `undefined` deletes. All of them or none. The callback waits until the bucket has them. */
  set(scope: string, key: string | string[], value: unknown, callback?: Callback): void {
    if (callback !== undefined && typeof callback !== 'function') throw new TypeError('the callback is no function');
    const keys = Array.isArray(key) ? key : [key];
    const values = Array.isArray(key) && Array.isArray(value) ? value : [value];
    let changes: Change[];
    try {
      changes = this.changesOf(scope, keys, values);
      if (changes.length > 0) {
        const outcome = callback ? ofAll(changes, (error) => this.answer(callback, error)) : this.onUnheard;
        this.use().change(changes, outcome);
      }
    } catch (error) {
      if (!callback) throw contextError(error);
      callback(contextError(error));
      return;
    }
    if (changes.length === 0) callback?.();
  }

  /** The keys of a scope. */
  keys(scope: string, callback?: Callback): unknown {
    let keys: string[];
    try {
      keys = this.use().keys(scope);
    } catch (error) {
      if (!callback) throw contextError(error);
      callback(contextError(error));
      return undefined;
    }
    if (scope === 'global') keys = keys.filter((key) => !METHODS.includes(key));
    if (!callback) return keys;
    callback(undefined, keys);
    return undefined;
  }

  /** Deletes all values of a scope, for everybody who shares the bucket. */
  async delete(scope: string): Promise<void> {
    let failed: unknown;
    const deleted = new Promise<void>((resolve) => {
      this.remove(scope, (error) => {
        failed = error;
        resolve();
      });
    });
    await within(DELETE_MS, deleted);
    if (failed) throw contextError(failed);
  }

  /**
   * Called at each deploy with the ids of all flows and nodes of this Node-RED. Others may share the bucket and have other
   * ones, so nothing is deleted unless the settings say so. A deploy waits for this, so it neither waits nor fails.
   */
  async clean(activeIds: string[]): Promise<void> {
    if (!this.settings.clean || !this.replica) return;
    const active = new Set(activeIds);
    for (const scope of this.replica.scopes()) {
      const [flow = '', node] = scope.split(':').reverse();
      const isActive = scope === 'global' || (isOf(active, flow) && (node === undefined || active.has(node)));
      if (!isActive) this.remove(scope, this.onUnheard);
    }
  }

  private use(): Replica {
    if (!this.replica) throw new CodedError('CLOSED-context');
    return this.replica;
  }

  private read(scope: string, expression: string): unknown {
    const path = parsePath(expression);
    const value = this.use().read(scope, path[0]);
    return copyOf(path.length === 1 ? value : valueAt(value, path.slice(1)));
  }

  /** The changes of whole values that some properties make. */
  private changesOf(scope: string, expressions: string[], values: unknown[]): Change[] {
    const replica = this.use();
    const changed = new Map<string, unknown>();
    for (const [at, expression] of expressions.entries()) {
      // As Node-RED's own stores: a value that is missing is null.
      const value = at < values.length ? values[at] : null;
      const path = parsePath(expression);
      const [key] = path;
      const before = () => (changed.has(key) ? changed.get(key) : replica.read(scope, key));
      changed.set(key, path.length === 1 ? value : withValueAt(before(), path, value));
    }
    const changes = Array.from(changed, ([key, value]) => changeOf(scope, key, value));
    return changes.filter(({ data }, at) => data || replica.has(scope, [...changed.keys()][at] as string));
  }

  private remove(scope: string, outcome: WriteOutcome): void {
    try {
      const replica = this.use();
      const changes = replica.keys(scope).map((key) => changeOf(scope, key, undefined));
      if (changes.length === 0) outcome();
      else replica.change(changes, ofAll(changes, outcome));
    } catch (error) {
      outcome(error);
    }
  }

  /** Nobody would catch what a callback throws later, and Node-RED would end. */
  private answer(callback: Callback, error: unknown): void {
    if (!error) this.logged.clear();
    try {
      callback(error && contextError(error));
    } catch (thrown) {
      log('error', this.settings.kv.bucket, String(thrown));
    }
  }

  /**
   * The outcome of a change that nobody waits for: in the log, of each code one line until a change is stored again. One
   * function for all of them, as a flow may change a value any number of times during an outage.
   */
  private readonly onUnheard: WriteOutcome = (error) => {
    if (!error) {
      this.logged.clear();
      return;
    }
    const { name, message } = contextError(error);
    // What is not stored because the store is closed has been counted in the log.
    if (name !== 'CLOSED' && !this.logged.has(name)) {
      this.logged.add(name);
      const notStored = new CodedError('NOT_STORED', { reason: message });
      log('error', this.settings.kv.bucket, contextError(notStored).message);
    }
  };
}

/**
 * Whether a flow is one of some, or is within one: a subflow within an instance of another one has the id
 * `INSTANCE-NODE`, which Node-RED does not list at any depth.
 */
function isOf(ids: Set<string>, id: string): boolean {
  const parts = id.split('-');
  return parts.some((_, at) => ids.has(parts.slice(0, at + 1).join('-')));
}

/** Waits for the outcomes of all changes, and tells the first error. */
function ofAll({ length }: Change[], outcome: WriteOutcome): WriteOutcome {
  let left = length;
  let failed: unknown;
  return (error) => {
    failed ??= error;
    left--;
    if (left === 0) outcome(failed);
  };
}

/** Throws `BAD_KEY` for a key that is too long, and `BAD_VALUE`. */
function changeOf(scope: string, key: string, value: unknown): Change {
  const place = { scope, key };
  const data = value === undefined ? undefined : encodeValue(value, key);
  return new Change(place, checkedKey(place), data);
}

/** All characters are escaped, so that only the length can be wrong. */
function checkedKey(place: Place): string {
  try {
    return checkKey(bucketKey(place));
  } catch (cause) {
    throw new CodedError('BAD_KEY-context', { value: shown(place.key) }, { cause });
  }
}
