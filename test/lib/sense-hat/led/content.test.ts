import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PNG } from 'pngjs';
import { shown } from '../../../../lib/coded-error';
import type { Picture } from '../../../../lib/sense-hat/led/canvas';
import type { Rgb } from '../../../../lib/sense-hat/led/colour';
import { encodeFrame, fill } from '../../../../lib/sense-hat/led/frame';
import { DEFAULT_OPTIONS, type DisplayOptions } from '../../../../lib/sense-hat/led/options';
import { drawText } from '../../../../lib/sense-hat/led/text';
import { drawContent } from '../../../support/drawing';

const OPTIONS: DisplayOptions = {
  ...DEFAULT_OPTIONS,
  color: [50, 100, 40],
  background: [1, 2, 3],
  secondsPerColumn: 0.07,
  frameMs: 40,
};
const ANY = fill([9, 9, 9]);

/** 64 different colours. */
const COLOURS: Rgb[] = Array.from({ length: 64 }, (_, n) => [n, 255 - n, 4 * n]);
const PICTURE = Uint8Array.from(COLOURS.flat());

function rowsOf<T>(pixels: T[]): T[][] {
  return Array.from({ length: 8 }, (_, row) => pixels.slice(8 * row, 8 * row + 8));
}

/** A PNG of 8x8 in one colour. */
function pngOf([red, green, blue]: Rgb, alpha: number): Buffer {
  const png = new PNG({ width: 8, height: 8 });
  for (let at = 0; at < 256; at += 4) png.data.set([red, green, blue, alpha], at);
  return PNG.sync.write(png);
}

/** The pictures of a payload. */
function picturesOf(payload: unknown, options = OPTIONS): Picture[] {
  const { length, pictureAt } = drawContent(payload, options);
  return Array.from({ length }, (_, index) => pictureAt(index, ANY));
}

test('a string, a number and a boolean are text in the colours, pace and direction of the options', () => {
  for (const direction of ['left', 'down'] as const) {
    const options: DisplayOptions = { ...OPTIONS, direction };
    for (const payload of [
      'Hello',
      '',
      '7',
      'R180',
      '0,0,red',
      '#ff0000',
      'null',
      21.5,
      0,
      -1,
      Number.NaN,
      true,
      false,
    ]) {
      const animation = drawContent(payload, options);
      const text = drawText(String(payload), options);
      assert.equal(animation.length, text.length, String(payload));
      assert.equal(animation.periodMs.toFixed(6), '70.000000', String(payload));
      for (let index = 0; index < text.length; index++) {
        assert.deepEqual(animation.pictureAt(index, ANY), text.pictureAt(index, ANY), `${payload}, picture ${index}`);
      }
    }
  }
});

test('a picture in any form is a still one that ends at once', () => {
  const forms: Record<string, unknown> = {
    '64 colours': COLOURS,
    '8 rows': rowsOf(COLOURS),
    '192 numbers': COLOURS.flat(),
    'a Buffer': Buffer.from(PICTURE),
    'a Uint8Array': PICTURE,
  };
  for (const [form, payload] of Object.entries(forms)) {
    assert.deepEqual(picturesOf(payload), [PICTURE], form);
    assert.equal(drawContent(payload, OPTIONS).periodMs, 0, form);
  }
  assert.deepEqual(picturesOf(pngOf([9, 8, 7], 255)), [fill([9, 8, 7])]);
  assert.deepEqual(picturesOf(pngOf([9, 8, 7], 0)), [fill(OPTIONS.background)]);
});

test('null turns all LEDs off, for any background', () => {
  assert.deepEqual(picturesOf(null), [fill([0, 0, 0])]);
  assert.equal(drawContent(null, OPTIONS).periodMs, 0);
});

test('an array of pictures in any form is an animation at the pace of the options', () => {
  const frame = Buffer.from('00f8'.repeat(64), 'hex');
  const frames = [
    COLOURS,
    rowsOf(COLOURS),
    COLOURS.flat(),
    Buffer.from(PICTURE),
    frame,
    pngOf([9, 8, 7], 255),
    pngOf([9, 8, 7], 0),
  ];
  const red = fill([255, 0, 0]);
  assert.deepEqual(encodeFrame(red, DEFAULT_OPTIONS), frame);
  const pictures = [PICTURE, PICTURE, PICTURE, PICTURE, red, fill([9, 8, 7]), fill(OPTIONS.background)];
  // The first one decides that they are frames.
  for (let first = 0; first < frames.length; first++) {
    const payload = [...frames.slice(first), ...frames.slice(0, first)];
    assert.deepEqual(picturesOf(payload), [...pictures.slice(first), ...pictures.slice(0, first)], `from ${first}`);
    assert.equal(drawContent(payload, OPTIONS).periodMs, 40);
  }
});

test('an array of one picture is an animation of one', () => {
  for (const payload of [[COLOURS], [rowsOf(COLOURS)], [COLOURS.flat()], [PICTURE]]) {
    assert.deepEqual(picturesOf(payload), [PICTURE]);
    assert.equal(drawContent(payload, OPTIONS).periodMs, 40);
  }
});

test('8 rows are one picture, 8 pictures of 8 rows are 8', () => {
  const numbers = rowsOf(Array.from({ length: 64 }, (_, n) => n));
  assert.equal(picturesOf(rowsOf(COLOURS)).length, 1);
  assert.equal(picturesOf(numbers).length, 1);
  assert.deepEqual(picturesOf(Array(8).fill(rowsOf(COLOURS))), Array(8).fill(PICTURE));
  assert.equal(picturesOf(Array(8).fill(numbers)).length, 8);
  assert.deepEqual(picturesOf(Array(8).fill(PICTURE)), Array(8).fill(PICTURE));
});

test('64 and 192 frames are frames, not pixels', () => {
  for (const frames of [64, 192]) {
    for (const frame of [COLOURS, rowsOf(COLOURS), COLOURS.flat(), PICTURE]) {
      assert.deepEqual(picturesOf(Array(frames).fill(frame)), Array(frames).fill(PICTURE));
    }
  }
});

test('a payload that cannot be drawn is refused, and the error shows it', () => {
  const payloads = [undefined, new Date(0), () => 1, Symbol('s'), 1n, new Map(), new Uint16Array(64), { text: 'Hi' }];
  for (const payload of payloads) {
    const values = { value: shown(payload) };
    assert.throws(() => drawContent(payload, OPTIONS), { code: 'BAD_PAYLOAD', text: 'BAD_PAYLOAD', values });
  }
});

test('a frame that is no picture is refused', () => {
  const bad: [unknown, string, object][] = [
    [null, 'BAD_PAYLOAD', { value: 'null' }],
    ['red', 'BAD_PAYLOAD', { value: '"red"' }],
    [{ fill: 'red' }, 'BAD_PAYLOAD', { value: '{"fill":"red"}' }],
    [undefined, 'BAD_PAYLOAD', { value: 'undefined' }],
    [COLOURS.slice(1), 'BAD_PIXELS', { pixels: 63, expected: 64 }],
    [[], 'BAD_PIXELS', { pixels: 0, expected: 64 }],
    [['red'], 'BAD_PIXELS', { pixels: 1, expected: 64 }],
    [Buffer.alloc(127), 'BAD_PIXELS-bytes', { bytes: 127, rgb565: 128, rgb: 192 }],
    [[...COLOURS.slice(1), 'reddish'], 'BAD_PIXELS-color', { index: 63, value: '"reddish"' }],
  ];
  for (const [frame, text, values] of bad) {
    assert.throws(() => drawContent([PICTURE, COLOURS, frame], OPTIONS), { text, values }, shown(frame));
    assert.throws(() => drawContent([rowsOf(COLOURS), frame, PICTURE], OPTIONS), { text, values }, shown(frame));
  }
  assert.throws(() => drawContent([Buffer.alloc(127), PICTURE], OPTIONS), { text: 'BAD_PIXELS-bytes' });
});

test('an array with holes is refused', () => {
  const holes = [PICTURE, PICTURE, PICTURE];
  delete holes[1];
  assert.throws(() => drawContent(holes, OPTIONS), { code: 'BAD_PAYLOAD' });
  for (const length of [1, 8, 64, 192]) {
    assert.throws(() => drawContent(new Array(length), OPTIONS), { code: 'BAD_PIXELS' }, `${length} holes`);
  }
});

test('changing frames afterwards does not change the animation', () => {
  const frames = [Buffer.from(PICTURE), Buffer.from(PICTURE)];
  const { pictureAt } = drawContent(frames, OPTIONS);
  for (const frame of frames) frame.fill(0);
  frames.length = 0;
  assert.deepEqual([pictureAt(0, ANY), pictureAt(1, ANY)], [PICTURE, PICTURE]);
});

test('a PNG as a data URL is a picture, and several are an animation', () => {
  const url = (colour: Rgb) => `data:image/png;base64,${pngOf(colour, 255).toString('base64')}`;
  assert.deepEqual(picturesOf(url([9, 8, 7])), [fill([9, 8, 7])]);
  assert.deepEqual(picturesOf([url([9, 8, 7]), PICTURE, url([1, 0, 0])]), [fill([9, 8, 7]), PICTURE, fill([1, 0, 0])]);
  // As many as a picture has pixels.
  assert.equal(picturesOf(Array(64).fill(url([9, 8, 7]))).length, 64);
  assert.throws(() => drawContent([PICTURE, 'text'], OPTIONS), { code: 'BAD_PAYLOAD' });
});
