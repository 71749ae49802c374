import type { Rgb } from './colour';

/** How bright a picture is shown. */
export interface Look {
  /**
   * Whether everything is dimmed for a dark room, as `low_light` of python-sense-hat does.
   * @default false
   */
  lowLight: boolean;
  /**
   * In percent of full light, from 0 to 100. Above 0, an LED that is lit at 100 stays lit.
   * @default 100
   */
  brightness: number;
  /**
   * Whether every channel above 0 is shown at least at the lowest level that an LED shows; otherwise values below 48 are
   * dark.
   * @default false
   */
  leastVisible: boolean;
}

/** The look of an object that has other properties as well. */
export function lookOf({ lowLight, brightness, leastVisible }: Look): Look {
  return { lowLight, brightness, leastVisible };
}

/** Whether two looks are the same. */
export function isSameLook(one: Look, other: Look): boolean {
  return (
    one.lowLight === other.lowLight && one.brightness === other.brightness && one.leastVisible === other.leastVisible
  );
}

/** The light of each value of a 5-bit channel, from 0 to 31: the driver's default gamma table and its low-light one. */
// https://github.com/raspberrypi/linux/blob/rpi-6.6.y/drivers/video/fbdev/rpisense-fb.c
const DEFAULT_GAMMA = [
  0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 17, 18, 20, 21, 23, 25, 27, 29, 31,
];
const LOW_GAMMA = [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 10, 10];

/** The lowest value of a channel that an LED shows. */
const LOWEST_LIT = DEFAULT_GAMMA.findIndex((light) => light > 0);

/** The pixels of a look, in both directions. */
interface Encoding {
  /** The RGB565 pixel of a colour. */
  encode(colour: Rgb): number;
  /** The colour of a pixel: `encode` turns it back into the same one, if the look can produce it. */
  decode(pixel: number): Rgb;
}

/** By the number of the look. A flow uses only a few. */
const encodings = new Map<number, Encoding>();
const MAX_ENCODINGS = 256;

/** How a look encodes colours. */
export function encodingOf(look: Look): Encoding {
  const key = look.brightness + (look.lowLight ? 1000 : 0) + (look.leastVisible ? 2000 : 0);
  const known = encodings.get(key);
  if (known) return known;
  const encoding = createEncoding(look);
  if (encodings.size === MAX_ENCODINGS) encodings.clear();
  encodings.set(key, encoding);
  return encoding;
}

function createEncoding({ lowLight, brightness, leastVisible }: Look): Encoding {
  const isPlain = !lowLight && brightness === 100;
  if (isPlain && !leastVisible) return { encode: to565, decode: from565 };
  const gamma = lowLight ? LOW_GAMMA : DEFAULT_GAMMA;
  const least = leastVisible && brightness > 0 ? LOWEST_LIT : 0;
  /** The value to write for each value of a channel. */
  const values = gamma.map((light, channel) => {
    return Math.max(isPlain ? channel : valueFor((light * brightness) / 100), least);
  });
  /** The same for each byte. */
  const bytes = Uint8Array.from({ length: 256 }, (_, part) => (part === 0 ? 0 : (values[part >> 3] as number)));

  const encode = (colour: Rgb) => {
    const red = bytes[colour[0]] as number;
    const green = bytes[colour[1]] as number;
    const blue = bytes[colour[2]] as number;
    if (red < LOWEST_LIT && green < LOWEST_LIT && blue < LOWEST_LIT) return brightness > 0 ? encodeFaint(colour) : 0;
    // The lowest bit of green makes no difference to the light, but a plain pixel is as others encode it.
    return (red << 11) | (green << 6) | (isPlain ? (colour[1] << 3) & 0x20 : 0) | blue;
  };
  /** Encodes a colour whose channels are all too dark to be seen: the brightest ones stay lit. */
  const encodeFaint = (colour: Rgb) => {
    const [red, green, blue] = colour.map((part) => gamma[part >> 3] as number) as [...Rgb];
    const brightest = Math.max(red, green, blue);
    const value = (light: number) => (light > 0 && light === brightest ? LOWEST_LIT : 0);
    return (value(red) << 11) | (value(green) << 6) | value(blue);
  };
  if (isPlain) return { encode, decode: from565 };

  /** For each value of a channel, the brightest one that is shown no brighter. */
  const channels = DEFAULT_GAMMA.map((light, value) =>
    light > 0 && brightness > 0
      ? Math.max(
          values.findLastIndex((each) => each <= value),
          0,
        )
      : 0,
  );
  const partOf = (value: number) => stretched(channels[value] as number);
  return { encode, decode: (pixel) => [partOf(pixel >> 11), partOf((pixel >> 6) & 0x1f), partOf(pixel & 0x1f)] };
}

/** The value of a channel whose light is nearest: Node cannot switch the driver's table, which is an ioctl. */
function valueFor(light: number): number {
  const distances = DEFAULT_GAMMA.map((each) => Math.abs(each - light));
  return distances.indexOf(Math.min(...distances));
}

function to565([red, green, blue]: Rgb): number {
  return ((red >> 3) << 11) | ((green >> 2) << 5) | (blue >> 3);
}

/** The colour of an RGB565 pixel. */
export function from565(pixel: number): Rgb {
  const green = (pixel >> 5) & 0x3f;
  return [stretched(pixel >> 11), (green << 2) | (green >> 4), stretched(pixel & 0x1f)];
}

/** A 5-bit channel as a byte. */
function stretched(channel: number): number {
  return (channel << 3) | (channel >> 2);
}
