import { CodedError, shown } from '../../coded-error';
import { choiceSetting, countSetting, numberSetting, switchSetting } from '../../setting';
import { BLACK, parseColour, type Rgb } from './colour';
import type { Projection, Rotation } from './frame';

const DIRECTIONS = ['left', 'right', 'up', 'down'] as const;

/** Where a text moves to. */
export type Direction = (typeof DIRECTIONS)[number];

/** How content is shown. */
export interface Look extends Projection {
  /**
   * Of text and of single pixels. In a flow or a message any CSS colour, `[red, green, blue]` or `0xRRGGBB`.
   * @default '#ffffff'
   */
  color: Rgb;
  /**
   * Behind text and behind a translucent PNG; as `color`.
   * @default '#000000'
   */
  background: Rgb;
  /**
   * How long a text stays before it moves on by a column, or by a row, in seconds, from 0 to 2,147,483,647.
   * @default 0.1
   */
  secondsPerColumn: number;
  /**
   * Where a text moves to: `left`, `right`, `up` or `down`.
   * @default 'left'
   */
  direction: Direction;
  /**
   * How long each frame of an animation is shown, in milliseconds, from 0 to 2,147,483,647.
   * @default 100
   */
  frameMs: number;
  /**
   * How often all of a message is shown, a whole number from 0 to 2,147,483,647; 0: until another takes its place.
   * @default 1
   */
  repeat: number;
}

/** The properties of a node, a message or a command that make a look; most are missing. */
export type LookProperties = Partial<Record<keyof Look, unknown>>;

export const DEFAULT_LOOK: Look = {
  color: [255, 255, 255],
  background: BLACK,
  secondsPerColumn: 0.1,
  direction: 'left',
  frameMs: 100,
  repeat: 1,
  rotation: 0,
  flipH: false,
  flipV: false,
  lowLight: false,
  brightness: 100,
};

/**
 * The look that some properties ask for; what they leave out, or leave empty, is as in `base`.
 * Throws `BAD_COLOR`, `BAD_NUMBER`, `BAD_CHOICE`, `BAD_ROTATION` or `BAD_SWITCH`.
 */
export function readLook(properties: LookProperties, base: Look): Look {
  return {
    color: given(properties.color, parseColour, base.color),
    background: given(properties.background, parseColour, base.background),
    secondsPerColumn: numberSetting('secondsPerColumn', properties.secondsPerColumn, base.secondsPerColumn),
    direction: choiceSetting('direction', properties.direction, DIRECTIONS, base.direction),
    frameMs: numberSetting('frameMs', properties.frameMs, base.frameMs),
    repeat: countSetting('repeat', properties.repeat, base.repeat),
    rotation: given(properties.rotation, parseRotation, base.rotation),
    flipH: switchSetting('flipH', properties.flipH, base.flipH),
    flipV: switchSetting('flipV', properties.flipV, base.flipV),
    lowLight: switchSetting('lowLight', properties.lowLight, base.lowLight),
    brightness: numberSetting('brightness', properties.brightness, base.brightness, { max: 100 }),
  };
}

function given<T>(value: unknown, parse: (value: unknown) => T, fallback: T): T {
  return value === undefined || value === null || value === '' ? fallback : parse(value);
}

function parseRotation(value: unknown): Rotation {
  const rotation = typeof value === 'string' && /^\s*\d+\s*$/.test(value) ? Number(value) : value;
  if (rotation === 0 || rotation === 90 || rotation === 180 || rotation === 270) return rotation;
  throw new CodedError('BAD_ROTATION', { value: shown(value) });
}
