import { CodedError, shown } from '../coded-error';
import { numberField } from '../number-field';
import { BLACK, parseColour, type Rgb } from './colour';
import type { Orientation, Rotation } from './frame';

/** How content is shown. */
export interface Look extends Orientation {
  color: Rgb;
  background: Rgb;
  secondsPerColumn: number;
}

/** The properties of a node or a message that make a look; most are missing. */
export type LookProperties = Partial<Record<keyof Look, unknown>>;

export const DEFAULT_LOOK: Look = {
  color: [255, 255, 255],
  background: BLACK,
  secondsPerColumn: 0.1,
  rotation: 0,
  flipH: false,
  flipV: false,
  lowLight: false,
};

/**
 * The look that the properties of a node or a message ask for; what they leave out, or leave empty, is as in `base`.
 * Throws `BAD_COLOR`, `BAD_NUMBER`, `BAD_ROTATION` or `BAD_SWITCH`.
 */
export function readLook(properties: LookProperties, base: Look): Look {
  return {
    color: given(properties.color, parseColour, base.color),
    background: given(properties.background, parseColour, base.background),
    secondsPerColumn: numberField('secondsPerColumn', properties.secondsPerColumn, base.secondsPerColumn),
    rotation: given(properties.rotation, parseRotation, base.rotation),
    flipH: given(properties.flipH, parseSwitch('flipH'), base.flipH),
    flipV: given(properties.flipV, parseSwitch('flipV'), base.flipV),
    lowLight: given(properties.lowLight, parseSwitch('lowLight'), base.lowLight),
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

function parseSwitch(field: string) {
  return (value: unknown): boolean => {
    if (typeof value === 'boolean') return value;
    throw new CodedError('BAD_SWITCH', { field, value: shown(value) });
  };
}
