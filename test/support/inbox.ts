/** What has not happened by then never will: the test that waits for it fails, and says so. */
const PATIENCE_MS = 60_000;

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
  async take(): Promise<T> {
    return this.items.shift() ?? soon('an item', (resolve) => this.takers.push(resolve));
  }
}

/** Resolves as a promise with the same executor does, but rejects if that takes longer than any machine needs. */
export function soon<T>(expected: string, executor: (resolve: (value: T) => void) => void): Promise<T> {
  const late = new Error(`waited ${PATIENCE_MS / 1000} s for ${expected}`);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late), PATIENCE_MS);
    executor((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
