import { EventEmitter } from 'node:events';
import { KEYS, type Key, type KeyEvent } from '../joystick/joystick';
import type { Kind, Reading, SensorSource } from '../sensors/reading';
import { Keys } from './keys';
import { accelerationOf, magnetometerOf, Turn } from './pose';
import { DEFAULT_VALUES, type SimulatedValues } from './values';

interface Events {
  /** The values have changed. */
  values: [SimulatedValues];
  /** A key of the joystick, as on the HAT in its normal position. */
  key: [KeyEvent];
}

/** A HAT that is moved with the mouse, for machines without one: its sensors and its joystick. */
export class Simulator extends EventEmitter<Events> {
  private current: SimulatedValues = { ...DEFAULT_VALUES };
  private turn = new Turn(DEFAULT_VALUES, DEFAULT_VALUES, Number.NEGATIVE_INFINITY);
  private readonly keys = new Keys((event) => this.emit('key', event));

  constructor() {
    super();
    // Each node that has no HAT listens.
    this.setMaxListeners(0);
  }

  get values(): SimulatedValues {
    return this.current;
  }

  /** Sets some values, within their ranges; see `readValues`. The HAT takes 0.2 s to turn to a new pose. */
  set(values: Partial<SimulatedValues>): void {
    const next = { ...this.current, ...values };
    const isChanged = (name: keyof SimulatedValues) => next[name] !== this.current[name];
    const now = performance.now();
    if (isChanged('roll') || isChanged('pitch') || isChanged('heading')) {
      this.turn = new Turn(this.turn.poseAt(now), next, now);
    }
    const names = Object.keys(values) as (keyof SimulatedValues)[];
    const hasChanged = names.some(isChanged);
    this.current = next;
    if (hasChanged) this.emit('values', next);
  }

  /** Presses a key for at most 3 s; call it again to hold the key for longer. */
  press(key: Key): void {
    this.keys.press(key);
  }

  /** Releases a key if it is held. */
  release(key: Key): void {
    this.keys.release(key);
  }

  /** What its chips measure now. */
  measure(kinds: ReadonlySet<Kind>): Reading {
    const { temperature, humidity, pressure, red, green, blue } = this.current;
    const now = performance.now();
    const pose = this.turn.poseAt(now);
    return {
      time: Date.now(),
      ...(kinds.has('environment') && { temperature, humidity, pressure }),
      ...(kinds.has('motion') && {
        acceleration: accelerationOf(pose),
        gyroscope: this.turn.gyroscopeAt(now),
        magnetometer: magnetometerOf(pose),
      }),
      ...(kinds.has('colour') && { colour: { red, green, blue, clear: Math.round((red + green + blue) / 3) } }),
    };
  }
}

/** The simulated HAT of this process. */
export const simulator = new Simulator();

/** The sensors of the simulated HAT. They have no troubles, and there is nothing to close. */
export function openSimulator(hat = simulator): SensorSource {
  return { troubles: [], read: async (kinds) => hat.measure(kinds), close: () => {} };
}

/** Whether a value names a key of the joystick. */
export function isKey(value: unknown): value is Key {
  return KEYS.some((key) => key === value);
}
