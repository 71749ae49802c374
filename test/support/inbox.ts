/** What has not happened by then never will: the test that waits for it fails, and says so. */
export const PATIENCE_MS = 120_000;

/** The real ones, taken before a test's `Clock` replaces them. */
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

/** Like `new Promise(executor)`, but rejects after `PATIENCE_MS`, and names what was `expected`. */
export function soon<T>(expected: string, executor: (resolve: (value: T) => void) => void): Promise<T> {
  // Created before the timer, so that the stack trace contains the caller.
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
