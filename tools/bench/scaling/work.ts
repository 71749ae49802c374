/** Enough to measure it with the clock of the process. */
const CALIBRATION_MS = 100;

/** The steps of each measured call, few as for a message, so that V8 optimizes `spin` as it does while messages come. */
const STEPS = 50_000;

/** The number of calls before the measurement starts, in which V8 optimizes `spin`. */
const WARM_UP = 1000;

/** Does work that costs processor time; a process that has to wait for a processor takes longer. */
export function spin(steps: number): number {
  let value = 1;
  for (let step = 0; step < steps; step++) value = (Math.imul(value, 1_103_515_245) + 12_345) | 0;
  return value;
}

/** The number of steps that take a millisecond of processor time in this process. */
export function stepsOfMs(): number {
  for (let call = 0; call < WARM_UP; call++) spin(STEPS);
  const before = process.cpuUsage();
  for (let calls = 1; ; calls++) {
    spin(STEPS);
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1000;
    if (ms >= CALIBRATION_MS) return Math.round((calls * STEPS) / ms);
  }
}
