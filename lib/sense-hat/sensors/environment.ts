import { dewPoint, humidityAt, seaLevelPressure } from './air';
import { type Correction, correctedTemperature } from './heat';
import type { Reading } from './reading';
import { round } from './rounding';

const DECIMALS = 2;

/** How the environment is worked out from what the chips measured. */
export interface EnvironmentOptions {
  correction: Correction;
  /** In metres; without it there is no pressure at sea level. */
  altitudeM?: number | undefined;
}

/** The payload of an environment message: °C, %RH and hPa, 2 decimals. What is not known is missing. */
export interface Environment {
  temperature?: number;
  humidity?: number;
  pressure?: number;
  /** What the chip measured, where `temperature` is corrected. */
  temperatureRaw?: number;
  dewPoint?: number;
  pressureSeaLevel?: number;
}

/** The environment of a reading; `cpu` is the temperature of the processor in °C, where it is known. */
export function environmentOf(reading: Reading, options: EnvironmentOptions, cpu?: number): Environment {
  const { correction, altitudeM } = options;
  const measured = reading.temperature;
  const temperature = measured === undefined ? undefined : correctedTemperature(measured, correction, cpu);
  const humidity = humidityIn(reading, temperature, correction);
  return rounded({
    temperature,
    humidity,
    pressure: reading.pressure,
    temperatureRaw: correction.kind === 'none' ? undefined : measured,
    dewPoint: temperature === undefined || humidity === undefined ? undefined : dewPoint(temperature, humidity),
    pressureSeaLevel:
      altitudeM === undefined || reading.pressure === undefined
        ? undefined
        : seaLevelPressure(reading.pressure, altitudeM),
  });
}

/** The humidity of the air at its own temperature: the chip measures that of the air that the Pi has heated. */
function humidityIn(
  { temperature: measured, humidity }: Reading,
  temperature: number | undefined,
  { kind }: Correction,
) {
  if (kind === 'none' || humidity === undefined) return humidity;
  if (measured === undefined || temperature === undefined) return undefined;
  return humidityAt(temperature, humidity, measured);
}

function rounded(values: { [name in keyof Environment]: number | undefined }): Environment {
  const known = Object.entries(values).filter((entry): entry is [string, number] => Number.isFinite(entry[1]));
  return Object.fromEntries(known.map(([name, value]) => [name, round(value, DECIMALS)]));
}
