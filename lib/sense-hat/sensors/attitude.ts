import type { Orientation } from './fusion';
import type { Vector } from './reading';

/**
 * A rotation of length 1 from the axes of the HAT to those of the earth: north, east, down. In the HAT's axes
 * acceleration points down while it rests, and turns are right-handed.
 */
export interface Quaternion {
  w: number;
  x: number;
  y: number;
  z: number;
}

/** Closer than this to straight up or down, roll and yaw turn about the same axis. */
const VERTICAL = 1 - 1e-6;

/** The longest step along a slope that does not pass its lowest point: near it the slope is at most 8 times as long. */
const STEEPEST_STEP = 1 / 8;

/** The attitude that the directions of gravity and of the magnetic field show; without a field it faces north. */
export function compassPose(down: Vector, field: Vector | undefined): Quaternion {
  const roll = Math.atan2(down.y, down.z);
  const pitch = Math.atan2(-down.x, Math.hypot(down.y, down.z));
  const [sinRoll, cosRoll, sinPitch, cosPitch] = [Math.sin(roll), Math.cos(roll), Math.sin(pitch), Math.cos(pitch)];
  const { x, y, z } = field ?? { x: cosPitch, y: sinPitch * sinRoll, z: sinPitch * cosRoll };
  const north = x * cosPitch + (y * sinRoll + z * cosRoll) * sinPitch;
  const east = y * cosRoll - z * sinRoll;
  return fromAngles(roll, pitch, Math.atan2(-east, north));
}

/** The roll, pitch and yaw of an attitude. Straight up or down, where roll and yaw are one turn, roll is 0. */
export function eulerAngles({ w, x, y, z }: Quaternion): Orientation {
  const sinPitch = 2 * (w * y - z * x);
  if (Math.abs(sinPitch) > VERTICAL) {
    const sign = Math.sign(sinPitch);
    return { roll: 0, pitch: degrees((sign * Math.PI) / 2), yaw: degrees(-2 * sign * Math.atan2(x, w)) };
  }
  return {
    roll: degrees(Math.atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))),
    pitch: degrees(Math.asin(sinPitch)),
    yaw: degrees(Math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))),
  };
}

/** What the sensors say about a step of time. */
interface Step {
  /** In radians a second. */
  rates: Vector;
  down: Vector;
  field: Vector | undefined;
  seconds: number;
  gain: number;
}

/** One step of Madgwick's filter: turned by the rates, then corrected towards gravity and the magnetic field. */
export function turned(from: Quaternion, { rates, down, field, seconds, gain }: Step): Quaternion {
  // The correction is to where the turn has led, because that is where the directions were measured.
  const q = turnedBy(from, rates, seconds);
  const slope = descent(q, { x: 0, y: 0, z: 1 }, unit(down));
  if (field && Math.hypot(field.x, field.y, field.z) > 0) {
    const measured = unit(field);
    // Only the dip of the field is compared, so that a disturbance of it cannot tilt the horizon.
    const { x, y, z } = toEarth(q, measured);
    const magnetic = descent(q, { x: Math.hypot(x, y), y: 0, z }, measured);
    slope.w += magnetic.w;
    slope.x += magnetic.x;
    slope.y += magnetic.y;
    slope.z += magnetic.z;
  }
  const steepness = Math.hypot(slope.w, slope.x, slope.y, slope.z);
  // Near the goal the filter's step of constant length would overshoot, and the attitude of a HAT at rest would tremble.
  const correction = Math.min(STEEPEST_STEP, steepness > 0 ? (gain * seconds) / steepness : 0);
  return normalised({
    w: q.w - correction * slope.w,
    x: q.x - correction * slope.x,
    y: q.y - correction * slope.y,
    z: q.z - correction * slope.z,
  });
}

function turnedBy({ w, x, y, z }: Quaternion, rates: Vector, seconds: number): Quaternion {
  const [p, q, r] = [(rates.x * seconds) / 2, (rates.y * seconds) / 2, (rates.z * seconds) / 2];
  return normalised({
    w: w - x * p - y * q - z * r,
    x: x + w * p + y * r - z * q,
    y: y + w * q - x * r + z * p,
    z: z + w * r + x * q - y * p,
  });
}

/** The gradient of how far a direction on the earth, which has no y, is from where it was measured (unit vectors). */
function descent({ w, x, y, z }: Quaternion, earth: Vector, measured: Vector): Quaternion {
  const { x: bx, z: bz } = earth;
  const off = {
    x: 2 * bx * (0.5 - y * y - z * z) + 2 * bz * (x * z - w * y) - measured.x,
    y: 2 * bx * (x * y - w * z) + 2 * bz * (w * x + y * z) - measured.y,
    z: 2 * bx * (w * y + x * z) + 2 * bz * (0.5 - x * x - y * y) - measured.z,
  };
  return {
    w: -2 * bz * y * off.x + 2 * (bz * x - bx * z) * off.y + 2 * bx * y * off.z,
    x: 2 * bz * z * off.x + 2 * (bx * y + bz * w) * off.y + 2 * (bx * z - 2 * bz * x) * off.z,
    y: -2 * (2 * bx * y + bz * w) * off.x + 2 * (bx * x + bz * z) * off.y + 2 * (bx * w - 2 * bz * y) * off.z,
    z: 2 * (bz * x - 2 * bx * z) * off.x + 2 * (bz * y - bx * w) * off.y + 2 * bx * x * off.z,
  };
}

/** A vector in the axes of the HAT in those of the earth. */
function toEarth({ w, x, y, z }: Quaternion, v: Vector): Vector {
  // v + 2w (q × v) + 2 q × (q × v)
  const tx = 2 * (y * v.z - z * v.y);
  const ty = 2 * (z * v.x - x * v.z);
  const tz = 2 * (x * v.y - y * v.x);
  return {
    x: v.x + w * tx + y * tz - z * ty,
    y: v.y + w * ty + z * tx - x * tz,
    z: v.z + w * tz + x * ty - y * tx,
  };
}

function fromAngles(roll: number, pitch: number, yaw: number): Quaternion {
  const [sr, cr] = [Math.sin(roll / 2), Math.cos(roll / 2)];
  const [sp, cp] = [Math.sin(pitch / 2), Math.cos(pitch / 2)];
  const [sy, cy] = [Math.sin(yaw / 2), Math.cos(yaw / 2)];
  return {
    w: cr * cp * cy + sr * sp * sy,
    x: sr * cp * cy - cr * sp * sy,
    y: cr * sp * cy + sr * cp * sy,
    z: cr * cp * sy - sr * sp * cy,
  };
}

function normalised({ w, x, y, z }: Quaternion): Quaternion {
  const length = Math.hypot(w, x, y, z);
  return { w: w / length, x: x / length, y: y / length, z: z / length };
}

function unit({ x, y, z }: Vector): Vector {
  const length = Math.hypot(x, y, z);
  return { x: x / length, y: y / length, z: z / length };
}

/** Radians as degrees from 0 to below 360. */
function degrees(radians: number): number {
  const turn = ((radians * 180) / Math.PI + 360) % 360;
  return turn === 360 ? 0 : turn;
}
