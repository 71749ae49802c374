import { setImmediate as nextTurn } from 'node:timers/promises';
import { guarded } from './guarded';
import type { Steps } from './steps';

/** A piece of work. */
export interface Job {
  /** Whose job it is, for `cancel`. */
  owner: object;
  /** Does the work, or returns what is left of it, in steps. */
  run(): Steps<void> | void;
  /**
   * Called with what `run` or a step throws, or with the error of `cancel`; not at all when the work is done. What it
   * throws itself becomes a process warning, so that other jobs still run.
   */
  end(error: unknown): void;
}

/** How long work may run in one turn of the event loop. */
const SLICE_MS = 3;

/** How many items are handled between two readings of the clock, which cost more than a quick item. */
const ITEMS_PER_LOOK = 8;

/** While more jobs wait they run regardless of time: this holds up the sender before the queue fills the memory. */
const MAX_WAITING = 1000;

/** A job with steps left to do. */
interface Started<J> {
  job: J;
  steps: Steps<void>;
  /** The rejection of the promise that its last step waited for. */
  rejection?: { error: unknown } | undefined;
}

/**
 * Runs jobs in order, in slices of a few milliseconds of the event loop: at once while the current slice lasts, then in
 * the next ones. A burst of jobs does not block the process.
 */
export class TimeSlices<J extends Job = Job> {
  private waiting: J[] = [];
  private current: Started<J> | undefined;
  /** Whether the current job waits for a promise. */
  private isHeld = false;
  private spentMs = 0;
  private next: NodeJS.Immediate | undefined;
  private isRunning = false;

  /** Whether a job has begun and is not done. */
  get isBusy(): boolean {
    return this.current !== undefined;
  }

  /** The jobs that have not begun. */
  get queued(): readonly J[] {
    return this.waiting;
  }

  take(job: J): void {
    this.waiting.push(job);
    this.runJobs(MAX_WAITING);
  }

  /** Runs all waiting jobs now, up to one that waits for a promise. */
  finish(): void {
    this.runJobs(0);
  }

  /** Ends the unfinished jobs that match with an error. */
  cancel(matches: (job: J) => boolean, error: unknown): void {
    for (const job of this.remove(matches)) endJob(job, error);
  }

  /** Removes and returns the unfinished jobs that match. */
  remove(matches: (job: J) => boolean): J[] {
    const removed = this.waiting.filter(matches);
    this.waiting = this.waiting.filter((job) => !matches(job));
    if (this.current && matches(this.current.job)) {
      removed.unshift(this.current.job);
      this.current = undefined;
      this.isHeld = false;
      this.next ??= setImmediate(() => this.startSlice());
    }
    return removed;
  }

  /** Runs jobs until the slice is used up and no more than `maxWaiting` are left. */
  private runJobs(maxWaiting: number): void {
    // A job may take another one.
    if (this.isRunning) return;
    this.isRunning = true;
    try {
      while (!this.isHeld && (this.spentMs < SLICE_MS || this.waiting.length > maxWaiting)) {
        const startedAt = performance.now();
        if (!this.step()) break;
        this.spentMs += performance.now() - startedAt;
      }
    } finally {
      this.isRunning = false;
      this.next ??= setImmediate(() => this.startSlice());
    }
  }

  /** Starts the next job or continues the current one. Returns whether there was one. */
  private step(): boolean {
    const job = this.current?.job ?? this.waiting.shift();
    if (!job) return false;
    try {
      if (this.current) {
        this.continue(this.current);
      } else {
        const steps = job.run();
        if (steps) this.current = { job, steps };
      }
    } catch (error) {
      this.current = undefined;
      endJob(job, error);
    }
    return true;
  }

  private continue(started: Started<J>): void {
    const { steps, rejection } = started;
    started.rejection = undefined;
    const { done, value } = rejection ? steps.throw(rejection.error) : steps.next();
    // The step may have removed its own job.
    if (this.current !== started) return;
    if (done) this.current = undefined;
    else if (value) this.hold(started, value);
  }

  /** Runs no job until a promise has settled, or its job has been removed. */
  private hold(started: Started<J>, promise: Promise<unknown>): void {
    this.isHeld = true;
    const release = (rejection?: { error: unknown }) => {
      if (this.current !== started) return;
      this.isHeld = false;
      started.rejection = rejection;
      this.runJobs(MAX_WAITING);
    };
    promise.then(
      () => release(),
      (error) => release({ error }),
    );
  }

  private startSlice(): void {
    this.next = undefined;
    this.spentMs = 0;
    if (this.waiting.length > 0 || this.current) this.runJobs(MAX_WAITING);
  }
}

function endJob(job: Job, error: unknown): void {
  guarded(() => job.end(error));
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
