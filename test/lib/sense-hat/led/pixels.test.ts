import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { PNG } from 'pngjs';
import { shown } from '../../../../lib/coded-error';
import type { Rgb } from '../../../../lib/sense-hat/led/colour';
import { encodeFrame, fill } from '../../../../lib/sense-hat/led/frame';
import { DEFAULT_OPTIONS } from '../../../../lib/sense-hat/led/options';
import { isPicture, listColours } from '../../../../lib/sense-hat/led/pixels';
import { parsePicture } from '../../../support/drawing';

const NIGHT: Rgb = [1, 2, 3];

/** 64 different colours. */
const COLOURS: Rgb[] = Array.from({ length: 64 }, (_, n) => [n, 255 - n, 4 * n]);
const PICTURE = Uint8Array.from(COLOURS.flat());

function rowsOf<T>(pixels: T[]): T[][] {
  return Array.from({ length: 8 }, (_, row) => pixels.slice(8 * row, 8 * row + 8));
}

/** A copy of a list with one entry replaced. */
function withEntry<T>(entries: T[], index: number, entry: unknown): unknown[] {
  return [...entries.slice(0, index), entry, ...entries.slice(index + 1)];
}

/** A PNG of 8x8 in one colour. */
function pngOf(red: number, green: number, blue: number, alpha: number): Buffer {
  const png = new PNG({ width: 8, height: 8 });
  for (let at = 0; at < 256; at += 4) png.data.set([red, green, blue, alpha], at);
  return PNG.sync.write(png);
}

/** `COLOURS` in each form of a picture. */
function forms(): Record<string, Uint8Array | unknown[]> {
  const hex = COLOURS.map((colour) => `#${Buffer.from(colour).toString('hex')}`);
  const numbers = COLOURS.map(([red, green, blue]) => (red << 16) | (green << 8) | blue);
  return {
    '64 arrays': COLOURS,
    '64 strings': hex,
    '64 numbers': numbers,
    '64 of all kinds': COLOURS.map((colour, n) => [colour, hex[n], numbers[n]][n % 3]),
    '8 rows of arrays': rowsOf(COLOURS),
    '8 rows of strings': rowsOf(hex),
    '8 rows of numbers': rowsOf(numbers),
    '192 numbers': COLOURS.flat(),
    'a Buffer of 192 bytes': Buffer.from(PICTURE),
    'a Uint8Array of 192 bytes': PICTURE,
  };
}

test('a picture has many forms', () => {
  for (const [form, value] of Object.entries(forms())) {
    assert(isPicture(value), form);
    assert.deepEqual(parsePicture(value, NIGHT), PICTURE, form);
  }
});

test('bytes, and arrays of 64, of 192 or of 8 rows of 8 have the shape of a picture', () => {
  const shapes = [Buffer.alloc(0), new Uint8Array(5), new Array(64), new Array(192), rowsOf(new Array(64).fill(null))];
  for (const value of shapes) assert(isPicture(value), shown(value));
  const others = [
    ...[undefined, null, 0, 'red', {}, { length: 64 }, new Uint16Array(64), new ArrayBuffer(192)],
    ...[[], new Array(63), new Array(65), new Array(128), new Array(8).fill(0), [PICTURE], rowsOf(COLOURS).slice(1)],
    ...[withEntry(rowsOf(COLOURS), 7, []), rowsOf(COLOURS).map((row) => Buffer.from(row.flat()))],
  ];
  for (const value of others) assert(!isPicture(value), shown(value));
});

test('a Buffer of 128 bytes reaches the device unchanged', () => {
  const frame = Buffer.from(Array.from({ length: 128 }, (_, n) => (37 * n) & 0xff));
  assert.deepEqual(encodeFrame(parsePicture(frame, NIGHT), DEFAULT_OPTIONS), frame);
});

test('a PNG is drawn over the background', () => {
  assert.deepEqual(parsePicture(pngOf(9, 8, 7, 255), NIGHT), fill([9, 8, 7]));
  assert.deepEqual(parsePicture(pngOf(9, 8, 7, 0), NIGHT), fill(NIGHT));
  assert.deepEqual(parsePicture(new Uint8Array(pngOf(9, 8, 7, 255)), NIGHT), fill([9, 8, 7]));
});

test('a damaged PNG is refused as a PNG, even if it has the length of a frame or of 64 pixels', () => {
  for (const bytes of [8, 50, 128, 192]) {
    const png = Buffer.alloc(bytes);
    pngOf(9, 8, 7, 255).copy(png, 0, 0, 30);
    assert.throws(() => parsePicture(png, NIGHT), { code: 'BAD_PNG' }, `${bytes} bytes`);
  }
});

test('changing a payload afterwards does not change the picture', () => {
  for (const value of [Buffer.from(PICTURE), COLOURS.flat(), COLOURS.map((colour) => [...colour])]) {
    const picture = parsePicture(value, NIGHT);
    value.fill(0 as never);
    assert.deepEqual(picture, PICTURE);
  }
});

test('arrays and bytes of a Function node are pictures, too', () => {
  for (const script of ['Array(64).fill("#090807")', 'Uint8Array.from(Array(64).fill([9, 8, 7]).flat())']) {
    const value = runInNewContext(script);
    assert(isPicture(value), script);
    assert.deepEqual(parsePicture(value, NIGHT), fill([9, 8, 7]), script);
  }
});

test('a list of the colours of a picture is a picture again', () => {
  assert.deepEqual(listColours(PICTURE), COLOURS);
  assert.deepEqual(parsePicture(listColours(PICTURE), NIGHT), PICTURE);
});

test('another number of pixels is refused, and the error has their number', () => {
  const cases: [unknown[], number][] = [
    [[], 0],
    [COLOURS.slice(1), 63],
    [[...COLOURS, [0, 0, 0]], 65],
    [new Array(191).fill(0), 191],
    [new Array(193).fill(0), 193],
    [rowsOf(COLOURS).slice(1), 7],
    [withEntry(rowsOf(COLOURS), 3, COLOURS.slice(1, 8)), 8],
    [[1, 2, 3], 3],
  ];
  for (const [payload, pixels] of cases) {
    assert.throws(() => parsePicture(payload, NIGHT), {
      code: 'BAD_PIXELS',
      text: 'BAD_PIXELS',
      values: { pixels, expected: 64 },
    });
  }
});

test('another number of bytes is refused, and the error has their number', () => {
  for (const bytes of [0, 1, 64, 127, 129, 191, 193]) {
    assert.throws(() => parsePicture(Buffer.alloc(bytes), NIGHT), {
      code: 'BAD_PIXELS',
      text: 'BAD_PIXELS-bytes',
      values: { bytes, rgb565: 128, rgb: 192 },
    });
  }
});

test('an invalid pixel is named', () => {
  const cases: [unknown[], number, string][] = [
    [withEntry(COLOURS, 0, 'reddish'), 0, '"reddish"'],
    [withEntry(COLOURS, 63, [0, 0, 256]), 63, '[0,0,256]'],
    [withEntry(COLOURS, 5, undefined), 5, 'undefined'],
    [rowsOf(withEntry(COLOURS, 17, null)), 17, 'null'],
  ];
  for (const [payload, index, value] of cases) {
    assert.throws(() => parsePicture(payload, NIGHT), {
      code: 'BAD_PIXELS',
      text: 'BAD_PIXELS-color',
      values: { index, value },
    });
  }
});

test('an invalid number among 192 is named', () => {
  for (const [index, number] of [
    [0, 256],
    [100, -1],
    [191, 0.5],
    [7, Number.NaN],
  ] as const) {
    assert.throws(() => parsePicture(withEntry(COLOURS.flat(), index, number), NIGHT), {
      code: 'BAD_PIXELS',
      text: 'BAD_PIXELS-number',
      values: { index, count: 192, value: shown(number) },
    });
  }
});

test('an array with holes is refused', () => {
  for (const length of [8, 64, 192]) {
    assert.throws(() => parsePicture(new Array(length), NIGHT), { code: 'BAD_PIXELS' }, `${length} holes`);
  }
});

test('a picture file of another format is refused by its name, unless it has the length of a picture', () => {
  const jpeg = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.alloc(130)]);
  assert.throws(() => parsePicture(jpeg, NIGHT), { text: 'BAD_PIXELS-format', values: { format: 'JPEG' } });
  const dataUrl = `data:image/jpeg;base64,${jpeg.toString('base64')}`;
  assert.throws(() => parsePicture(dataUrl, NIGHT), { text: 'BAD_PIXELS-format', values: { format: 'JPEG' } });
  assert.equal(parsePicture(jpeg.subarray(0, 128), NIGHT).length, 192);
});

test('a PNG may be a data URL or base64', () => {
  const base64 = pngOf(9, 8, 7, 255).toString('base64');
  for (const text of [base64, `data:image/png;base64,${base64}`]) {
    assert(isPicture(text));
    assert.deepEqual(parsePicture(text, NIGHT), fill([9, 8, 7]));
  }
  assert(!isPicture('text'));
});
