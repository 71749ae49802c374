import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shown } from '../../../lib/coded-error';
import type { Rgb } from '../../../lib/sense-hat/colour';
import { drawPayload } from '../../../lib/sense-hat/content';
import { encodeFrame, fill } from '../../../lib/sense-hat/frame';
import { DEFAULT_LOOK, type Look } from '../../../lib/sense-hat/look';
import { drawText } from '../../../lib/sense-hat/text';

const LOOK: Look = { ...DEFAULT_LOOK, color: [50, 100, 40], background: [1, 2, 3], secondsPerColumn: 0.07 };

/** 64 colours that all differ. */
const COLOURS: Rgb[] = Array.from({ length: 64 }, (_, n) => [n, 255 - n, 4 * n]);
const PICTURE = Uint8Array.from(COLOURS.flat());

function rowsOf<T>(pixels: T[]): T[][] {
  return Array.from({ length: 8 }, (_, row) => pixels.slice(8 * row, 8 * row + 8));
}

/** A list with another entry at one place. */
function withEntry<T>(entries: T[], index: number, entry: unknown): unknown[] {
  return [...entries.slice(0, index), entry, ...entries.slice(index + 1)];
}

test('a string, a number and a boolean are text in the colours and at the pace of the look', () => {
  for (const payload of ['Hello', '', '7', 21.5, 0, -1, Number.NaN, true, false]) {
    const animation = drawPayload(payload, LOOK);
    const text = drawText(String(payload), LOOK.color, LOOK.background, 70);
    assert.equal(animation.length, text.length, String(payload));
    assert.equal(animation.periodMs.toFixed(6), '70.000000', String(payload));
    for (let index = 0; index < text.length; index++) {
      assert.deepEqual(animation.pictureAt(index), text.pictureAt(index), `${payload}, picture ${index}`);
    }
  }
});

test('pixels come in many forms and are one standing picture', () => {
  const hex = COLOURS.map((colour) => `#${Buffer.from(colour).toString('hex')}`);
  const numbers = COLOURS.map(([red, green, blue]) => (red << 16) | (green << 8) | blue);
  const forms: Record<string, unknown> = {
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
  for (const [form, payload] of Object.entries(forms)) {
    const animation = drawPayload(payload, LOOK);
    assert.equal(animation.length, 1, form);
    assert.equal(animation.periodMs, 0, form);
    assert.deepEqual(animation.pictureAt(0), PICTURE, form);
  }
});

test('a Buffer of 128 bytes reaches the device as it is', () => {
  const frame = Buffer.from(Array.from({ length: 128 }, (_, n) => (37 * n) & 0xff));
  const animation = drawPayload(frame, LOOK);
  assert.equal(animation.length, 1);
  assert.deepEqual(encodeFrame(animation.pictureAt(0), DEFAULT_LOOK), frame);
});

test('null and {clear: true} turn all LEDs off, whatever the background', () => {
  for (const payload of [null, { clear: true }]) {
    const animation = drawPayload(payload, LOOK);
    assert.equal(animation.length, 1);
    assert.equal(animation.periodMs, 0);
    assert.deepEqual(animation.pictureAt(0), fill([0, 0, 0]));
  }
});

test('what a sender does to a payload afterwards does not change the picture', () => {
  for (const payload of [Buffer.from(PICTURE), COLOURS.flat(), COLOURS.map((colour) => [...colour])]) {
    const animation = drawPayload(payload, LOOK);
    payload.fill(0 as never);
    assert.deepEqual(animation.pictureAt(0), PICTURE);
  }
});

test('a payload that is nothing to show is refused and shown', () => {
  for (const payload of [undefined, {}, { clear: false }, { clear: 'true' }, { text: 'Hi' }, new Date(0), () => 1]) {
    assert.throws(() => drawPayload(payload, LOOK), { code: 'BAD_PAYLOAD', text: 'BAD_PAYLOAD' }, String(payload));
  }
  assert.throws(() => drawPayload({ clear: 1 }, LOOK), { values: { value: '{"clear":1}' } });
});

test('pixels of another number are refused and counted', () => {
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
    assert.throws(() => drawPayload(payload, LOOK), { code: 'BAD_PIXELS', text: 'BAD_PIXELS', values: { pixels } });
  }
});

test('bytes of another number are refused and counted', () => {
  for (const bytes of [0, 1, 64, 127, 129, 191, 193]) {
    assert.throws(() => drawPayload(Buffer.alloc(bytes), LOOK), {
      code: 'BAD_PIXELS',
      text: 'BAD_PIXELS-bytes',
      values: { bytes },
    });
  }
});

test('a pixel that is no colour is named', () => {
  const cases: [unknown[], number, string][] = [
    [withEntry(COLOURS, 0, 'reddish'), 0, '"reddish"'],
    [withEntry(COLOURS, 63, [0, 0, 256]), 63, '[0,0,256]'],
    [withEntry(COLOURS, 5, undefined), 5, 'undefined'],
    [rowsOf(withEntry(COLOURS, 17, null)), 17, 'null'],
  ];
  for (const [payload, index, value] of cases) {
    assert.throws(() => drawPayload(payload, LOOK), {
      code: 'BAD_PIXELS',
      text: 'BAD_PIXELS-color',
      values: { index, value },
    });
  }
});

test('a number among 192 that is no byte is named', () => {
  for (const [index, number] of [
    [0, 256],
    [100, -1],
    [191, 0.5],
    [7, Number.NaN],
  ] as const) {
    assert.throws(() => drawPayload(withEntry(COLOURS.flat(), index, number), LOOK), {
      code: 'BAD_PIXELS',
      text: 'BAD_PIXELS-number',
      values: { index, value: shown(number) },
    });
  }
});

test('an array with holes is refused', () => {
  for (const length of [8, 64, 192]) {
    assert.throws(() => drawPayload(new Array(length), LOOK), { code: 'BAD_PIXELS' }, `${length} holes`);
  }
});
