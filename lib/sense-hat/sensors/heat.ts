import { CodedError, shown } from '../../coded-error';

export const CORRECTIONS = ['none', 'cpu', 'offset'] as const;

/** How the heat of the Pi is taken off the measured temperature. */
export type Correction =
  | { kind: 'none' }
  /** By the share that the processor's own heat has in it: a larger factor corrects less. */
  | { kind: 'cpu'; factor: number }
  /** By a fixed number of degrees, mostly a negative one. */
  | { kind: 'offset'; offsetC: number };

/** The bounds of a factor. A HAT directly on a Pi has 0.5 to 2, one on a ribbon cable more. */
export const FACTORS = { min: 0.1, max: 100 };

/**
 * The temperature of the room in °C. `cpu` is the processor's; without it, a correction that needs it gives no
 * temperature.
 */
export function correctedTemperature(
  measured: number,
  correction: Correction,
  cpu: number | undefined,
): number | undefined {
  switch (correction.kind) {
    case 'none':
      return measured;
    case 'cpu':
      return cpu === undefined ? undefined : measured - (cpu - measured) / correction.factor;
    case 'offset':
      return measured + correction.offsetC;
  }
}

/**
 * The factor with which the correction by the processor gives the temperature of the room, to 2 decimals. All
 * temperatures are in °C. Throws `BAD_ROOM` where no factor does.
 */
export function correctionFactor(room: number, measured: number, cpu: number): number {
  const factor = Number(((cpu - measured) / (measured - room)).toFixed(2));
  const values = { room: shown(room), measured: measured.toFixed(1), cpu: cpu.toFixed(1) };
  if (!(measured > room)) throw new CodedError('BAD_ROOM-warmer', values);
  if (!(factor >= FACTORS.min && factor <= FACTORS.max)) throw new CodedError('BAD_ROOM', values);
  return factor;
}
