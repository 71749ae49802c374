import { choiceSetting, countSetting, numberSetting, switchSetting } from '../../setting';
import { rotationSetting } from '../rotation';
import { WHOLE } from './canvas';
import { BLACK, parseColour, type Rgb } from './colour';
import type { Projection } from './frame';

const DIRECTIONS = ['left', 'right', 'up', 'down'] as const;

/** The direction in which a text moves. */
export type Direction = (typeof DIRECTIONS)[number];

/** How content is drawn and projected onto the matrix. */
export interface DisplayOptions extends Projection {
  /**
   * The colour of text and of single pixels. In a flow or a message any CSS colour, `[red, green, blue]` or `0xRRGGBB`.
   * @default '#ffffff'
   */
  color: Rgb;
  /**
   * The colour behind text and behind a translucent PNG, in the same forms as `color`.
   * @default '#000000'
   */
  background: Rgb;
  /**
   * How long a text stays before it moves on by a column, or by a row, in seconds, from 0 to 2,147,483,647.
   * @default 0.1
   */
  secondsPerColumn: number;
  /**
   * The direction in which text moves: `left`, `right`, `up` or `down`.
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

/** The same options as a node, a message or a command sets them: unchecked, and most of them missing. */
export interface DisplayProperties extends Partial<Record<Exclude<keyof DisplayOptions, 'tile'>, unknown>> {
  /** Another spelling of `color`, which takes precedence. */
  colour?: unknown;
}

export const DEFAULT_OPTIONS: DisplayOptions = {
  color: [255, 255, 255],
  background: BLACK,
  secondsPerColumn: 0.1,
  direction: 'left',
  frameMs: 100,
  repeat: 1,
  tile: WHOLE,
  rotation: 0,
  flipH: false,
  flipV: false,
  lowLight: false,
  brightness: 100,
  leastVisible: false,
};

/**
 * The options that some properties set; those that are missing or empty are as in `base`.
 * Throws `BAD_COLOR`, `BAD_NUMBER`, `BAD_CHOICE`, `BAD_ROTATION` or `BAD_SWITCH`.
 */
export function readOptions(properties: DisplayProperties, base: DisplayOptions): DisplayOptions {
  return {
    color: colourSetting(properties.color, colourSetting(properties.colour, base.color)),
    background: colourSetting(properties.background, base.background),
    secondsPerColumn: numberSetting('secondsPerColumn', properties.secondsPerColumn, base.secondsPerColumn),
    direction: choiceSetting('direction', properties.direction, DIRECTIONS, base.direction),
    frameMs: numberSetting('frameMs', properties.frameMs, base.frameMs),
    repeat: countSetting('repeat', properties.repeat, base.repeat),
    tile: base.tile,
    rotation: rotationSetting(properties.rotation, base.rotation),
    flipH: switchSetting('flipH', properties.flipH, base.flipH),
    flipV: switchSetting('flipV', properties.flipV, base.flipV),
    lowLight: switchSetting('lowLight', properties.lowLight, base.lowLight),
    brightness: numberSetting('brightness', properties.brightness, base.brightness, { max: 100 }),
    leastVisible: switchSetting('leastVisible', properties.leastVisible, base.leastVisible),
  };
}

function colourSetting(value: unknown, fallback: Rgb): Rgb {
  return value === undefined || value === null || value === '' ? fallback : parseColour(value);
}
