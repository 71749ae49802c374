import type { Rotation } from '../rotation';
import { simulator } from '../simulator/simulator';
import { type KeyEvent, rotatedKey } from './joystick';

/** The `device` of a joystick that is simulated. */
export const SIMULATOR = 'simulator';

/** Reports the keys of the simulated HAT, as seen by a viewer of the rotated picture, until it is closed. */
export function readSimulator(rotation: Rotation, onKey: (event: KeyEvent) => void, hat = simulator): () => void {
  const listener = ({ key, state }: KeyEvent) => onKey({ key: rotatedKey(key, rotation), state });
  hat.on('key', listener);
  return () => hat.off('key', listener);
}
