import { readFile } from 'node:fs/promises';

/** Holds the temperature of the processor in thousandths of a degree; see the kernel's Documentation/driver-api/thermal. */
export const CPU_TEMPERATURE = '/sys/class/thermal/thermal_zone0/temp';

/** How many readings are averaged: a second of load moves one of them by several degrees, but does not warm the HAT. */
const READINGS = 3;

/** The temperature of the processor, smoothed. */
export class CpuTemperature {
  private readonly last: number[] = [];

  constructor(private readonly path = CPU_TEMPERATURE) {}

  /** The mean of the last three readings in °C; `undefined` where it cannot be read. */
  async read(): Promise<number | undefined> {
    const celsius = await readCelsius(this.path);
    if (celsius === undefined) {
      this.last.length = 0;
      return undefined;
    }
    this.last.push(celsius);
    if (this.last.length > READINGS) this.last.shift();
    return this.last.reduce((sum, one) => sum + one) / this.last.length;
  }
}

async function readCelsius(path: string): Promise<number | undefined> {
  try {
    const text = (await readFile(path, 'utf8')).trim();
    return /^-?\d+$/.test(text) ? Number(text) / 1000 : undefined;
  } catch {
    return undefined;
  }
}
