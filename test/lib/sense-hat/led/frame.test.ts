import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rgb } from '../../../../lib/sense-hat/led/colour';
import {
  decodeFrame,
  encodeFrame,
  FRAME_BYTES,
  fill,
  PIXELS,
  type Projection,
  SIDE,
} from '../../../../lib/sense-hat/led/frame';
import type { Rotation } from '../../../../lib/sense-hat/rotation';

const UPRIGHT: Projection = { rotation: 0, flipH: false, flipV: false, lowLight: false, brightness: 100 };
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
  encodeFrame(picture, { rotation: 90, flipH: true, flipV: true, lowLight: true, brightness: 50 });
  assert.deepEqual(picture, numbered());
});

test('low light uses the value whose default gamma is nearest to the low-light gamma, for each channel', () => {
  const defaultGamma = '0 0 0 0 0 0 1 1 2 2 3 3 4 5 6 7 8 9 10 11 12 14 15 17 18 20 21 23 25 27 29 31'
    .split(' ')
    .map(Number);
  const lowGamma = [0, ...Array(12).fill(1), 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 10, 10] as number[];
  assert.deepEqual([defaultGamma.length, lowGamma.length], [32, 32]);
  for (let wanted = 0; wanted < 32; wanted++) {
    const low = lowGamma[wanted] as number;
    const nearest = Math.min(...defaultGamma.map((gamma) => Math.abs(gamma - low)));
    const colours: Rgb[] = [
      [8 * wanted, 0, 0],
      [0, 8 * wanted + 7, 0],
      [0, 0, 8 * wanted + 7],
    ];
    colours.forEach((colour, channel) => {
      const pixel = encodeFrame(fill(colour), { ...UPRIGHT, lowLight: true }).readUInt16LE(0);
      const channels = [pixel >> 11, (pixel >> 6) & 0x1f, pixel & 0x1f];
      channels.forEach((chosen, at) => {
        const distance = Math.abs((defaultGamma[chosen] as number) - (at === channel ? low : 0));
        assert.equal(distance, at === channel ? nearest : 0, `${colour} at ${at}`);
      });
    });
  }
});

test('low light keeps black dark and dims white', () => {
  const low = (colour: Rgb) => encodeFrame(fill(colour), { ...UPRIGHT, lowLight: true }).readUInt16LE(0);
  assert.equal(low([0, 0, 0]), 0);
  // Gamma 10 is value 18 in the default table.
  assert.equal(low([255, 255, 255]).toString(16), '9492');
});

test('brightness scales each channel', () => {
  const cases: [colour: Rgb, brightness: number, as: Rgb][] = [
    [[255, 255, 255], 50, [127, 127, 127]],
    [[200, 100, 40], 50, [100, 50, 20]],
    [[200, 100, 40], 25, [50, 25, 10]],
    [[255, 128, 64], 100, [255, 128, 64]],
    [[255, 128, 64], 99.5, [253, 127, 63]],
    [[255, 255, 255], 0, [0, 0, 0]],
  ];
  for (const [colour, brightness, as] of cases) {
    const dimmed = encodeFrame(fill(colour), { ...UPRIGHT, brightness });
    assert.deepEqual(dimmed, encodeFrame(fill(as), UPRIGHT), `${colour} at ${brightness} %`);
  }
});

test('no channel becomes darker as the brightness rises to 100', () => {
  for (const lowLight of [false, true]) {
    let before = [0, 0, 0];
    for (let brightness = 0; brightness <= 100; brightness++) {
      const pixel = encodeFrame(fill([255, 200, 150]), { ...UPRIGHT, lowLight, brightness }).readUInt16LE(0);
      const channels = [pixel >> 11, (pixel >> 5) & 0x3f, pixel & 0x1f];
      channels.forEach((channel, at) => {
        assert(channel >= (before[at] as number), `channel ${at} at ${brightness} %`);
      });
      before = channels;
    }
    const full = encodeFrame(fill([255, 200, 150]), { ...UPRIGHT, lowLight }).readUInt16LE(0);
    assert.deepEqual(before, [full >> 11, (full >> 5) & 0x3f, full & 0x1f]);
  }
});

test('low light applies after brightness', () => {
  const dimmed = encodeFrame(fill([200, 100, 40]), { ...UPRIGHT, lowLight: true, brightness: 50 });
  assert.deepEqual(dimmed, encodeFrame(fill([100, 50, 20]), { ...UPRIGHT, lowLight: true }));
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

test('a frame with every channel value survives decoding and encoding at every brightness', () => {
  const percents = Array.from({ length: 1001 }, (_, index) => index / 10);
  for (const lowLight of [false, true]) {
    for (const brightness of percents) {
      const projection = { ...UPRIGHT, lowLight, brightness };
      // Every value of each channel, 64 pixels a frame.
      for (let first = 0; first < 256; first += PIXELS) {
        const picture = new Uint8Array(PIXELS * 3);
        for (let n = 0; n < PIXELS; n++) picture.set([first + n, 255 - first - n, (first + n) ^ 0x55], 3 * n);
        const frame = encodeFrame(picture, projection);
        const read = decodeFrame(frame, projection);
        assert.deepEqual(encodeFrame(read, projection), frame, `${brightness} %, low light ${lowLight}, from ${first}`);
      }
    }
  }
});

test('white and black are decoded as such at any brightness', () => {
  for (const lowLight of [false, true]) {
    for (const brightness of [100, 60, 50]) {
      const projection = { ...UPRIGHT, lowLight, brightness };
      const [part] = decodeFrame(encodeFrame(fill([255, 255, 255]), projection), projection);
      assert((part as number) >= 240, `${part} at ${brightness} %, low light ${lowLight}`);
      assert.deepEqual(decodeFrame(encodeFrame(fill([0, 0, 0]), projection), projection), fill([0, 0, 0]));
    }
  }
});

test('a value that the brightness cannot produce is decoded as the nearest one that it can', () => {
  const white = Buffer.alloc(FRAME_BYTES, 0xff);
  assert.deepEqual(decodeFrame(white, { ...UPRIGHT, lowLight: true }), fill([255, 255, 255]));
  assert.deepEqual(decodeFrame(white, { ...UPRIGHT, brightness: 50 }), fill([255, 255, 255]));
  // Without light nothing can be decoded.
  assert.deepEqual(decodeFrame(white, { ...UPRIGHT, brightness: 0 }), fill([0, 0, 0]));
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
