import type { Registers } from './i2c';

/** The register that a reset clears, and its value while the chip runs. */
interface RunningChip {
  control: number;
  running: number;
}

/**
 * Makes a function that tells which of a chip's data is valid, from the bits of its status for new data. Data that is
 * not new has been read before, and is valid as long as the chip runs. Rejects with `ERESET` once it does not: after a
 * loss of power its data would be zero.
 */
export function freshness(
  registers: Registers,
  { control, running }: RunningChip,
): (status: number, bits: number) => Promise<number> {
  let seen = 0;
  return async (status, bits) => {
    seen |= status & bits;
    if ((status & bits) !== bits) {
      const [value] = await registers.read(control, 1);
      if (value !== running) throw Object.assign(new Error('the chip was reset'), { code: 'ERESET' });
    }
    return seen;
  };
}
