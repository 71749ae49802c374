import type { Vector } from './reading';

/** Rounds half away from zero, as a reader expects; a rounded zero has no sign. */
export function round(value: number, decimals: number): number {
  const factor = 10 ** decimals;
  return (Math.sign(value) * Math.round(Math.abs(value) * factor)) / factor + 0;
}

/** An angle in degrees, rounded, from 0 to below 360. */
export function roundAngle(degrees: number, decimals: number): number {
  const positive = ((degrees % 360) + 360) % 360;
  return round(positive, decimals) % 360;
}

export function roundVector({ x, y, z }: Vector, decimals: number): Vector {
  return { x: round(x, decimals), y: round(y, decimals), z: round(z, decimals) };
}
