import type { TestContext } from 'node:test';

/** Time that passes only when a test says so, until it ends. */
export class Clock {
  nowMs = 0;
  /** The waits that timers were set for. */
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

  /** How many timers are set. */
  get pending(): number {
    return this.timers.size;
  }

  /** Passes in one go, as when the process was busy: what has come due fires only then. */
  jump(ms: number): void {
    this.nowMs += ms;
    for (const timer of [...this.timers].sort((a, b) => a.due - b.due)) {
      if (timer.due > this.nowMs || !this.timers.delete(timer)) continue;
      timer.fire();
    }
  }

  /** Passes millisecond by millisecond. */
  run(ms: number): void {
    for (let passed = 0; passed < ms; passed++) this.jump(1);
  }
}
