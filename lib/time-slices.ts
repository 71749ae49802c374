/** Something to do, in order. */
export interface Job {
  /** Whose it is. */
  owner: object;
  run(): void;
  /** Called with what `run` throws, or with why it was not run. */
  end(error: unknown): void;
}

/** How much of one turn of the event loop jobs may take. */
const SHARE_MS = 3;

/** When more than these wait, they are done all the same: who sends on and on has to wait, and memory is not filled. */
const MAX_WAITING = 1000;

/**
 * Does jobs in the order in which they come: at once while the turn of the event loop has time for them, else in the
 * next turns, so that a burst does not keep the process from all else.
 */
export class TimeSlices {
  private waiting: Job[] = [];
  private spentMs = 0;
  private next: NodeJS.Immediate | undefined;
  private isWorking = false;

  take(job: Job): void {
    this.waiting.push(job);
    this.work(MAX_WAITING);
  }

  /** Does at once what waits. */
  finish(): void {
    this.work(0);
  }

  /** Ends what waits and is meant, with an error. */
  cancel(isMeant: (job: Job) => boolean, error: unknown): void {
    const cancelled = this.waiting.filter(isMeant);
    this.waiting = this.waiting.filter((job) => !isMeant(job));
    for (const job of cancelled) job.end(error);
  }

  /** Does jobs while there is time, or as many as are too many. */
  private work(tooMany: number): void {
    // A job may lead to the next one.
    if (this.isWorking) return;
    this.isWorking = true;
    while (this.spentMs < SHARE_MS || this.waiting.length > tooMany) {
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
    this.isWorking = false;
    this.next ??= setImmediate(() => this.nextTurn());
  }

  private nextTurn(): void {
    this.next = undefined;
    this.spentMs = 0;
    if (this.waiting.length > 0) this.work(MAX_WAITING);
  }
}
