import type { Place } from './key';
import { decodeValue } from './value';

/** A value in its bytes, decoded when it is first read. */
class Stored {
  private value: unknown;

  constructor(private data: Uint8Array | undefined) {}

  read(): unknown {
    if (this.data) {
      this.value = decodeValue(this.data);
      this.data = undefined;
    }
    return this.value;
  }
}

/** A value that this store puts, or without data deletes. */
export class Change {
  readonly stored: Stored | undefined;

  constructor(
    readonly place: Place,
    /** The key in the bucket. */
    readonly key: string,
    readonly data: Uint8Array | undefined,
  ) {
    this.stored = data && new Stored(data);
  }
}

/** What is known of one value. */
interface Known {
  /** As the bucket has it; without a value it is deleted. */
  stored: Stored | undefined;
  revision: number;
  /** Whether it was stored in a bucket that has lost values since, and is to be told again. */
  isOld: boolean;
  /** The newest change that the bucket does not have yet. */
  change: Change | undefined;
}

/** The values of a bucket as a watch tells them, and over them the changes that the bucket does not have yet. */
export class Values {
  private readonly byScope = new Map<string, Map<string, Known>>();
  /** The last revision that the watch has told. */
  private told = 0;

  /** The value of a key, which belongs to the store; `undefined` if there is none. */
  read(scope: string, key: string): unknown {
    const known = this.byScope.get(scope)?.get(key);
    return known && (known.change ? known.change.stored : known.stored)?.read();
  }

  /** Whether a key has a change that the bucket does not have yet. */
  isChanging(scope: string, key: string): boolean {
    return this.find({ scope, key })?.change !== undefined;
  }

  has(scope: string, key: string): boolean {
    const known = this.find({ scope, key });
    return known !== undefined && isPresent(known);
  }

  /** The keys of a scope that have a value, in the order in which they were first known. */
  keys(scope: string): string[] {
    const entries = [...(this.byScope.get(scope) ?? [])];
    return entries.filter(([, known]) => isPresent(known)).map(([key]) => key);
  }

  /** The scopes with values. */
  scopes(): string[] {
    const entries = [...this.byScope].filter(([, keys]) => [...keys.values()].some(isPresent));
    return entries.map(([scope]) => scope);
  }

  /** A change counts from now on. */
  change(change: Change): void {
    const known = this.find(change.place) ?? this.add(change.place);
    known.change = change;
  }

  /** The bucket has a change. */
  onStored(change: Change, revision: number): void {
    const known = this.find(change.place);
    if (!known) return;
    if (known.change === change) known.change = undefined;
    // Someone else may have changed it afterwards.
    if (revision > known.revision) {
      known.stored = change.stored;
      known.revision = revision;
      known.isOld = false;
    }
    this.forgetIfGone(change.place, known);
  }

  /** The bucket does not get a change: the value is again as the bucket has it. */
  onFailed(change: Change): void {
    const known = this.find(change.place);
    if (known?.change !== change) return;
    known.change = undefined;
    this.forgetIfGone(change.place, known);
  }

  /** The watch tells a value, or without data that it has been deleted. */
  onTold(place: Place, revision: number, data: Uint8Array | undefined): void {
    // Revisions only grow, so this is another bucket.
    if (revision <= this.told) this.onBucketGone();
    this.told = revision;
    const known = this.find(place) ?? this.add(place);
    if (revision > known.revision) {
      known.stored = data && new Stored(data);
      known.revision = revision;
      known.isOld = false;
    }
    this.forgetIfGone(place, known);
  }

  /**
   * The watch tells all values again, because the bucket is another one or has lost some; then, with `isOver`, it has told
   * them. Until then the old ones count, so that no flow takes them for missing and starts over.
   */
  onAgain(isOver: boolean): void {
    if (isOver) {
      this.forgetAll(({ isOld }) => isOld);
      return;
    }
    this.told = 0;
    for (const keys of this.byScope.values()) {
      for (const known of keys.values()) {
        known.isOld = true;
        known.revision = 0;
      }
    }
  }

  /** The bucket has been deleted, and all that it had. */
  onBucketGone(): void {
    this.told = 0;
    this.forgetAll(() => true);
  }

  private forgetAll(isMeant: (known: Known) => boolean): void {
    for (const [scope, keys] of this.byScope) {
      for (const [key, known] of keys) {
        if (!isMeant(known)) continue;
        known.stored = undefined;
        known.revision = 0;
        this.forgetIfGone({ scope, key }, known);
      }
    }
  }

  private find({ scope, key }: Place): Known | undefined {
    return this.byScope.get(scope)?.get(key);
  }

  private add({ scope, key }: Place): Known {
    const keys = this.byScope.get(scope) ?? new Map<string, Known>();
    const known: Known = { stored: undefined, revision: 0, isOld: false, change: undefined };
    this.byScope.set(scope, keys.set(key, known));
    return known;
  }

  /** A deleted value is remembered only until the watch can no longer tell an older one. */
  private forgetIfGone({ scope, key }: Place, { stored, change, revision }: Known): void {
    if (stored || change || revision > this.told) return;
    const keys = this.byScope.get(scope);
    keys?.delete(key);
    if (keys?.size === 0) this.byScope.delete(scope);
  }
}

function isPresent({ stored, change }: Known): boolean {
  return (change ? change.stored : stored) !== undefined;
}
