import { CodedError, shown } from '../../coded-error';
import { choiceSetting, numberSetting } from '../../setting';
import { type Animation, type Label, repeated, type Scene, type Sequence, still } from './animation';
import { BLACK, parseColour, type Rgb } from './colour';
import { drawContent } from './content';
import { fill, type Picture, SIDE } from './frame';
import { DEFAULT_OPTIONS, type DisplayOptions, type DisplayProperties, readOptions } from './options';
import { checkLength } from './text';

/**
 * One thing to do and its options, in one object. It has at most one of `clear`, `fill`, `x` and `y`, `flip`, `text`
 * and `pixels`; without any of them it redraws what is shown with its options.
 */
export interface Command extends DisplayProperties {
  /** `true`: all LEDs off. */
  clear?: unknown;
  /** A colour for all pixels. */
  fill?: unknown;
  /** Columns from the left and rows from the top, 0 to 7: a number, a range such as `"3-6"`, or `"*"` for all. */
  x?: unknown;
  y?: unknown;
  /** Mirrors what is shown: `"horizontal"` swaps left and right, `"vertical"` top and bottom. */
  flip?: unknown;
  text?: unknown;
  /** A picture, or an array of them. */
  pixels?: unknown;
}

const FLIPS = ['horizontal', 'vertical'] as const;
const MIRROR: Record<(typeof FLIPS)[number], (picture: Picture) => Picture> = {
  horizontal: (picture) => moved(picture, (row, column) => SIDE * row + (7 - column)),
  vertical: (picture) => moved(picture, (row, column) => SIDE * (7 - row) + column),
};

/** The most commands in a list. A thousand pictures block the process for about 80 ms. */
const MAX_COMMANDS = 1000;

/** Draws each kind of command, by the property that identifies it. */
const DRAW: Record<string, (command: Command, options: DisplayOptions) => Animation> = {
  clear: ({ clear }) => (clear === true ? still(fill(BLACK)) : wrong('clear', clear)),
  fill: (command) => still(fill(parseColour(command.fill))),
  x: drawPixel,
  y: drawPixel,
  flip: ({ flip }) => redrawn(MIRROR[choiceSetting('flip', flip, FLIPS, 'horizontal')]),
  text: ({ text }, options) =>
    typeof text === 'object' || text === undefined ? wrong('text', text) : drawContent(text, options),
  pixels: ({ pixels }, options) =>
    typeof pixels === 'object' && pixels !== null ? drawContent(pixels, options) : wrong('pixels', pixels),
};
const KINDS = Object.keys(DRAW);
const COMMANDS: Label = { kind: 'commands' };
const PICTURE: Label = { kind: 'picture' };
const ANIMATION: Label = { kind: 'animation' };
const PROPERTIES = new Set([...KINDS, ...Object.keys(DEFAULT_OPTIONS)]);

/**
 * Draws a payload: a command, an array of commands, or any content of `drawContent`. Throws `BAD_COMMAND`, and what
 * `drawContent` and `readOptions` throw.
 */
export function drawPayload(payload: unknown, options: DisplayOptions): Sequence {
  if (isCommand(payload)) {
    const { scene, repeat } = drawCommand(payload, options);
    const content = payload.text ?? payload.pixels;
    return { label: content === undefined ? COMMANDS : labelOf(content, scene.animation), scenes: [scene], repeat };
  }
  if (Array.isArray(payload) && isCommand(payload[0])) {
    return { label: COMMANDS, scenes: drawList(payload, options), repeat: options.repeat };
  }
  const animation = drawContent(payload, options);
  return { label: labelOf(payload, animation), scenes: [{ animation, projection: options }], repeat: options.repeat };
}

function labelOf(content: unknown, { length }: Animation): Label {
  if (typeof content !== 'object') return { kind: 'text', text: String(content) };
  return length > 1 ? ANIMATION : PICTURE;
}

/** Whether a value is a plain object. Those of a Function node are made by another `Object`. */
function isCommand(value: unknown): value is Command {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function drawList(commands: unknown[], options: DisplayOptions): Scene[] {
  const { length } = commands;
  if (length > MAX_COMMANDS) throw new CodedError('BAD_COMMAND-many', { length, limit: MAX_COMMANDS });
  const texts = commands.map((command) => (isCommand(command) && typeof command.text === 'string' ? command.text : ''));
  checkLength(texts.reduce((sum, text) => sum + text.length, 0));
  // Unlike `map`, this does not skip the holes of an array.
  return Array.from(commands, (command) => drawListed(command, options));
}

/** Draws a command of a list, repeated as often as it says. */
function drawListed(command: unknown, options: DisplayOptions): Scene {
  if (!isCommand(command)) return wrong('command', command);
  const { scene, repeat } = drawCommand(command, { ...options, repeat: 1 });
  if (repeat === 0) wrong('repeat', repeat);
  const { animation, projection } = scene;
  return { animation: repeated(animation, repeat), projection };
}

function drawCommand(command: Command, base: DisplayOptions): { scene: Scene; repeat: number } {
  const names = Object.keys(command);
  const unknown = names.find((name) => !PROPERTIES.has(name));
  if (unknown !== undefined)
    throw new CodedError('BAD_COMMAND-unknown', { name: shown(unknown), value: shown(command) });
  if (names.length === 0) wrong('command', command);
  const kinds = KINDS.filter((kind) => kind in command && !(kind === 'y' && 'x' in command));
  if (kinds.length > 1) throw new CodedError('BAD_COMMAND-several', { kinds: kinds.join(', '), value: shown(command) });

  const options = readOptions(command, base);
  const draw = kinds[0] && DRAW[kinds[0]];
  const animation = draw ? draw(command, options) : redrawn((shown) => shown);
  // A picture with a frame time of its own is held that long.
  const isHeld = animation.periodMs === 0 && numberSetting('frameMs', command.frameMs, 0) > 0;
  const timed = isHeld ? { ...animation, periodMs: options.frameMs } : animation;
  return { scene: { animation: timed, projection: options }, repeat: options.repeat };
}

/** An animation of one picture, which changes the one that is shown. */
function redrawn(change: (shown: Picture) => Picture): Animation {
  return { length: 1, pictureAt: (_, shown) => change(shown), periodMs: 0 };
}

/** Sets some pixels and leaves the others as they are. */
function drawPixel({ x, y }: Command, { color }: DisplayOptions): Animation {
  const columns = range('x', x);
  const rows = range('y', y);
  const places = rows.flatMap((row) => columns.map((column) => SIDE * row + column));
  return redrawn((shown) => withPixels(shown, places, color));
}

function withPixels(shown: Picture, places: number[], color: Rgb): Picture {
  const picture = Uint8Array.from(shown);
  for (const place of places) picture.set(color, 3 * place);
  return picture;
}

/** A picture with the pixels of another one rearranged. */
function moved(picture: Picture, placeOf: (row: number, column: number) => number): Picture {
  const result = new Uint8Array(picture.length);
  for (let at = 0; at < SIDE * SIDE; at++) {
    const from = 3 * placeOf(Math.floor(at / SIDE), at % SIDE);
    result.set(picture.subarray(from, from + 3), 3 * at);
  }
  return result;
}

/** The numbers from 0 to 7 that a coordinate stands for. */
function range(name: string, value: unknown): number[] {
  const text = value === '*' ? '0-7' : typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  const [, first, last = first] = /^\s*(\d)\s*(?:-\s*(\d)\s*)?$/.exec(text) ?? [];
  const from = Number(first);
  const to = Number(last);
  if (!(from <= to && to < SIDE)) throw new CodedError('BAD_COMMAND-range', { name, value: shown(value) });
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function wrong(name: string, value: unknown): never {
  throw new CodedError('BAD_COMMAND', { name, value: shown(value) });
}
