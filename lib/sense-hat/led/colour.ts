import { CodedError, shown } from '../../coded-error';
import { parseCssColour, type Rgba } from './css-colour';

/** Red, green and blue, 0 to 255 each. */
export type Rgb = readonly [red: number, green: number, blue: number];

export const BLACK: Rgb = [0, 0, 0];

/**
 * Colour names that CSS lacks, in lower case: `warmwhite` of CheerLights (https://cheerlights.com/cheerlights-api/),
 * `amber` and `off` of node-red-node-pi-sense-hat
 * (https://github.com/node-red/node-red-nodes/blob/master/hardware/sensehat/colours.js).
 */
export const MORE_COLOURS: ReadonlyMap<string, Rgb> = new Map([
  ['amber', [255, 210, 0]],
  ['off', BLACK],
  ['warmwhite', [253, 245, 230]],
]);

/**
 * Parses a colour: `[r, g, b]`, a CSS colour (a translucent one is blended with black), one of `MORE_COLOURS`, or a
 * number `0xRRGGBB`. Throws `BAD_COLOR`.
 */
export function parseColour(value: unknown): Rgb {
  const colour = Array.isArray(value)
    ? fromArray(value)
    : typeof value === 'string'
      ? fromText(value)
      : fromNumber(value);
  if (!colour) throw new CodedError('BAD_COLOR', { value: shown(value) });
  return colour;
}

/** Blends a translucent colour with its background. */
export function blend([red, green, blue, alpha]: Rgba, background: Rgb): Rgb {
  const mix = (front: number, back: number) => Math.round(front * alpha + back * (1 - alpha));
  return [mix(red, background[0]), mix(green, background[1]), mix(blue, background[2])];
}

function fromArray(value: unknown[]): Rgb | undefined {
  const [red, green, blue, ...others] = value;
  return others.length === 0 && isByte(red) && isByte(green) && isByte(blue) ? [red, green, blue] : undefined;
}

function isByte(part: unknown): part is number {
  return isWhole(part, 255);
}

function isWhole(value: unknown, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max;
}

function fromNumber(value: unknown): Rgb | undefined {
  return isWhole(value, 0xffffff) ? [value >> 16, (value >> 8) & 0xff, value & 0xff] : undefined;
}

/** Parsed colours by their text: a flow uses the same few over and over. */
const cache = new Map<string, Rgb | undefined>();
const MAX_CACHED = 256;

/** Longer than the colours of people, and short enough for the parser, which takes up to 1 ms at this length. */
const LONGEST = 200;

function fromText(text: string): Rgb | undefined {
  if (text.length > LONGEST) return undefined;
  if (!cache.has(text)) {
    if (cache.size === MAX_CACHED) cache.clear();
    cache.set(text, fromCss(text.trim()));
  }
  return cache.get(text);
}

function fromCss(text: string): Rgb | undefined {
  const named = MORE_COLOURS.get(text.toLowerCase());
  if (named) return named;
  // By far the most frequent form in pictures.
  if (/^#[\da-f]{6}$/i.test(text)) return fromNumber(Number.parseInt(text.slice(1), 16));
  const colour = parseCssColour(text);
  return colour && blend(colour, BLACK);
}
