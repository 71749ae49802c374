import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Vector } from './reading';

/** Turns a measured field, in µT in the axes of the HAT, into the real one. */
export type Calibration = (field: Vector) => Vector;

const AXES = ['x', 'y', 'z'] as const;

/** Where python-sense-hat keeps its settings, the first that exists. */
function settingsFiles(): string[] {
  return [join(homedir(), '.config', 'sense_hat', 'RTIMULib.ini'), '/etc/RTIMULib.ini'];
}

/** The calibration of the magnetometer that `RTIMULibCal` made for python-sense-hat; without a file, none. */
export async function readCalibration(files = settingsFiles()): Promise<Calibration> {
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) return calibrationIn(text);
  }
  return (field) => field;
}

/** The calibration in a text of lines such as `CompassCalMinX=-27.5`: the least and the most that each axis measured. */
export function calibrationIn(text: string): Calibration {
  const setting = (name: string) => new RegExp(`^\\s*${name}\\s*=\\s*(\\S+)`, 'm').exec(text)?.[1];
  const range = (axis: string) => {
    const [min, max] = ['Min', 'Max'].map((end) => Number(setting(`CompassCal${end}${axis.toUpperCase()}`)));
    return { centre: ((min as number) + (max as number)) / 2, half: ((max as number) - (min as number)) / 2 };
  };
  const [x, y, z] = AXES.map(range) as [Range, Range, Range];
  const widest = Math.max(x.half, y.half, z.half);
  // An empty range says nothing.
  const isUsable =
    setting('CompassCalValid') === 'true' && [x, y, z].every(({ half }) => half > 0 && half < Number.POSITIVE_INFINITY);
  if (!isUsable) return (field) => field;
  const corrected = (value: number, { centre, half }: Range) => ((value - centre) * widest) / half;
  return (field) => ({ x: corrected(field.x, x), y: corrected(field.y, y), z: corrected(field.z, z) });
}

interface Range {
  centre: number;
  half: number;
}
