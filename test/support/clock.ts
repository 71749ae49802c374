import type { TestContext } from 'node:test';

/** A clock under the control of the test, until it ends. */
export class Clock {
  nowMs = 0;
  /** The delays of all timers that were set. */
  readonly waits: number[] = [];
  private readonly timers = new Set<{ due: number; fire(): void }>();

  constructor(t: TestContext) {
    t.mock.method(performance, 'now', () => this.nowMs);
    t.mock.method(globalThis, 'setTimeout', (fire: () => void, waitMs: number) => {
      this.waits.push(waitMs);
      const timer = { due: this.nowMs + Math.max(waitMs, 1), fire };
      this.timers.add(timer);
      return timer;
    });
    t.mock.method(globalThis, 'clearTimeout', (timer: { due: number; fire(): void }) => this.timers.delete(timer));
  }

  /** The number of pending timers. */
  get pending(): number {
    return this.timers.size;
  }

  /** Advances in one step, as if the process was busy: timers that are due fire only then. */
  jump(ms: number): void {
    this.nowMs += ms;
    for (const timer of [...this.timers].sort((a, b) => a.due - b.due)) {
      if (timer.due > this.nowMs || !this.timers.delete(timer)) continue;
      timer.fire();
    }
  }

  /** Advances millisecond by millisecond. */
  run(ms: number): void {
    for (let passed = 0; passed < ms; passed++) this.jump(1);
  }
}
