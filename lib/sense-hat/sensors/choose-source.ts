import { openSimulator } from '../simulator/simulator';
import type { SensorSource } from './reading';
import { openSensors } from './sensors';

/** Where readings come from, and why. */
export interface ChosenSource {
  source: SensorSource;
  /** Chips; the emulator or the simulator by choice; or the simulator because there is no HAT. */
  origin: 'hat' | 'emulator' | 'simulator' | 'no hat';
}

/** Opens the sensors of a device: see `SensorOptions`, or `simulator`. Without a HAT, the simulator takes its place. */
export async function chooseSource(device: string): Promise<ChosenSource> {
  if (device === 'simulator') return { source: openSimulator(), origin: 'simulator' };
  const source = await openSensors({ device });
  if (!source) return { source: openSimulator(), origin: 'no hat' };
  return { source, origin: device === 'emulator' ? 'emulator' : 'hat' };
}
