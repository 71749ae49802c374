import type { Vector } from '../sensors/reading';

/** How a HAT is held, in degrees: it is turned to its heading, then pitched, then rolled, each about its own axis. */
export interface Pose {
  roll: number;
  pitch: number;
  heading: number;
}

/** The magnetic field of the Earth in central Europe, in µT: to the north, and down. */
const NORTH = 20;
const DOWN = 44;

/** How long a change of the pose takes, so that the gyroscope has something to measure. */
export const TURN_MS = 200;

const RADIANS = Math.PI / 180;

/**
 * What the accelerometer measures in g. The inverse of how RTIMULib, and so python-sense-hat, computes the angles: roll
 * is atan2(y, z), pitch is -atan2(x, √(y² + z²)); RTMath.cpp in https://github.com/RPi-Distro/RTIMULib.
 */
export function accelerationOf({ roll, pitch }: Pose): Vector {
  return fromEarth({ x: 0, y: 0, z: 1 }, roll * RADIANS, pitch * RADIANS);
}

/** What the magnetometer measures in µT: once the tilt is undone, the heading is -atan2(y, x). */
export function magnetometerOf({ roll, pitch, heading }: Pose): Vector {
  const angle = heading * RADIANS;
  const level = { x: NORTH * Math.cos(angle), y: -NORTH * Math.sin(angle), z: DOWN };
  return fromEarth(level, roll * RADIANS, pitch * RADIANS);
}

/** A vector of the level HAT as the tilted one sees it. */
function fromEarth({ x, y, z }: Vector, roll: number, pitch: number): Vector {
  const [sinRoll, cosRoll, sinPitch, cosPitch] = [Math.sin(roll), Math.cos(roll), Math.sin(pitch), Math.cos(pitch)];
  const lean = x * sinPitch + z * cosPitch;
  return { x: x * cosPitch - z * sinPitch, y: y * cosRoll + lean * sinRoll, z: lean * cosRoll - y * sinRoll };
}

/** A turn at constant speed from one pose to another; times in milliseconds of one clock. */
export class Turn {
  private readonly change: Pose;

  constructor(
    private readonly from: Pose,
    private readonly to: Pose,
    private readonly startAt: number,
  ) {
    const heading = ((to.heading - from.heading + 540) % 360) - 180;
    this.change = { roll: to.roll - from.roll, pitch: to.pitch - from.pitch, heading };
  }

  poseAt(time: number): Pose {
    const part = (time - this.startAt) / TURN_MS;
    if (part >= 1) return this.to;
    const { from, change } = this;
    const heading = (from.heading + part * change.heading + 360) % 360;
    return { roll: from.roll + part * change.roll, pitch: from.pitch + part * change.pitch, heading };
  }

  /** What the gyroscope measures, in radians a second about the axes of the HAT. */
  gyroscopeAt(time: number): Vector {
    if (time >= this.startAt + TURN_MS) return { x: 0, y: 0, z: 0 };
    const pose = this.poseAt(time);
    const speed = (RADIANS * 1000) / TURN_MS;
    const { roll, pitch, heading } = this.change;
    const turning = fromEarth({ x: 0, y: 0, z: heading * speed }, pose.roll * RADIANS, pose.pitch * RADIANS);
    const angle = pose.roll * RADIANS;
    return {
      x: turning.x + roll * speed,
      y: turning.y + pitch * speed * Math.cos(angle),
      z: turning.z - pitch * speed * Math.sin(angle),
    };
  }
}
