export const ACTIONS = ['get', 'put'] as const;
export type Action = (typeof ACTIONS)[number];

/** The bucket of all contenders. */
export const BUCKET = 'bench';

/** A key of the bucket. */
export function keyAt(index: number): string {
  return `pi.${index}.state`;
}

/** The subject of a key. */
export function subjectOfKey(key: string): string {
  return `$KV.${BUCKET}.${key}`;
}

/** What a contender does with a bucket. */
export interface BucketSide {
  /** Returns a function that gets the value of a key, or puts one; `onDone` is called when it is done. */
  prepare(action: Action, payload: string, onDone: () => void): Promise<(key: string) => void>;
  /** Watches all keys until the returned function is called; `onValue` is called for each value. */
  watch(onValue: () => void): Promise<() => Promise<void>>;
}
