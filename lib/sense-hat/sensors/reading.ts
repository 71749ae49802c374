import type { CodedError } from '../../coded-error';

/** The axes are those of the HAT as python-sense-hat reports them. */
export interface Vector {
  x: number;
  y: number;
  z: number;
}

/** The groups of quantities that a flow may ask for. */
export const KINDS = ['environment', 'motion', 'colour'] as const;
export type Kind = (typeof KINDS)[number];

/** What the chips measured, uncorrected. A quantity is missing where its chip is, or has no valid data yet. */
export interface Reading {
  /** When it was measured, in milliseconds since 1970. */
  time: number;
  /** Of the humidity chip, in °C. */
  temperature?: number;
  /** Relative, in percent from 0 to 100. */
  humidity?: number;
  /** In hPa. */
  pressure?: number;
  /** In g. */
  acceleration?: Vector;
  /** In radians a second. */
  gyroscope?: Vector;
  /** In µT. */
  magnetometer?: Vector;
  /** Each from 0 to 255. */
  colour?: { red: number; green: number; blue: number; clear: number };
}

/** Where readings come from: chips by way of a kernel driver or of I2C, the emulator, or the simulator. */
export interface SensorSource {
  /** Why a chip that should be there cannot be read at present. A missing optional chip is no trouble. */
  readonly troubles: readonly CodedError[];
  /** Reads what the chips have for these groups. A chip that fails adds to `troubles`; nothing rejects. */
  read(kinds: ReadonlySet<Kind>): Promise<Reading>;
  close(): void;
}
