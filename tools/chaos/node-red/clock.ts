const readClock = Date.now;
let offsetMs = 0;

/**
 * Steps the clock of this process, as `Date` shows it: the system's is left alone. Timers go on as they do when the
 * system's clock is set, because they follow the monotonic clock.
 */
export function stepClock(byMs: number): void {
  offsetMs += byMs;
}

Date.now = () => readClock() + offsetMs;
globalThis.Date = new Proxy(Date, {
  apply: (target) => new target(Date.now()).toString(),
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [Date.now()] : args, newTarget),
});
