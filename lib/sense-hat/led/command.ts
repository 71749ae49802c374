import { CodedError, shown } from '../../coded-error';
import { choiceOf, numberSetting } from '../../setting';
import type { Steps } from '../../steps';
import { type Animation, type Label, repeated, type Scene, type Sequence, still } from './animation';
import type { Picture } from './canvas';
import { BLACK, parseColour } from './colour';
import { drawContent } from './content';
import { fill } from './frame';
import { isImageText } from './image-text';
import { isSameLook, type Look } from './light';
import { DEFAULT_OPTIONS, type DisplayOptions, type DisplayProperties, readOptions } from './options';
import { FLIPS, mirrored, withPixels } from './picture-changes';
import { relit } from './pixel-looks';
import { checkLength, drawText } from './text';

/**
 * One thing to do and its options, in one object. It has at most one of `clear`, `fill`, `x` and `y`, `flip`, `text`
 * and `pixels`; without any of them it redraws what is shown with its `REDRAWING` options.
 */
export interface Command extends DisplayProperties {
  /** `true`: all LEDs off. */
  clear?: unknown;
  /** A colour for all pixels. */
  fill?: unknown;
  /** Columns from the left and rows from the top of the canvas, from 0: a number, a range such as `"3-6"`, or `"*"` for all. */
  x?: unknown;
  y?: unknown;
  /** Mirrors what is shown: `"horizontal"` swaps left and right, `"vertical"` top and bottom. */
  flip?: unknown;
  text?: unknown;
  /** A picture, or an array of them. */
  pixels?: unknown;
}

/** The most commands in a list. */
const MAX_COMMANDS = 1000;

/** Draws each kind of command, by the property that identifies it. */
const DRAW: Record<
  string,
  (command: Command, options: DisplayOptions, change: Partial<Look>) => Animation | Steps<Animation>
> = {
  clear: ({ clear }, { tile }) => (clear === true ? still(fill(BLACK, tile.canvas)) : wrong('clear', clear)),
  fill: (command, { tile }) => still(fill(parseColour(command.fill), tile.canvas)),
  x: drawPixel,
  y: drawPixel,
  flip: ({ flip }, { tile }, change) => {
    const direction = choiceOf('flip', flip, FLIPS);
    return redrawn((shown) => relit(mirrored(shown, tile.canvas, direction), change));
  },
  text: ({ text }, options) => {
    if (typeof text === 'object' || text === undefined) return wrong('text', text);
    return typeof text === 'string' ? drawText(text, options) : drawContent(text, options);
  },
  pixels: ({ pixels }, options) =>
    (typeof pixels === 'object' && pixels !== null) || isImageText(pixels)
      ? drawContent(pixels, options)
      : wrong('pixels', pixels),
};
const KINDS = Object.keys(DRAW);
const COMMANDS: Label = { kind: 'commands' };
const PICTURE: Label = { kind: 'picture' };
const ANIMATION: Label = { kind: 'animation' };
const PROPERTIES = new Set([...KINDS, ...Object.keys(DEFAULT_OPTIONS), 'colour']);
// A wall is a setting of the node alone.
PROPERTIES.delete('tile');

const LOOK = ['lowLight', 'brightness', 'leastVisible'] as const;
/** What a command may change without drawing anything itself. */
const REDRAWING = ['rotation', 'flipH', 'flipV', 'frameMs', ...LOOK] as const;
/** What has no effect in such a command. */
const DRAWING = ['color', 'colour', 'background', 'secondsPerColumn', 'direction'] as const;

/**
 * Draws a payload: a command, an array of commands, or any content of `drawContent`. Throws `BAD_COMMAND`, and what
 * `drawContent` and `readOptions` throw.
 */
export function* drawPayload(payload: unknown, options: DisplayOptions): Steps<Sequence> {
  if (isCommand(payload)) {
    const { scene, repeat } = yield* drawCommand(payload, options);
    const content = payload.text ?? payload.pixels;
    return { label: content === undefined ? COMMANDS : labelOf(content, scene.animation), scenes: [scene], repeat };
  }
  if (Array.isArray(payload) && isCommand(payload[0])) {
    return { label: COMMANDS, scenes: yield* drawList(payload, options), repeat: options.repeat };
  }
  const animation = yield* drawContent(payload, options);
  return { label: labelOf(payload, animation), scenes: [{ animation, projection: options }], repeat: options.repeat };
}

function labelOf(content: unknown, { length }: Animation): Label {
  if (typeof content !== 'object' && !isImageText(content)) return { kind: 'text', text: String(content) };
  return length > 1 ? ANIMATION : PICTURE;
}

/** Whether a value is a plain object. Those of a Function node are made by another `Object`. */
function isCommand(value: unknown): value is Command {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function* drawList(commands: unknown[], options: DisplayOptions): Steps<Scene[]> {
  const { length } = commands;
  if (length > MAX_COMMANDS) throw new CodedError('BAD_COMMAND-many', { length, limit: MAX_COMMANDS });
  const texts = commands.map((command) => (isCommand(command) && typeof command.text === 'string' ? command.text : ''));
  checkLength(texts.reduce((sum, text) => sum + text.length, 0));
  const scenes: Scene[] = [];
  for (const command of commands.slice()) {
    scenes.push(yield* drawListed(command, options));
    yield;
  }
  return scenes;
}

/** Draws a command of a list, repeated as often as it says. */
function* drawListed(command: unknown, options: DisplayOptions): Steps<Scene> {
  if (!isCommand(command)) return wrong('command', command);
  const { scene, repeat } = yield* drawCommand(command, { ...options, repeat: 1 });
  if (repeat === 0) wrong('repeat', repeat);
  const { animation, projection } = scene;
  return { animation: repeated(animation, repeat), projection };
}

function* drawCommand(command: Command, base: DisplayOptions): Steps<{ scene: Scene; repeat: number }> {
  const names = Object.keys(command);
  const unknown = names.find((name) => !PROPERTIES.has(name));
  if (unknown !== undefined)
    throw new CodedError('BAD_COMMAND-unknown', { name: shown(unknown), value: shown(command) });
  if (names.length === 0) wrong('command', command);
  const kinds = KINDS.filter((kind) => kind in command && !(kind === 'y' && 'x' in command));
  if (kinds.length > 1) throw new CodedError('BAD_COMMAND-several', { kinds: kinds.join(', '), value: shown(command) });

  const draw = kinds[0] && DRAW[kinds[0]];
  if (!draw && (DRAWING.some((name) => name in command) || !REDRAWING.some((name) => name in command))) {
    throw new CodedError('BAD_COMMAND-missing', { value: shown(command) });
  }

  const options = readOptions(command, base);
  const change = changedLook(command, options);
  const drawn = draw ? draw(command, options, change) : redrawn((shown) => relit(shown, change));
  const animation = Symbol.iterator in drawn ? yield* drawn : drawn;
  // A picture with a frame time of its own is held that long.
  const isHeld = animation.periodMs === 0 && numberSetting('frameMs', command.frameMs, 0) > 0;
  const timed = isHeld ? { ...animation, periodMs: options.frameMs } : animation;
  return { scene: { animation: timed, projection: options }, repeat: options.repeat };
}

/** The part of a look that a command itself sets. */
function changedLook(command: Command, options: DisplayOptions): Partial<Look> {
  const set = LOOK.filter((name) => command[name] !== undefined && command[name] !== null && command[name] !== '');
  return Object.fromEntries(set.map((name) => [name, options[name]]));
}

/** An animation of one picture, which changes the one that is shown. */
function redrawn(change: (shown: Picture) => Picture): Animation {
  return { length: 1, pictureAt: (_, shown) => change(shown), periodMs: 0 };
}

/** Sets some pixels and leaves the others as they are. */
function drawPixel({ x, y }: Command, { color, tile }: DisplayOptions): Animation {
  const { width, height } = tile.canvas;
  const columns = range('x', x, width - 1);
  const rows = range('y', y, height - 1);
  return {
    length: 1,
    pictureAt: (_, shown, look, ownLook) => {
      const isOwn = look && ownLook && !isSameLook(look, ownLook);
      return withPixels(shown, { rows, columns, width }, color, isOwn ? ownLook : undefined);
    },
    keepsLook: true,
    periodMs: 0,
  };
}

/** The numbers from 0 to `max` that a coordinate stands for. */
function range(name: string, value: unknown, max: number): number[] {
  const text = value === '*' ? `0-${max}` : typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  const [, first, last = first] = /^\s*(\d{1,2})\s*(?:-\s*(\d{1,2})\s*)?$/.exec(text) ?? [];
  const from = Number(first);
  const to = Number(last);
  if (!(from <= to && to <= max)) throw new CodedError('BAD_COMMAND-range', { name, value: shown(value), max });
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function wrong(name: string, value: unknown): never {
  throw new CodedError('BAD_COMMAND', { name, value: shown(value) });
}
