import { compassPose, eulerAngles, type Quaternion, turned } from './attitude';
import type { Reading, Vector } from './reading';

/** Angles in degrees, each from 0 to below 360, as python-sense-hat has them: north, level and face up is 0, 0, 0. */
export interface Orientation {
  roll: number;
  pitch: number;
  /** Clockwise from magnetic north. */
  yaw: number;
}

/** What is derived from one reading. A value is missing if a sensor that it needs is. */
export interface Pose {
  orientation?: Orientation;
  /** Degrees clockwise from magnetic north, from 0 to below 360; of the magnetometer, with the tilt compensated. */
  compass?: number;
}

/** The gain of the correction in rad/s; the value that Madgwick's report uses for its tests is 0.041 to 0.2. */
const GAIN = 0.1;

/** Beyond this time between two readings, one rate of turn says too little about the time in between. */
const LONGEST_STEP_S = 0.25;

/**
 * Follows the orientation through successive readings of motion. It starts, and starts again after 0.25 s without a
 * reading, with the directions of gravity and of the magnetic field alone; in between it is the filter of S. Madgwick,
 * "An efficient orientation filter for inertial and inertial/magnetic sensor arrays" (2010).
 */
export function createFusion(): (reading: Reading) => Pose {
  let attitude: Quaternion | undefined;
  let lastTime = 0;
  return ({ time, acceleration: down, gyroscope: rates, magnetometer: field }) => {
    const seconds = (time - lastTime) / 1000;
    lastTime = time;
    if (!down || length(down) === 0) {
      attitude = undefined;
      return field ? { compass: heading(undefined, field) } : {};
    }
    const isNext = attitude && rates && seconds > 0 && seconds <= LONGEST_STEP_S;
    attitude = isNext
      ? turned(attitude as Quaternion, { rates, down, field, seconds, gain: GAIN })
      : compassPose(down, field);
    const orientation = eulerAngles(attitude);
    return field ? { orientation, compass: heading(down, field) } : { orientation };
  };
}

/** The direction in which the HAT's x axis points, from gravity and the magnetic field alone. */
function heading(down: Vector | undefined, field: Vector): number {
  return eulerAngles(compassPose(down ?? { x: 0, y: 0, z: 1 }, field)).yaw;
}

function length({ x, y, z }: Vector): number {
  return Math.hypot(x, y, z);
}
