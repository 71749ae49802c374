import { CodedError, shown } from '../../coded-error';
import { isPlainObject } from '../../plain-object';

/** The smallest change that counts, by the name of a quantity. */
export type Thresholds = Readonly<Record<string, number>>;

/** The quantities of all messages. */
export const QUANTITIES = [
  'temperature',
  'humidity',
  'pressure',
  'temperatureRaw',
  'dewPoint',
  'pressureSeaLevel',
  'acceleration',
  'gyroscope',
  'magnetometer',
  'orientation',
  'compass',
  'red',
  'green',
  'blue',
  'clear',
] as const;

/** Quantities derived from others. They count only if a threshold names them; else those of the others were no use. */
const DERIVED: readonly string[] = ['temperatureRaw', 'dewPoint', 'pressureSeaLevel'];

/** Those in degrees, where 359 and 1 differ by 2. */
const ANGLES: readonly string[] = ['orientation', 'compass'];

/**
 * Thresholds such as `{"temperature": 0.5}`, as an object or as JSON; empty or missing: none. Throws `BAD_THRESHOLD`.
 */
export function readThresholds(value: unknown): Thresholds {
  if (value === undefined || value === null || (typeof value === 'string' && value.trim() === '')) return {};
  const thresholds = typeof value === 'string' ? parsed(value) : value;
  if (typeof thresholds !== 'object' || thresholds === null || !isPlainObject(thresholds)) {
    throw new CodedError('BAD_THRESHOLD', { value: shown(value) });
  }
  for (const [name, least] of Object.entries(thresholds)) {
    if (!QUANTITIES.some((quantity) => quantity === name)) {
      throw new CodedError('BAD_THRESHOLD-name', { name: shown(name), names: QUANTITIES.join(', ') });
    }
    if (typeof least !== 'number' || !(least >= 0)) {
      throw new CodedError('BAD_THRESHOLD-number', { name, value: shown(least) });
    }
  }
  return { ...(thresholds as Record<string, number>) };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Whether a payload differs from an earlier one of its kind. A quantity without a threshold counts when it changes. */
export function hasChanged(before: object | undefined, now: object, thresholds: Thresholds): boolean {
  if (before === undefined) return true;
  const [old, fresh] = [before as Quantities, now as Quantities];
  return [...new Set([...Object.keys(old), ...Object.keys(fresh)])].some((name) => {
    const least = Object.hasOwn(thresholds, name) ? thresholds[name] : undefined;
    if (least === undefined && DERIVED.includes(name)) return false;
    return differs(old[name], fresh[name], least ?? 0, ANGLES.includes(name));
  });
}

/** A number, or numbers by the name of an axis. */
type Quantity = number | Record<string, number> | undefined;
type Quantities = Record<string, Quantity>;

function differs(before: Quantity, now: Quantity, least: number, isAngle: boolean): boolean {
  if (before === undefined || now === undefined) return before !== now;
  if (typeof before === 'number' || typeof now === 'number') {
    return isFar(Number(before), Number(now), least, isAngle);
  }
  return Object.keys(now).some((axis) => isFar(before[axis] ?? 0, now[axis] ?? 0, least, isAngle));
}

/** Binary fractions: 0.3 - 0.2 is a little less than 0.1. */
const TOLERANCE = 1e-9;

function isFar(before: number, now: number, least: number, isAngle: boolean): boolean {
  const straight = Math.abs(now - before);
  const distance = isAngle ? Math.min(straight, 360 - straight) : straight;
  return distance > 0 && distance >= least - TOLERANCE;
}
