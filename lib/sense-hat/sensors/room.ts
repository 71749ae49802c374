import { setTimeout as pause } from 'node:timers/promises';
import { CodedError } from '../../coded-error';
import { type ChosenSource, chooseSource } from './choose-source';
import { CpuTemperature } from './cpu-temperature';
import { correctionFactor } from './heat';
import type { Kind, SensorSource } from './reading';
import { noCpuTemperature } from './sensing';

/** How long a chip may take until it has valid data. */
const LONGEST_MS = 5000;
const PAUSE_MS = 100;

/** As many readings of the processor as its temperature is smoothed over. */
const CPU_READINGS = 3;

const ENVIRONMENT: ReadonlySet<Kind> = new Set(['environment']);

/** What was measured, and the factor that follows. */
export interface RoomReport {
  factor: number;
  /** In °C, of the humidity chip. */
  measured: number;
  /** In °C. */
  cpu: number;
}

interface RoomOptions {
  /** The temperature of the room in °C. */
  room: number;
  device: string;
  open?: (device: string) => Promise<ChosenSource>;
  cpuPath?: string;
}

/**
 * Measures now and computes the factor of the correction by the processor. Throws `NO_HAT` with the simulator,
 * `NO_CPU_TEMPERATURE`, `BAD_ROOM`, or the trouble of the chip.
 */
export async function reportRoom({ room, device, open = chooseSource, cpuPath }: RoomOptions): Promise<RoomReport> {
  const { source, origin } = await open(device);
  try {
    if (origin !== 'hat') throw new CodedError('NO_HAT');
    const measured = await temperatureOf(source);
    const cpu = await cpuTemperature(cpuPath);
    return { factor: correctionFactor(room, measured, cpu), measured, cpu };
  } finally {
    source.close();
  }
}

async function temperatureOf(source: SensorSource): Promise<number> {
  const endAt = performance.now() + LONGEST_MS;
  for (;;) {
    const { temperature } = await source.read(ENVIRONMENT);
    if (temperature !== undefined) return temperature;
    if (performance.now() >= endAt) throw source.troubles[0] ?? new CodedError('NO_TEMPERATURE');
    await pause(PAUSE_MS);
  }
}

async function cpuTemperature(path: string | undefined): Promise<number> {
  const cpu = new CpuTemperature(path);
  let celsius: number | undefined;
  for (let count = 0; count < CPU_READINGS; count++) {
    if (count > 0) await pause(PAUSE_MS);
    celsius = await cpu.read();
  }
  if (celsius === undefined) throw noCpuTemperature(path);
  return celsius;
}
