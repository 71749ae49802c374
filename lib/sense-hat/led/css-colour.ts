import { type ColorData, ColorNotation, color, serializeRGB } from '@csstools/css-color-parser';
import {
  isCommentNode,
  isTokenNode,
  isWhitespaceNode,
  parseListOfComponentValues,
} from '@csstools/css-parser-algorithms';
import { isTokenNumber, tokenize } from '@csstools/css-tokenizer';

/** A colour and its opacity: bytes, and 0 to 1. */
export type Rgba = readonly [red: number, green: number, blue: number, alpha: number];

/** The notations whose channels are red, green and blue from 0 to 1. */
const RGB_NOTATIONS = new Set([ColorNotation.RGB, ColorNotation.HEX, ColorNotation.sRGB]);

/** The full lightness of the notations that have one. */
const LIGHTEST = new Map([
  [ColorNotation.Lab, 100],
  [ColorNotation.LCH, 100],
  [ColorNotation.OKLab, 1],
  [ColorNotation.OKLCH, 1],
]);

/** Too little to change a byte. */
const A_LITTLE = 1e-6;

/**
 * Parses a colour of CSS Color 4 and 5 (https://www.w3.org/TR/css-color-5/), mixed and relative ones included, with the
 * values that browsers paint: what sRGB lacks is clipped. The result is `undefined` for a text that is not a colour,
 * and for a colour that depends on the page: `currentcolor`, a system colour, `light-dark()`, `var()`.
 */
export function parseCssColour(text: string): Rgba | undefined {
  const data = parse(text);
  const alpha = data && alphaOf(data);
  if (!data || alpha === undefined) return undefined;
  const [red = 0, green = 0, blue = 0] = bytesOf(data);
  return [red, green, blue, alpha];
}

function parse(text: string): ColorData | undefined {
  const values = parseListOfComponentValues(tokenize({ css: text }));
  const [value, ...others] = values.filter((each) => !isWhitespaceNode(each) && !isCommentNode(each));
  if (!value || others.length > 0) return undefined;
  try {
    return color(value) || undefined;
  } catch {
    return undefined; // The library stumbles over some nested functions that are not colours.
  }
}

/** `none` is parsed as NaN and counts as 0. `alpha()` leaves a token. */
function alphaOf({ alpha }: ColorData): number | undefined {
  if (typeof alpha === 'number') return alpha || 0;
  return isTokenNode(alpha) && isTokenNumber(alpha.value) ? alpha.value[4].value || 0 : undefined;
}

function bytesOf(data: ColorData): number[] {
  if (RGB_NOTATIONS.has(data.colorNotation)) return data.channels.map(byteOf);
  const written = serializeRGB({ ...data, channels: asBrowsersDo(data) }, false).toString();
  return (written.match(/\d+/g) ?? []).slice(0, 3).map(Number);
}

function byteOf(channel: number): number {
  return Math.round(Math.min(Math.max(channel || 0, 0), 1) * 255);
}

/** The channels of a colour, for the two cases in which the library and browsers differ. */
function asBrowsersDo({ colorNotation, channels }: ColorData): ColorData['channels'] {
  const [first, second, third] = channels;
  if (colorNotation === ColorNotation.HWB) return [first, Math.max(second, 0), Math.max(third, 0)];
  const lightest = LIGHTEST.get(colorNotation);
  // An early draft of CSS Color 4 made the ends of the range black and white, whatever the other channels are.
  return lightest ? [Math.min(Math.max(first, A_LITTLE), lightest - A_LITTLE), second, third] : channels;
}
