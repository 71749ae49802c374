/** Enough to measure it with the clock of the process. */
const CALIBRATION_MS = 100;

/** Does work that costs processor time; a process that has to wait for a processor takes longer. */
export function spin(steps: number): number {
  let value = 1;
  for (let step = 0; step < steps; step++) value = Math.imul(value, 1_103_515_245) + 12_345;
  return value;
}

/** The number of steps that take a millisecond of processor time here. */
export function stepsOfMs(): number {
  for (let steps = 100_000; ; steps *= 2) {
    const before = process.cpuUsage();
    spin(steps);
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1000;
    if (ms >= CALIBRATION_MS) return Math.round(steps / ms);
  }
}
