import type { Calibration } from './calibration';
import type { Measured, OpenChip } from './chip';
import { accelerationOf, gyroscopeOf, magnetometerOf } from './chips/lsm9ds1';
import { colourOf } from './chips/tcs34725';
import { type IioChannel, openIioChannel, readSetting } from './iio';
import type { Vector } from './reading';

/** How to read what a kernel driver measures. */
export interface KernelDriver {
  /** The chip as `ChipModel` names it; it may need several drivers. */
  chip: string;
  open(folder: string, calibration: () => Promise<Calibration>): Promise<OpenChip>;
}

const STANDARD_GRAVITY = 9.80665;
const MICROTESLA_PER_GAUSS = 100;
const HECTOPASCALS_PER_KILOPASCAL = 10;

/** The time of one cycle of integration of the TCS34725, in seconds. */
const CYCLE_S = 0.0024;

/** The drivers by their names. Each has the units that it documents, which are not the same for all temperatures. */
export const KERNEL_DRIVERS: Record<string, KernelDriver> = {
  hts221: {
    chip: 'HTS221',
    open: (folder) =>
      openChannels(folder, [['in_temp'], ['in_humidityrelative']], ([temperature, humidity]) => ({
        temperature: temperature as number,
        humidity: Math.min(100, Math.max(0, humidity as number)),
      })),
  },
  lps25h: {
    chip: 'LPS25H',
    open: (folder) =>
      openChannels(folder, [['in_pressure']], ([pressure]) => ({
        pressure: (pressure as number) * HECTOPASCALS_PER_KILOPASCAL,
      })),
  },
  lsm9ds1_accel: {
    chip: 'LSM9DS1',
    open: (folder) =>
      openChannels(folder, axes('in_accel'), (values) => ({
        acceleration: accelerationOf(vector(values, 1 / STANDARD_GRAVITY)),
      })),
  },
  lsm9ds1_gyro: {
    chip: 'LSM9DS1',
    open: (folder) =>
      openChannels(folder, axes('in_anglvel'), (values) => ({ gyroscope: gyroscopeOf(vector(values, 1)) })),
  },
  lsm9ds1_magn: {
    chip: 'LSM9DS1 magnetometer',
    open: async (folder, calibration) => {
      const calibrate = await calibration();
      return openChannels(folder, axes('in_magn'), (values) => ({
        magnetometer: calibrate(magnetometerOf(vector(values, MICROTESLA_PER_GAUSS))),
      }));
    },
  },
  tcs3472: {
    chip: 'TCS34725',
    open: async (folder) => {
      const gain = (await readSetting(folder, 'calibscale', ['in_intensity'])) || 1;
      const seconds = (await readSetting(folder, 'integration_time', ['in_intensity'])) || CYCLE_S;
      const colours = ['red', 'green', 'blue', 'clear'];
      return openChannels(
        folder,
        colours.map((colour) => [`in_intensity_${colour}`]),
        (counts) => {
          const [red, green, blue, clear] = counts as [number, number, number, number];
          return {
            colour: colourOf({ red, green, blue, clear }, { gain, cycles: Math.max(1, Math.round(seconds / CYCLE_S)) }),
          };
        },
      );
    },
  },
};

type ChannelName = [channel: string, axis?: string];

async function openChannels(
  folder: string,
  names: ChannelName[],
  measuredOf: (values: number[]) => Measured,
): Promise<OpenChip> {
  const channels: IioChannel[] = [];
  const close = () => {
    for (const channel of channels) channel.close();
  };
  try {
    for (const [channel, axis] of names) channels.push(await openIioChannel(folder, channel, axis));
  } catch (error) {
    close();
    throw error;
  }
  return {
    measure: async () => {
      const values: number[] = [];
      // One after the other: a driver may block a thread of the pool until a conversion has ended.
      for (const channel of channels) values.push(await channel.read());
      return measuredOf(values);
    },
    close,
  };
}

function axes(channel: string): ChannelName[] {
  return ['x', 'y', 'z'].map((axis) => [channel, axis]);
}

function vector([x, y, z]: number[], factor: number): Vector {
  return { x: (x as number) * factor, y: (y as number) * factor, z: (z as number) * factor };
}
