import type { ChipModel } from '../chip';
import { freshness } from '../freshness';

/** Several bytes at once. */
const INCREMENT = 0x80;
const CONTROL = 0x20;
const RESOLUTION = 0x10;
const STATUS = 0x27;
const CALIBRATION = 0x30;

/** Powered, no half-read numbers, 12.5 Hz. */
const RUNNING = 0x87;
/** Averages of 16 temperatures and 32 humidities. */
const AVERAGES = 0x1b;

const HAS_TEMPERATURE = 1;
const HAS_HUMIDITY = 2;

/** The humidity chip, whose temperature is the HAT's: https://www.st.com/resource/en/datasheet/hts221.pdf */
export const HTS221: ChipModel = {
  name: 'HTS221',
  kind: 'environment',
  addresses: [0x5f],
  identityRegister: 0x0f,
  identities: [0xbc],
  start: async (registers) => {
    await registers.write(CONTROL, RUNNING);
    await registers.write(RESOLUTION, AVERAGES);
    const { temperature, humidity } = curves(await registers.read(CALIBRATION | INCREMENT, 16));
    const isFresh = freshness(registers, { control: CONTROL, running: RUNNING });
    return async () => {
      const bytes = await registers.read(STATUS | INCREMENT, 5);
      const valid = await isFresh(bytes[0] as number, HAS_TEMPERATURE | HAS_HUMIDITY);
      return {
        ...(valid & HAS_TEMPERATURE ? { temperature: temperature(bytes.readInt16LE(3)) } : {}),
        ...(valid & HAS_HUMIDITY ? { humidity: Math.min(100, Math.max(0, humidity(bytes.readInt16LE(1)))) } : {}),
      };
    };
  },
};

type Curve = (raw: number) => number;

/** The lines through the two points that each chip is calibrated at. */
function curves(calibration: Buffer): { temperature: Curve; humidity: Curve } {
  const byte = (register: number) => calibration[register - CALIBRATION] as number;
  const number = (register: number) => calibration.readInt16LE(register - CALIBRATION);
  const t0 = (((byte(0x35) & 0x03) << 8) | byte(0x32)) / 8;
  const t1 = (((byte(0x35) & 0x0c) << 6) | byte(0x33)) / 8;
  return {
    temperature: line(number(0x3c), t0, number(0x3e), t1),
    humidity: line(number(0x36), byte(0x30) / 2, number(0x3a), byte(0x31) / 2),
  };
}

function line(raw0: number, value0: number, raw1: number, value1: number): Curve {
  const slope = raw1 === raw0 ? 0 : (value1 - value0) / (raw1 - raw0);
  return (raw) => value0 + (raw - raw0) * slope;
}
