import { CodedError, shown } from '../../coded-error';
import { choiceSetting, numberSetting } from '../../setting';
import { type Animation, repeated, type Scene, type Show, still, type Title } from './animation';
import { BLACK, parseColour, type Rgb } from './colour';
import { drawContent } from './content';
import { fill, type Picture, SIDE } from './frame';
import { DEFAULT_LOOK, type Look, type LookProperties, readLook } from './look';
import { checkLength } from './text';

/**
 * One thing to do, and how: what a message says by its payload and its properties, in one object. At most one of
 * `clear`, `fill`, `x` and `y`, `flip`, `text` and `pixels`; with none, what is shown is shown anew.
 */
export interface Command extends LookProperties {
  /** `true`: all LEDs off. */
  clear?: unknown;
  /** A colour for all pixels. */
  fill?: unknown;
  /** Columns from the left and rows from the top, 0 to 7: a number, a range as in `"3-6"`, or `"*"`. */
  x?: unknown;
  y?: unknown;
  /** Mirrors what is shown, once: `"horizontal"` left and right, `"vertical"` up and down. */
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

/** The most commands of a list: some 80 ms if each is a picture, in which nothing else runs. */
const MAX_COMMANDS = 1000;

/** What each kind of command draws, by the property that makes it one. */
const DRAW: Record<string, (command: Command, look: Look) => Animation> = {
  clear: ({ clear }) => (clear === true ? still(fill(BLACK)) : wrong('clear', clear)),
  fill: (command) => still(fill(parseColour(command.fill))),
  x: drawPixel,
  y: drawPixel,
  flip: ({ flip }) => redrawn(MIRROR[choiceSetting('flip', flip, FLIPS, 'horizontal')]),
  text: ({ text }, look) =>
    typeof text === 'object' || text === undefined ? wrong('text', text) : drawContent(text, look),
  pixels: ({ pixels }, look) =>
    typeof pixels === 'object' && pixels !== null ? drawContent(pixels, look) : wrong('pixels', pixels),
};
const KINDS = Object.keys(DRAW);
const COMMANDS: Title = { kind: 'commands' };
const PICTURE: Title = { kind: 'picture' };
const ANIMATION: Title = { kind: 'animation' };
const PROPERTIES = new Set([...KINDS, ...Object.keys(DEFAULT_LOOK)]);

/**
 * What a payload shows: a command or an array of them, or else one content. Throws `BAD_COMMAND`, what `drawContent`
 * throws, or what is wrong with a look.
 */
export function drawPayload(payload: unknown, look: Look): Show {
  if (isCommand(payload)) {
    const { scene, repeat } = drawCommand(payload, look);
    const content = payload.text ?? payload.pixels;
    return { title: content === undefined ? COMMANDS : titleOf(content, scene.animation), scenes: [scene], repeat };
  }
  if (Array.isArray(payload) && isCommand(payload[0])) {
    return { title: COMMANDS, scenes: drawList(payload, look), repeat: look.repeat };
  }
  const animation = drawContent(payload, look);
  return { title: titleOf(payload, animation), scenes: [{ animation, projection: look }], repeat: look.repeat };
}

function titleOf(content: unknown, { length }: Animation): Title {
  if (typeof content !== 'object') return { kind: 'text', text: String(content) };
  return length > 1 ? ANIMATION : PICTURE;
}

/** Whether a value is a plain object; a Function node's have an `Object` of their own. */
function isCommand(value: unknown): value is Command {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function drawList(commands: unknown[], look: Look): Scene[] {
  const { length } = commands;
  if (length > MAX_COMMANDS) throw new CodedError('BAD_COMMAND-many', { length, limit: MAX_COMMANDS });
  const texts = commands.map((command) => (isCommand(command) && typeof command.text === 'string' ? command.text : ''));
  checkLength(texts.reduce((sum, text) => sum + text.length, 0));
  // A hole in the array becomes visible.
  return Array.from(commands, (command) => drawListed(command, look));
}

/** One command of a list, as often as it says. */
function drawListed(command: unknown, look: Look): Scene {
  if (!isCommand(command)) return wrong('command', command);
  const { scene, repeat } = drawCommand(command, { ...look, repeat: 1 });
  if (repeat === 0) wrong('repeat', repeat);
  const { animation, projection } = scene;
  return { animation: repeated(animation, repeat), projection };
}

function drawCommand(command: Command, base: Look): { scene: Scene; repeat: number } {
  const names = Object.keys(command);
  const unknown = names.find((name) => !PROPERTIES.has(name));
  if (unknown !== undefined)
    throw new CodedError('BAD_COMMAND-unknown', { name: shown(unknown), value: shown(command) });
  if (names.length === 0) wrong('command', command);
  const kinds = KINDS.filter((kind) => kind in command && !(kind === 'y' && 'x' in command));
  if (kinds.length > 1) throw new CodedError('BAD_COMMAND-several', { kinds: kinds.join(', '), value: shown(command) });

  const look = readLook(command, base);
  const draw = kinds[0] && DRAW[kinds[0]];
  const animation = draw ? draw(command, look) : redrawn((shown) => shown);
  // A picture in a list of commands stands for as long as its command says.
  const isHeld = animation.periodMs === 0 && numberSetting('frameMs', command.frameMs, 0) > 0;
  const timed = isHeld ? { ...animation, periodMs: look.frameMs } : animation;
  return { scene: { animation: timed, projection: look }, repeat: look.repeat };
}

/** What is shown, changed. */
function redrawn(change: (shown: Picture) => Picture): Animation {
  return { length: 1, pictureAt: (_, shown) => change(shown), periodMs: 0 };
}

/** Sets some pixels and leaves the others as they are. */
function drawPixel({ x, y }: Command, { color }: Look): Animation {
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

/** A picture whose pixels come from other places of one. */
function moved(picture: Picture, placeOf: (row: number, column: number) => number): Picture {
  const result = new Uint8Array(picture.length);
  for (let at = 0; at < SIDE * SIDE; at++) {
    const from = 3 * placeOf(Math.floor(at / SIDE), at % SIDE);
    result.set(picture.subarray(from, from + 3), 3 * at);
  }
  return result;
}

/** The numbers from 0 to 7 that a coordinate means. */
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
