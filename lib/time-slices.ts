import { setImmediate as nextTurn } from 'node:timers/promises';

/** A piece of work. */
export interface Job {
  /** Whose job it is, for `cancel`. */
  owner: object;
  run(): void;
  /** Called with what `run` throws, or with the error of `cancel`; not at all when `run` returns. */
  end(error: unknown): void;
}

/** How long work may run in one turn of the event loop. */
const SLICE_MS = 3;

/** How many items are handled between two looks at the clock, which take longer than a quick item. */
const ITEMS_PER_LOOK = 8;

/** While more jobs wait they run regardless of time: this holds up the sender before the queue fills the memory. */
const MAX_WAITING = 1000;

/**
 * Runs jobs in order, in slices of a few milliseconds of the event loop: at once while the current slice lasts, else in
 * the next ones. A burst of jobs does not block the process.
 */
export class TimeSlices {
  private waiting: Job[] = [];
  private spentMs = 0;
  private next: NodeJS.Immediate | undefined;
  private isRunning = false;

  take(job: Job): void {
    this.waiting.push(job);
    this.runJobs(MAX_WAITING);
  }

  /** Runs all waiting jobs at once. */
  finish(): void {
    this.runJobs(0);
  }

  /** Ends the waiting jobs that match with an error, instead of running them. */
  cancel(matches: (job: Job) => boolean, error: unknown): void {
    const cancelled = this.waiting.filter(matches);
    this.waiting = this.waiting.filter((job) => !matches(job));
    for (const job of cancelled) job.end(error);
  }

  /** Runs jobs until the slice is used up and no more than `maxWaiting` are left. */
  private runJobs(maxWaiting: number): void {
    // A job may take another one.
    if (this.isRunning) return;
    this.isRunning = true;
    while (this.spentMs < SLICE_MS || this.waiting.length > maxWaiting) {
      const job = this.waiting.shift();
      if (!job) break;
      const startedAt = performance.now();
      try {
        job.run();
      } catch (error) {
        job.end(error);
      }
      this.spentMs += performance.now() - startedAt;
    }
    this.isRunning = false;
    this.next ??= setImmediate(() => this.startSlice());
  }

  private startSlice(): void {
    this.next = undefined;
    this.spentMs = 0;
    if (this.waiting.length > 0) this.runJobs(MAX_WAITING);
  }
}

/**
 * Handles items in order, in slices of a few milliseconds of the event loop: all of them before it returns if they fit
 * into one slice. Resolves when all are handled; rejects with what `handle` throws, and leaves the rest out.
 */
export async function inTimeSlices<T>(items: Iterable<T>, handle: (item: T) => void): Promise<void> {
  let endAt = performance.now() + SLICE_MS;
  let count = 0;
  for (const item of items) {
    if (++count % ITEMS_PER_LOOK === 0 && performance.now() >= endAt) {
      await nextTurn();
      endAt = performance.now() + SLICE_MS;
    }
    handle(item);
  }
}
