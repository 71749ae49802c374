import { CodedError, shown } from '../../coded-error';
import { isPlainObject } from '../../plain-object';

/** What a simulated HAT measures, and how it is held. */
export interface SimulatedValues {
  /** In °C. */
  temperature: number;
  /** Relative, in percent. */
  humidity: number;
  /** In hPa. */
  pressure: number;
  /** Degrees about the axis that points to the right edge; positive: the lower edge goes down. */
  roll: number;
  /** Degrees about the other axis of the board; positive: the left edge goes down. */
  pitch: number;
  /** The direction in degrees clockwise from north. */
  heading: number;
  /** The light that falls on the HAT, each from 0 to 255. */
  red: number;
  green: number;
  blue: number;
}

/** The lowest and the highest value; resources/simulator.js has the same. */
export const RANGES: Readonly<Record<keyof SimulatedValues, readonly [min: number, max: number]>> = {
  temperature: [-20, 60],
  humidity: [0, 100],
  pressure: [900, 1100],
  roll: [-90, 90],
  pitch: [-90, 90],
  heading: [0, 360],
  red: [0, 255],
  green: [0, 255],
  blue: [0, 255],
};

/** A HAT that lies level in a room and points to the north. */
export const DEFAULT_VALUES: Readonly<SimulatedValues> = {
  temperature: 22,
  humidity: 45,
  pressure: 1013,
  roll: 0,
  pitch: 0,
  heading: 0,
  red: 128,
  green: 120,
  blue: 104,
};

/** Some values from outside this process. Throws `BAD_SIMULATION` for an unknown name or a value out of its range. */
export function readValues(input: unknown): Partial<SimulatedValues> {
  if (typeof input !== 'object' || input === null || !isPlainObject(input)) {
    throw new CodedError('BAD_SIMULATION', { value: shown(input) });
  }
  const values: Partial<SimulatedValues> = {};
  for (const [name, value] of Object.entries(input)) {
    if (!isName(name)) throw new CodedError('BAD_SIMULATION-unknown', { name: shown(name) });
    const [min, max] = RANGES[name];
    if (!(typeof value === 'number' && value >= min && value <= max)) {
      throw new CodedError('BAD_SIMULATION-range', { name, value: shown(value), min, max });
    }
    values[name] = value;
  }
  return values;
}

function isName(name: string): name is keyof SimulatedValues {
  return Object.hasOwn(RANGES, name);
}
