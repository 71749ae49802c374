import type { NodeDef } from 'node-red';
import { CodedError, shown } from '../../lib/coded-error';
import { readThresholds } from '../../lib/sense-hat/sensors/changes';
import { CORRECTIONS, type Correction, FACTORS } from '../../lib/sense-hat/sensors/heat';
import { SHORTEST_MS } from '../../lib/sense-hat/sensors/measuring';
import { KINDS } from '../../lib/sense-hat/sensors/reading';
import type { SensingOptions } from '../../lib/sense-hat/sensors/sensing';
import { choiceSetting, countSetting, numberSetting, switchSetting, textSetting } from '../../lib/setting';

/** What a flow saves of a `sense-sensors`. */
export interface SenseSensorsDef extends NodeDef {
  /**
   * Whether temperature, humidity and pressure are sent.
   * @default true
   */
  environment?: boolean;
  /**
   * Whether acceleration, rotation, magnetic field and what follows from them are sent.
   * @default false
   */
  motion?: boolean;
  /**
   * Whether the colour of the light is sent, which only a HAT of the second version measures.
   * @default false
   */
  colour?: boolean;
  /**
   * The time between two measurements in milliseconds, at least 20; environment and colour: at least 100.
   * @default 1000
   */
  intervalMs?: number | string;
  /**
   * Whether a kind is sent only when one of its quantities has changed.
   * @default false
   */
  onlyChanges?: boolean;
  /**
   * With `onlyChanges`: the smallest change that counts, by quantity, as JSON such as `{"temperature": 0.5}`.
   * @default ''
   */
  byAtLeast?: unknown;
  /**
   * How the heat of the Pi is taken off the temperature: not (`none`), by the temperature of the processor (`cpu`), or by
   * a fixed number of degrees (`offset`).
   * @default 'none'
   */
  correction?: unknown;
  /**
   * With `cpu`: by how much to divide the difference of processor and HAT, from 0.1 to 100.
   * @default 1.5
   */
  correctionFactor?: number | string;
  /**
   * With `offset`: what is added to the temperature in °C, from -100 to 100.
   * @default 0
   */
  offsetC?: number | string;
  /**
   * The altitude in metres, from -500 to 11,000; empty: no pressure at sea level.
   * @default ''
   */
  altitudeM?: number | string;
  /**
   * Empty: the HAT, or the simulator where there is none; `emulator`; `simulator`; or the path of an I2C bus.
   * @default ''
   */
  device?: unknown;
  /**
   * How many measurements of motion become one message with arrays, a whole number from 1 to 1,000.
   * @default 1
   */
  samples?: number | string;
}

/** The settings of a `sense-sensors`. Throws `NO_KIND`, `BAD_THRESHOLD`, `SENSOR`, or an error of `lib/setting`. */
export function sensorSettings(def: SenseSensorsDef): Omit<SensingOptions, 'onMessage' | 'onState'> {
  const kinds = KINDS.filter((kind) => switchSetting(kind, def[kind], kind === 'environment'));
  if (kinds.length === 0) throw new CodedError('NO_KIND');
  const altitudeM = numberSetting('altitudeM', def.altitudeM, Number.NaN, { min: -500, max: 11_000 });
  const changes = readThresholds(def.byAtLeast);
  return {
    kinds,
    intervalMs: numberSetting('intervalMs', def.intervalMs, 1000, { min: SHORTEST_MS.motion }),
    correction: correctionSetting(def),
    altitudeM: Number.isNaN(altitudeM) ? undefined : altitudeM,
    samples: countSetting('samples', def.samples, 1, { min: 1, max: 1000 }),
    changes: switchSetting('onlyChanges', def.onlyChanges, false) ? changes : undefined,
    device: deviceSetting(def.device),
  };
}

/** Where to measure: see `SenseSensorsDef`. Throws `SENSOR` for anything else. */
export function deviceSetting(value: unknown): string {
  const device = textSetting(value).trim();
  if (['', 'simulator', 'emulator'].includes(device) || device.startsWith('/')) return device;
  throw new CodedError('SENSOR-device', { device: shown(device) });
}

function correctionSetting(def: SenseSensorsDef): Correction {
  const factor = numberSetting('correctionFactor', def.correctionFactor, 1.5, FACTORS);
  const offsetC = numberSetting('offsetC', def.offsetC, 0, { min: -100, max: 100 });
  const kind = choiceSetting('correction', def.correction, CORRECTIONS, 'none');
  return { none: { kind }, cpu: { kind, factor }, offset: { kind, offsetC } }[kind] as Correction;
}
