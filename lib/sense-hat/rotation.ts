import { CodedError, shown } from '../coded-error';

/** How far the picture is turned, in degrees clockwise. */
export type Rotation = 0 | 90 | 180 | 270;

/** A rotation as a number or its digits; an empty or missing value is `fallback`. Throws `BAD_ROTATION`. */
export function rotationSetting(value: unknown, fallback: Rotation): Rotation {
  if (value === undefined || value === null || value === '') return fallback;
  const rotation = typeof value === 'string' && /^\s*\d+\s*$/.test(value) ? Number(value) : value;
  if (rotation === 0 || rotation === 90 || rotation === 180 || rotation === 270) return rotation;
  throw new CodedError('BAD_ROTATION', { value: shown(value) });
}
