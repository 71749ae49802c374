import { CodedError, shown } from '../../coded-error';
import { parseColour } from './colour';
import type { Command } from './command';
import type { Projection } from './frame';
import type { DisplayProperties } from './options';

/** The message properties that node-red-node-pi-sense-hat applies to text. */
export interface PiSenseHatProperties {
  color?: unknown;
  colour?: unknown;
  background?: unknown;
  speed?: unknown;
}

/** The options that the commands `R` and `D` set for everything after them. */
type Settings = Partial<Pick<Projection, 'rotation' | 'lowLight'>>;

type OldCommand = Command & Settings;

const SETTINGS: Record<string, OldCommand> = {
  R0: { rotation: 0 },
  R90: { rotation: 90 },
  R180: { rotation: 180 },
  R270: { rotation: 270 },
  FH: { flip: 'horizontal' },
  FV: { flip: 'vertical' },
  D0: { lowLight: true },
  D1: { lowLight: false },
};

const PLACE = String.raw`\*|[0-7](?:-[0-7])?`;
// This matches more than colours: a wrong one is reported as a mistake, where that pack shows nothing.
const ANY_COLOUR = String.raw`\d{1,3},\d{1,3},\d{1,3}|#[\da-f]{3,6}|[a-z]+`;
const PIXELS = new RegExp(`(${PLACE}),(${PLACE}),(${ANY_COLOUR})(?:,(?=.)|$)`, 'giy');
const RGB = /^\d{1,3},\d{1,3},\d{1,3}$/;

/** The display that the commands act on. */
interface Target {
  /** Applies to the picture that is shown and to all that is queued. */
  adjust(change: Settings): void;
}

const settings = new WeakMap<Target, Settings>();

/** The settings of `R` and `D` that are in effect on a display. */
export function piSenseHatSettings(display: Target): Settings {
  return settings.get(display) ?? {};
}

/**
 * Translates a message for node-red-node-pi-sense-hat into a payload and properties of `sense-led`. The result is
 * `undefined` if the message only dims: that is done at once, without interrupting what is shown. `R` and `D` stay in
 * effect for all later messages of this kind to the display. Throws `BAD_COMMAND` or `BAD_NUMBER`.
 */
export function readPiSenseHat(
  msg: PiSenseHatProperties & { payload?: unknown },
  display: Target,
): (DisplayProperties & { payload: unknown }) | undefined {
  const parsed = typeof msg.payload === 'string' ? parsePiSenseHat(msg.payload) : undefined;
  const options = piSenseHatOptions(msg);
  const before = piSenseHatSettings(display);
  if (!parsed) return { ...msg, ...before, ...options, payload: msg.payload };

  let current = before;
  const commands = parsed.map((command) => {
    const { rotation = current.rotation, lowLight = current.lowLight } = command;
    current = { ...(rotation !== undefined && { rotation }), ...(lowLight !== undefined && { lowLight }) };
    return { ...current, ...command };
  });
  settings.set(display, current);
  const { lowLight } = current;
  if (lowLight === undefined || parsed.some((command) => command.lowLight === undefined)) {
    return { ...msg, ...options, payload: commands };
  }
  display.adjust({ lowLight });
  return undefined;
}

/**
 * Parses a payload as node-red-node-pi-sense-hat does, line by line: `x,y,colour` any number of times sets pixels,
 * `R90` rotates, `FH` and `FV` mirror, `D0` dims and `D1` brightens; any other line is text. The result is `undefined`
 * if all lines are text. Throws `BAD_COMMAND` for pixels with an invalid colour.
 * The format: https://github.com/node-red/node-red-nodes/tree/master/hardware/sensehat#output-node
 */
export function parsePiSenseHat(text: string): OldCommand[] | undefined {
  const lines = text.split(/\r?\n/);
  const parsed = lines.map((line) => parseSetting(line) ?? parsePixels(line));
  if (parsed.every((commands) => commands === undefined)) return undefined;
  return lines.flatMap((line, index) => parsed[index] ?? (line === '' ? [] : { text: line }));
}

/**
 * The options that a message sets for text: `color` or `colour`, and `background`, both also as `"255,128,0"`, and
 * `speed`. Options that the message lacks are missing here too. Throws `BAD_NUMBER`.
 */
export function piSenseHatOptions({ color, colour, background, speed }: PiSenseHatProperties): DisplayProperties {
  const options: DisplayProperties = { color: colourOf(color || colour), background: colourOf(background) };
  if (speed !== undefined && speed !== null && speed !== '') options.secondsPerColumn = speedToSecondsPerColumn(speed);
  return options;
}

/** How fast text scrolls: 0.16 s a column at speed 1, 0.1 s at 3, 0.04 s at 5. Throws `BAD_NUMBER` outside 1 to 5. */
export function speedToSecondsPerColumn(speed: unknown): number {
  const isNumeric = typeof speed === 'number' || typeof speed === 'string';
  const step = isNumeric ? Math.trunc(Number(speed)) : Number.NaN;
  if (!(step >= 1 && step <= 5)) throw new CodedError('BAD_NUMBER-speed', { value: shown(speed) });
  return (19 - 3 * step) / 100;
}

function parseSetting(line: string): OldCommand[] | undefined {
  const name = line.toUpperCase();
  const setting = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined;
  return setting && [setting];
}

function parsePixels(line: string): OldCommand[] | undefined {
  const matches = [...line.matchAll(PIXELS)];
  if (line === '' || matches.map(([match]) => match).join('') !== line) return undefined;
  const pixels = matches.map(([, x = '', y = '', color = '']) => ({ x, y, color: rgbOf(color) }));
  const wrongColour = pixels.find(({ color }) => !isColour(color));
  if (wrongColour) {
    throw new CodedError('BAD_COMMAND-color', { value: shown(wrongColour.color), command: shown(line) });
  }
  return pixels.map(({ x, y, color }) => ({ x: placeOf(x), y: placeOf(y), color }));
}

function placeOf(place: string): number | string {
  if (!place.includes('-')) return place === '*' ? place : Number(place);
  return place.split('-').sort().join('-');
}

/** Converts `"255,128,0"` to an array; other colours are left to `parseColour`. */
function colourOf(color: unknown): unknown {
  return typeof color === 'string' ? rgbOf(color) : color;
}

function rgbOf(color: string): string | number[] {
  return RGB.test(color) ? color.split(',').map(Number) : color;
}

function isColour(color: unknown): boolean {
  try {
    parseColour(color);
    return true;
  } catch {
    return false;
  }
}
