import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shown } from '../../../../lib/coded-error';
import { BLACK, MORE_COLOURS, parseColour, type Rgb } from '../../../../lib/sense-hat/led/colour';

test('a colour is three bytes, a CSS colour or a number 0xRRGGBB', () => {
  const cases: [unknown, Rgb][] = [
    [
      [50, 100, 40],
      [50, 100, 40],
    ],
    [
      [0, 0, 0],
      [0, 0, 0],
    ],
    [
      [255, 255, 255],
      [255, 255, 255],
    ],
    ['red', [255, 0, 0]],
    ['RebeccaPurple', [102, 51, 153]],
    ['#f00', [255, 0, 0]],
    ['#326428', [50, 100, 40]],
    ['#326428'.toUpperCase(), [50, 100, 40]],
    ['rgb(50, 100, 40)', [50, 100, 40]],
    ['rgb(50 100 40)', [50, 100, 40]],
    ['hsl(120, 100%, 50%)', [0, 255, 0]],
    ['  blue\n', [0, 0, 255]],
    [0x326428, [50, 100, 40]],
    [0, [0, 0, 0]],
    [0x0000ff, [0, 0, 255]],
    [0xffffff, [255, 255, 255]],
  ];
  for (const [value, colour] of cases) assert.deepEqual(parseColour(value), colour, JSON.stringify(value));
});

test('every CSS colour is accepted and clamped to RGB', () => {
  const cases: [string, Rgb][] = [
    ['hwb(120 0% 0%)', [0, 255, 0]],
    ['hwb(240 20% 20%)', [51, 51, 204]],
    ['hsl(0.5turn 100% 50%)', [0, 255, 255]],
    ['lab(50 0 0)', [119, 119, 119]],
    ['lab(54.29 80.8 69.89)', [255, 0, 0]],
    ['lch(50% 0 0)', [119, 119, 119]],
    ['lch(54.29 106.84 40.86)', [255, 0, 0]],
    ['oklab(0.628 0.2249 0.1258)', [255, 0, 0]],
    ['oklch(0.628 0.2577 29.23)', [255, 0, 0]],
    ['oklch(62.8% 0.2577 29.23 / 0%)', [0, 0, 0]],
    ['color(srgb 1 0.5 0)', [255, 128, 0]],
    ['color(srgb-linear 0.5 0.5 0.5)', [188, 188, 188]],
    ['color(display-p3 0 1 0)', [0, 255, 0]],
    ['color(srgb 1 0 0 / 50%)', [128, 0, 0]],
    ['color(srgb 2 -1 0)', [255, 0, 0]],
    ['rgb(300 0 0)', [255, 0, 0]],
    ['rgb(none 255 0)', [0, 255, 0]],
    ['color(srgb none 1 none)', [0, 255, 0]],
    ['hsl(none 100% 50%)', [255, 0, 0]],
  ];
  for (const [value, colour] of cases) assert.deepEqual(parseColour(value), colour, value);
});

test('more texts than the cache holds are parsed correctly, valid and invalid ones', () => {
  for (let round = 0; round < 3; round++) {
    for (let n = 0; n < 1000; n++) {
      assert.deepEqual(parseColour(`rgb(${n % 256}, ${n >> 8}, ${round})`), [n % 256, n >> 8, round]);
      assert.throws(() => parseColour(`reddish ${n}`), { values: { value: `"reddish ${n}"` } });
      assert.deepEqual(parseColour('red'), [255, 0, 0]);
      assert.throws(() => parseColour('redd'), { code: 'BAD_COLOR' });
    }
  }
});

test('a text of more than 200 characters is refused without parsing it', () => {
  assert.deepEqual(parseColour('red'.padStart(200)), [255, 0, 0]);
  const startedAt = performance.now();
  for (const long of ['red'.padStart(201), `rgb(1,${'1'.repeat(100_000)}x`, 'a'.repeat(1_000_000)]) {
    assert.throws(() => parseColour(long), { code: 'BAD_COLOR' }, long.slice(0, 10));
  }
  const elapsed = performance.now() - startedAt;
  assert(elapsed < 1000, `${elapsed} ms`);
});

test('the additional names are colours, in upper and lower case', () => {
  const cases: [string, Rgb][] = [
    ['off', [0, 0, 0]],
    ['warmwhite', [253, 245, 230]],
    ['amber', [255, 210, 0]],
    [' WarmWhite\n', [253, 245, 230]],
    ['OFF', [0, 0, 0]],
  ];
  for (const [name, colour] of cases) assert.deepEqual(parseColour(name), colour, JSON.stringify(name));
  assert.deepEqual([...MORE_COLOURS.keys()].sort(), ['amber', 'off', 'warmwhite']);
});

test('the names of CheerLights are colours', () => {
  // https://cheerlights.com/cheerlights-api/
  const cheerLights: Record<string, number> = {
    red: 0xff0000,
    green: 0x008000,
    blue: 0x0000ff,
    cyan: 0x00ffff,
    white: 0xffffff,
    oldlace: 0xfdf5e6,
    warmwhite: 0xfdf5e6,
    purple: 0x800080,
    magenta: 0xff00ff,
    yellow: 0xffff00,
    orange: 0xffa500,
    pink: 0xffc0cb,
  };
  for (const [name, number] of Object.entries(cheerLights))
    assert.deepEqual(parseColour(name), parseColour(number), name);
});

test('a translucent colour is blended with black', () => {
  const cases: [string, Rgb][] = [
    ['rgba(255, 0, 100, 0.5)', [128, 0, 50]],
    ['rgb(0 128 255 / 50%)', [0, 64, 128]],
    ['#ffffff00', [0, 0, 0]],
    ['transparent', [0, 0, 0]],
  ];
  for (const [value, colour] of cases) assert.deepEqual(parseColour(value), colour, value);
});

test('an invalid colour is refused, and the error shows it', () => {
  const wrong = [
    undefined,
    null,
    true,
    {},
    { r: 1, g: 2, b: 3 },
    '',
    ' ',
    'reddish',
    'constructor',
    'f00',
    '#12',
    '#12345',
    '255,0,0',
    [],
    [1, 2],
    [1, 2, 3, 4],
    [1, 2, 256],
    [-1, 2, 3],
    [1, 2, 3.5],
    [1, 2, Number.NaN],
    ['1', '2', '3'],
    -1,
    0x1000000,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ];
  for (const value of wrong) {
    assert.throws(
      () => parseColour(value),
      { code: 'BAD_COLOR', text: 'BAD_COLOR', values: { value: shown(value) } },
      shown(value),
    );
  }
});

test('an array with holes is no colour', () => {
  assert.throws(() => parseColour(new Array(3)), { code: 'BAD_COLOR' });
});

test('black is zero in each channel', () => {
  assert.deepEqual(BLACK, [0, 0, 0]);
});
