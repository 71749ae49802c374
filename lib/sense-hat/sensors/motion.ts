import type { Orientation, Pose } from './fusion';
import type { Reading, Vector } from './reading';
import { roundAngle, roundVector } from './rounding';

const DECIMALS = 4;

/** The payload of a motion message: g, rad/s, µT and degrees, 4 decimals; the compass has none. */
export interface Motion {
  acceleration?: Vector;
  gyroscope?: Vector;
  magnetometer?: Vector;
  orientation?: Orientation;
  compass?: number;
}

/** The motion of a reading, and of what a fusion makes of it. What is not known is missing. */
export function motionOf(reading: Reading, { orientation, compass }: Pose): Motion {
  const motion: Motion = {};
  for (const name of ['acceleration', 'gyroscope', 'magnetometer'] as const) {
    const vector = reading[name];
    if (vector) motion[name] = roundVector(vector, DECIMALS);
  }
  if (orientation) {
    const { roll, pitch, yaw } = orientation;
    motion.orientation = {
      roll: roundAngle(roll, DECIMALS),
      pitch: roundAngle(pitch, DECIMALS),
      yaw: roundAngle(yaw, DECIMALS),
    };
  }
  if (compass !== undefined) motion.compass = roundAngle(compass, 0);
  return motion;
}
