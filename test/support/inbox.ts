/** What has not happened by then never will: the test that waits for it fails, and says so. */
const PATIENCE_MS = 120_000;

/** Those of the process, also where a test has a clock of its own. */
const { setTimeout, clearTimeout } = globalThis;

/** A queue of items that can be awaited. */
export class Inbox<T> {
  private readonly items: T[] = [];
  private readonly takers: ((item: T) => void)[] = [];

  get size(): number {
    return this.items.length;
  }

  put(item: T): void {
    const taker = this.takers.shift();
    if (taker) taker(item);
    else this.items.push(item);
  }

  /** The oldest item, now or as soon as one arrives. */
  take(): Promise<T> {
    const item = this.items.shift();
    return item === undefined ? soon('an item', (resolve) => this.takers.push(resolve)) : Promise.resolve(item);
  }
}

/** A promise as its executor makes it, which rejects if that takes longer than any machine needs. */
export function soon<T>(expected: string, executor: (resolve: (value: T) => void) => void): Promise<T> {
  const late = new Error(`waited ${PATIENCE_MS / 1000} s for ${expected}`);
  const promise = new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(late), PATIENCE_MS).unref();
    executor((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
  // A test may end without what it no longer waits for.
  promise.catch(() => {});
  return promise;
}
