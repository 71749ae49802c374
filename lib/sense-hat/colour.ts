import { colord, extend } from 'colord';
import names from 'colord/plugins/names';
import { CodedError, shown } from '../coded-error';

extend([names]);

/** Red, green and blue, 0 to 255 each. */
export type Rgb = readonly [red: number, green: number, blue: number];

export const BLACK: Rgb = [0, 0, 0];

/**
 * The names that CSS lacks: `warmwhite` of CheerLights (https://cheerlights.com/cheerlights-api/), whose other names are
 * as in CSS, and `amber` and `off` of node-red-node-pi-sense-hat
 * (https://github.com/node-red/node-red-nodes/blob/master/hardware/sensehat/colours.js). In lower case.
 */
export const MORE_COLOURS: ReadonlyMap<string, Rgb> = new Map([
  ['amber', [255, 210, 0]],
  ['off', BLACK],
  ['warmwhite', [253, 245, 230]],
]);

/**
 * A colour in one of the forms that flows use: `[r, g, b]`, a CSS colour (over black where it is translucent),
 * one of `MORE_COLOURS`, or a number `0xRRGGBB`. Throws `BAD_COLOR`.
 */
export function parseColour(value: unknown): Rgb {
  const colour = Array.isArray(value) ? fromArray(value) : fromValue(value);
  if (!colour) throw new CodedError('BAD_COLOR', { value: shown(value) });
  return colour;
}

function fromArray(value: unknown[]): Rgb | undefined {
  const isByte = (part: unknown) => Number.isInteger(part) && (part as number) >= 0 && (part as number) <= 255;
  // A copy, for its owner may change it, and a hole in it becomes visible.
  const parts = Array.from(value);
  return parts.length === 3 && parts.every(isByte) ? (parts as unknown as Rgb) : undefined;
}

function fromValue(value: unknown): Rgb | undefined {
  if (typeof value === 'number') {
    return Number.isInteger(value) && value >= 0 && value <= 0xffffff
      ? [value >> 16, (value >> 8) & 0xff, value & 0xff]
      : undefined;
  }
  if (typeof value !== 'string') return undefined;
  const name = value.trim();
  const named = MORE_COLOURS.get(name.toLowerCase());
  if (named) return named;
  const colour = colord(name);
  if (!colour.isValid()) return undefined;
  const { r, g, b, a } = colour.toRgb();
  return [Math.round(r * a), Math.round(g * a), Math.round(b * a)];
}
