import type { ChipModel } from '../chip';
import { freshness } from '../freshness';

/** Several bytes at once. */
const INCREMENT = 0x80;
const CONTROL_1 = 0x20;
const CONTROL_2 = 0x21;
const RESOLUTION = 0x10;
const FIFO = 0x2e;
const STATUS = 0x27;

/** Powered, no half-read numbers, 25 Hz. */
const RUNNING = 0xc4;

const HAS_PRESSURE = 2;

/** The pressure chip: https://www.st.com/resource/en/datasheet/lps25h.pdf */
export const LPS25H: ChipModel = {
  name: 'LPS25H',
  kind: 'environment',
  addresses: [0x5c],
  identityRegister: 0x0f,
  identities: [0xbd],
  start: async (registers) => {
    await registers.write(CONTROL_1, RUNNING);
    await registers.write(RESOLUTION, 0x05); // Averages of 32 pressures and 16 temperatures.
    await registers.write(FIFO, 0xc0); // Its mean of 2.
    await registers.write(CONTROL_2, 0x40); // Use the FIFO.
    const isFresh = freshness(registers, { control: CONTROL_1, running: RUNNING });
    return async () => {
      const bytes = await registers.read(STATUS | INCREMENT, 4);
      const valid = await isFresh(bytes[0] as number, HAS_PRESSURE);
      return valid ? { pressure: bytes.readIntLE(1, 3) / 4096 } : {};
    };
  },
};
