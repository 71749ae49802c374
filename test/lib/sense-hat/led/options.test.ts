import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shown } from '../../../../lib/coded-error';
import {
  DEFAULT_OPTIONS,
  type DisplayOptions,
  type DisplayProperties,
  readOptions,
} from '../../../../lib/sense-hat/led/options';

/** The largest number of a field that has no limit of its own. */
const MAX_NUMBER = 2_147_483_647;

const BASE: DisplayOptions = {
  color: [50, 100, 40],
  background: [1, 2, 3],
  secondsPerColumn: 0.25,
  direction: 'up',
  frameMs: 40,
  repeat: 3,
  tile: { canvas: { width: 16, height: 8 }, left: 8, top: 0 },
  rotation: 90,
  flipH: true,
  flipV: false,
  lowLight: true,
  brightness: 60,
  leastVisible: false,
};

test('by default text is white on black and moves left at 0.1 s a column as in python-sense-hat, once', () => {
  assert.deepEqual(DEFAULT_OPTIONS, {
    color: [255, 255, 255],
    background: [0, 0, 0],
    secondsPerColumn: 0.1,
    direction: 'left',
    frameMs: 100,
    repeat: 1,
    tile: { canvas: { width: 8, height: 8 }, left: 0, top: 0 },
    rotation: 0,
    flipH: false,
    flipV: false,
    lowLight: false,
    brightness: 100,
    leastVisible: false,
  });
});

test('missing and empty properties are as in the base', () => {
  assert.deepEqual(readOptions({}, BASE), BASE);
  for (const empty of [undefined, null, '']) {
    const properties = Object.fromEntries(Object.keys(BASE).map((property) => [property, empty]));
    assert.deepEqual(readOptions(properties, BASE), BASE, JSON.stringify(empty));
  }
});

test('each property sets its option and no other', () => {
  const cases: [DisplayProperties, Partial<DisplayOptions>][] = [
    [{ color: 'red' }, { color: [255, 0, 0] }],
    [{ color: 0 }, { color: [0, 0, 0] }],
    [{ colour: 'red' }, { color: [255, 0, 0] }],
    [{ background: '#0000ff' }, { background: [0, 0, 255] }],
    [{ background: [9, 8, 7] }, { background: [9, 8, 7] }],
    [{ secondsPerColumn: 0.5 }, { secondsPerColumn: 0.5 }],
    [{ secondsPerColumn: '0.05' }, { secondsPerColumn: 0.05 }],
    [{ secondsPerColumn: 0 }, { secondsPerColumn: 0 }],
    [{ rotation: 0 }, { rotation: 0 }],
    [{ rotation: '0' }, { rotation: 0 }],
    [{ rotation: 180 }, { rotation: 180 }],
    [{ rotation: '270' }, { rotation: 270 }],
    [{ flipH: false }, { flipH: false }],
    [{ flipV: true }, { flipV: true }],
    [{ lowLight: false }, { lowLight: false }],
    [{ direction: 'left' }, { direction: 'left' }],
    [{ direction: 'right' }, { direction: 'right' }],
    [{ direction: 'down' }, { direction: 'down' }],
    [{ frameMs: 250 }, { frameMs: 250 }],
    [{ frameMs: '0' }, { frameMs: 0 }],
    [{ repeat: 0 }, { repeat: 0 }],
    [{ repeat: '5' }, { repeat: 5 }],
    [{ brightness: 0 }, { brightness: 0 }],
    [{ brightness: 100 }, { brightness: 100 }],
    [{ brightness: '12.5' }, { brightness: 12.5 }],
    [{ leastVisible: true }, { leastVisible: true }],
  ];
  for (const [properties, change] of cases) {
    assert.deepEqual(readOptions(properties, BASE), { ...BASE, ...change }, JSON.stringify(properties));
  }
});

test('the base is not modified', () => {
  const base = structuredClone(BASE);
  readOptions({ color: 'red', rotation: 180, flipH: false, secondsPerColumn: 1 }, base);
  assert.deepEqual(base, BASE);
});

test('other properties of a message are ignored', () => {
  const message = { payload: 'Hello', topic: 'a.b', _msgid: '1', length: 5 };
  assert.deepEqual(readOptions(message as DisplayProperties, BASE), BASE);
});

test('an invalid value is refused by name', () => {
  const cases: [DisplayProperties, string, Record<string, string | number>][] = [
    [{ color: 'reddish' }, 'BAD_COLOR', { value: '"reddish"' }],
    [{ background: [1, 2] }, 'BAD_COLOR', { value: '[1,2]' }],
    [{ secondsPerColumn: -0.1 }, 'BAD_NUMBER', { field: 'secondsPerColumn', value: '-0.1', min: 0, max: MAX_NUMBER }],
    [
      { secondsPerColumn: 'fast' },
      'BAD_NUMBER',
      { field: 'secondsPerColumn', value: '"fast"', min: 0, max: MAX_NUMBER },
    ],
    [
      { secondsPerColumn: Number.POSITIVE_INFINITY },
      'BAD_NUMBER',
      { field: 'secondsPerColumn', value: shown(Number.POSITIVE_INFINITY), min: 0, max: MAX_NUMBER },
    ],
    [{ secondsPerColumn: true }, 'BAD_NUMBER', { field: 'secondsPerColumn', value: 'true', min: 0, max: MAX_NUMBER }],
    [{ frameMs: 2 ** 31 }, 'BAD_NUMBER', { field: 'frameMs', value: '2147483648', min: 0, max: MAX_NUMBER }],
    [{ repeat: -1 }, 'BAD_NUMBER', { field: 'repeat', value: '-1', min: 0, max: MAX_NUMBER }],
    [{ repeat: 2.5 }, 'BAD_NUMBER', { field: 'repeat', value: '2.5', min: 0, max: MAX_NUMBER }],
    [{ brightness: 101 }, 'BAD_NUMBER', { field: 'brightness', value: '101', min: 0, max: 100 }],
    [{ brightness: -1 }, 'BAD_NUMBER', { field: 'brightness', value: '-1', min: 0, max: 100 }],
    [
      { direction: 'sideways' },
      'BAD_CHOICE',
      { field: 'direction', value: '"sideways"', choices: 'left, right, up, down' },
    ],
    [{ direction: 0 }, 'BAD_CHOICE', { field: 'direction', value: '0', choices: 'left, right, up, down' }],
    [{ rotation: 45 }, 'BAD_ROTATION', { value: '45' }],
    [{ rotation: -90 }, 'BAD_ROTATION', { value: '-90' }],
    [{ rotation: 360 }, 'BAD_ROTATION', { value: '360' }],
    [{ rotation: 'left' }, 'BAD_ROTATION', { value: '"left"' }],
    [{ flipH: 'false' }, 'BAD_SWITCH', { field: 'flipH', value: '"false"' }],
    [{ flipV: 1 }, 'BAD_SWITCH', { field: 'flipV', value: '1' }],
    [{ lowLight: 'yes' }, 'BAD_SWITCH', { field: 'lowLight', value: '"yes"' }],
    [{ leastVisible: 1 }, 'BAD_SWITCH', { field: 'leastVisible', value: '1' }],
  ];
  for (const [properties, code, values] of cases) {
    assert.throws(() => readOptions(properties, BASE), { code, values }, JSON.stringify(properties));
  }
});
