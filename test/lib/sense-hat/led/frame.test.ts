import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SIDE, WHOLE } from '../../../../lib/sense-hat/led/canvas';
import type { Rgb } from '../../../../lib/sense-hat/led/colour';
import { decodeFrame, encodeFrame, FRAME_BYTES, fill, type Projection } from '../../../../lib/sense-hat/led/frame';
import type { Rotation } from '../../../../lib/sense-hat/rotation';

const PIXELS = SIDE * SIDE;
const UPRIGHT: Projection = {
  tile: WHOLE,
  rotation: 0,
  flipH: false,
  flipV: false,
  lowLight: false,
  brightness: 100,
  leastVisible: false,
};
const ROTATIONS: Rotation[] = [0, 90, 180, 270];

/** A picture of different pixels, even in RGB565: the green and blue of pixel n encode n. */
function numbered(): Uint8Array {
  const picture = new Uint8Array(PIXELS * 3);
  for (let n = 0; n < PIXELS; n++) picture.set([0, (n >> 3) << 5, (n & 7) << 5], 3 * n);
  return picture;
}

/** The numbers of `numbered` at each place of a frame. */
function numbersOf(frame: Buffer): number[] {
  return Array.from({ length: PIXELS }, (_, place) => {
    const pixel = frame.readUInt16LE(2 * place);
    return 8 * ((pixel >> 8) & 7) + ((pixel >> 2) & 7);
  });
}

test('the matrix has 64 pixels in 128 bytes', () => {
  assert.deepEqual([SIDE, PIXELS, FRAME_BYTES], [8, 64, 128]);
});

test('a pixel is RGB565, little-endian', () => {
  const cases: [Rgb, string][] = [
    [[255, 0, 0], '00f8'],
    [[0, 255, 0], 'e007'],
    [[0, 0, 255], '1f00'],
    [[50, 100, 40], '2533'],
    [[8, 4, 8], '2108'],
    [[7, 3, 7], '0000'],
    [[0, 0, 0], '0000'],
    [[255, 255, 255], 'ffff'],
  ];
  for (const [colour, hex] of cases) {
    assert.equal(encodeFrame(fill(colour), UPRIGHT).toString('hex'), hex.repeat(64), colour.join());
  }
});

test('a filled picture has the colour in each pixel', () => {
  const picture = fill([1, 2, 3]);
  assert.equal(picture.length, 192);
  for (let at = 0; at < 192; at += 3) assert.deepEqual([...picture.subarray(at, at + 3)], [1, 2, 3], `pixel ${at / 3}`);
});

test('a rotation moves each pixel to its place on the device', () => {
  const index: Record<Rotation, (row: number, col: number) => number> = {
    0: (row, col) => 8 * row + col,
    90: (row, col) => 8 * col + (7 - row),
    180: (row, col) => 8 * (7 - row) + (7 - col),
    270: (row, col) => 8 * (7 - col) + row,
  };
  for (const rotation of ROTATIONS) {
    const numbers = numbersOf(encodeFrame(numbered(), { ...UPRIGHT, rotation }));
    for (let row = 0; row < 8; row++) {
      for (let col = 0; col < 8; col++) {
        assert.equal(numbers[index[rotation](row, col)], 8 * row + col, `${rotation} degrees, row ${row}, col ${col}`);
      }
    }
  }
});

test('a flip mirrors the picture before it is rotated', () => {
  const turn = (rows: number[][]) => rows.map((_, row) => rows.map((column) => column[row] as number).reverse());
  for (const rotation of ROTATIONS) {
    for (const flipH of [false, true]) {
      for (const flipV of [false, true]) {
        let model = Array.from({ length: 8 }, (_, row) => Array.from({ length: 8 }, (_, col) => 8 * row + col));
        if (flipH) model = model.map((row) => row.reverse());
        if (flipV) model = model.reverse();
        for (let turned = 0; turned < rotation; turned += 90) model = turn(model);
        const frame = encodeFrame(numbered(), { ...UPRIGHT, rotation, flipH, flipV });
        assert.deepEqual(numbersOf(frame), model.flat(), `${rotation} degrees, flipH ${flipH}, flipV ${flipV}`);
      }
    }
  }
});

test('encoding does not modify the picture', () => {
  const picture = numbered();
  encodeFrame(picture, { ...UPRIGHT, rotation: 90, flipH: true, flipV: true, lowLight: true, brightness: 50 });
  assert.deepEqual(picture, numbered());
});

test('each of the 65,536 RGB565 pixels survives decoding and encoding', () => {
  for (let first = 0; first < 0x10000; first += PIXELS) {
    const frame = Buffer.alloc(FRAME_BYTES);
    for (let n = 0; n < PIXELS; n++) frame.writeUInt16LE(first + n, 2 * n);
    assert.deepEqual(encodeFrame(decodeFrame(frame, UPRIGHT), UPRIGHT), frame);
  }
});

test('a frame survives decoding and encoding in every rotation and flip', () => {
  const frame = Buffer.from(Array.from({ length: FRAME_BYTES }, (_, n) => (37 * n) & 0xff));
  for (const rotation of ROTATIONS) {
    for (const flipH of [false, true]) {
      for (const flipV of [false, true]) {
        const projection = { ...UPRIGHT, rotation, flipH, flipV };
        assert.deepEqual(encodeFrame(decodeFrame(frame, projection), projection), frame, JSON.stringify(projection));
      }
    }
  }
});

test('a decoded picture has the whole range of brightness', () => {
  assert.deepEqual(decodeFrame(Buffer.alloc(FRAME_BYTES, 0xff), UPRIGHT), fill([255, 255, 255]));
  assert.deepEqual(decodeFrame(Buffer.alloc(FRAME_BYTES), UPRIGHT), fill([0, 0, 0]));
  assert.deepEqual(decodeFrame(Buffer.from('00f8'.repeat(64), 'hex'), UPRIGHT), fill([255, 0, 0]));
});

test('a frame that is part of a larger buffer is decoded', () => {
  const larger = Buffer.concat([Buffer.alloc(3), Buffer.from('1f00'.repeat(64), 'hex'), Buffer.alloc(5)]);
  assert.deepEqual(decodeFrame(larger.subarray(3, 131), UPRIGHT), fill([0, 0, 255]));
});
