import { setTimeout as sleep } from 'node:timers/promises';
import type { ChipModel } from '../chip';
import { freshness } from '../freshness';
import type { Reading } from '../reading';

const ENABLE = 0x80;
const INTEGRATION = 0x81;
const GAIN = 0x8f;
const STATUS = 0x93;
const DATA = 0x94;
/** Without it the TCS34725 returns one register again and again; the TCS3400 always goes on. */
const INCREMENT = 0x20;

const POWER = 0x01;
const RUNNING = 0x03;
const WARM_UP_MS = 3;

/** With 64 cycles of integration, which take 154 ms, the counts have 16 bits. */
const CYCLES = 64;
const HIGHEST_GAIN = 0x03;
const IS_VALID = 1;

/** The counts that become 1: a full scale of 16 bits becomes 256. */
const COUNTS = 256;
/** The gain that the counts are for: that of the TCS34725, while the TCS3400 has 64. */
const REFERENCE_GAIN = 60;

const TCS3400_IDENTITIES = [0x90, 0x93];
const TCS34725_IDENTITIES = [0x44, 0x4d];

/**
 * The colour chip: TCS34725 on HATs that went into space, TCS3400 on the second generation, none on the first.
 * https://ams-osram.com/products/sensor-solutions/ambient-light-color-spectral-proximity-sensors/ams-tcs34725-color-sensor
 */
export const TCS34725: ChipModel = {
  name: 'TCS34725',
  kind: 'colour',
  isOptional: true,
  addresses: [0x29, 0x39],
  identityRegister: 0x92,
  identities: [...TCS34725_IDENTITIES, ...TCS3400_IDENTITIES],
  start: async (registers, identity) => {
    const isTcs3400 = TCS3400_IDENTITIES.includes(identity);
    const gain = isTcs3400 ? 64 : 60;
    const data = isTcs3400 ? DATA : DATA | INCREMENT;
    await registers.write(ENABLE, POWER);
    await sleep(WARM_UP_MS);
    await registers.write(INTEGRATION, 256 - CYCLES);
    await registers.write(GAIN, HIGHEST_GAIN);
    await registers.write(ENABLE, RUNNING);
    const isFresh = freshness(registers, { control: ENABLE, running: RUNNING });
    return async () => {
      // The bit stays set, so a chip that was reset is noticed by its absence.
      const [status] = await registers.read(STATUS, 1);
      const valid = await isFresh(status as number, IS_VALID);
      const bytes = await registers.read(data, 8);
      const [clear, red, green, blue] = [0, 2, 4, 6].map((at) => bytes.readUInt16LE(at)) as [
        number,
        number,
        number,
        number,
      ];
      return valid ? { colour: colourOf({ red, green, blue, clear }, { gain, cycles: CYCLES }) } : {};
    };
  },
};

type Colour = NonNullable<Reading['colour']>;

/** The counts of the channels, as a colour from 0 to 255 that does not depend on how the chip was set up. */
export function colourOf(counts: Colour, { gain, cycles }: { gain: number; cycles: number }): Colour {
  const share = (REFERENCE_GAIN * CYCLES) / (gain * cycles * COUNTS);
  const value = (count: number) => Math.min(255, Math.floor(count * share));
  return {
    red: value(counts.red),
    green: value(counts.green),
    blue: value(counts.blue),
    clear: value(counts.clear),
  };
}
