import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Canvas, type Picture, retile, type Tile, WHOLE } from '../../../../lib/sense-hat/led/canvas';
import type { Rgb } from '../../../../lib/sense-hat/led/colour';
import { decodeFrame, encodeFrame, fill, pixelAt } from '../../../../lib/sense-hat/led/frame';
import { DEFAULT_OPTIONS, type Direction, type DisplayOptions } from '../../../../lib/sense-hat/led/options';
import { pixelLooksOf, withPixelLooks } from '../../../../lib/sense-hat/led/pixel-looks';
import { drawText } from '../../../../lib/sense-hat/led/text';
import { drawPayload } from '../../../support/drawing';

/** A canvas of three by two tiles. */
const CANVAS: Canvas = { width: 24, height: 16 };
const AREA = 24 * 16;
const RED: Rgb = [255, 0, 0];

/** The tile in the middle of the second row. */
const MIDDLE: Tile = { canvas: CANVAS, left: 8, top: 8 };
const ON_WALL: DisplayOptions = { ...DEFAULT_OPTIONS, tile: MIDDLE };

/** A picture whose pixels are all different. */
function numbered(area = AREA): Picture {
  return Uint8Array.from({ length: 3 * area }, (_, at) => [(at / 3) >> 8, (at / 3) & 255, 0][at % 3] as number);
}

/** Where a picture is lit: `x,y` of each pixel that is not black. */
function litAt(picture: Picture, { width }: Canvas): string[] {
  return Array.from({ length: picture.length / 3 }, (_, at) => at)
    .filter((at) => pixelAt(picture, at).some((part) => part > 0))
    .map((at) => `${at % width},${Math.floor(at / width)}`);
}

/** The last picture of a payload on the wall, drawn over another. */
function drawn(payload: unknown, shown: Picture = fill([0, 0, 0], CANVAS)): Picture {
  return drawPayload(payload, ON_WALL).scenes.reduce(
    (picture, { animation }) => animation.pictureAt(animation.length - 1, picture),
    shown,
  );
}

test('a frame is cut from the tile, then flipped and rotated', () => {
  const picture = fill([0, 0, 0], CANVAS);
  picture.set(RED, 3 * (24 * 8 + 9));
  const litIn = (projection: Partial<DisplayOptions>) => {
    const frame = encodeFrame(picture, { ...ON_WALL, ...projection });
    return Array.from({ length: 64 }, (_, place) => place).filter((place) => frame.readUInt16LE(2 * place) !== 0);
  };
  assert.deepEqual(litIn({}), [1]);
  assert.deepEqual(litIn({ flipH: true }), [6]);
  assert.deepEqual(litIn({ flipV: true }), [57]);
  assert.deepEqual(litIn({ rotation: 90 }), [15]);
  assert.deepEqual(litIn({ tile: { ...MIDDLE, top: 0 } }), []);
});

test('a decoded frame is black outside the tile', () => {
  const whole = encodeFrame(fill(RED), DEFAULT_OPTIONS);
  const lit = litAt(decodeFrame(whole, ON_WALL), CANVAS);
  assert.equal(lit.length, 64);
  assert.deepEqual([lit[0], lit[63]], ['8,8', '15,15']);
});

test('another canvas of the same size is kept; of any other only the tile is taken', () => {
  const picture = numbered();
  assert.equal(retile(picture, MIDDLE, { ...MIDDLE, left: 0 }), picture);
  const single = retile(picture, MIDDLE, WHOLE);
  assert.equal(single.length, 192);
  assert.deepEqual(pixelAt(single, 0), pixelAt(picture, 24 * 8 + 8));
  assert.deepEqual(pixelAt(single, 63), pixelAt(picture, 24 * 15 + 15));
  const back = retile(single, WHOLE, MIDDLE);
  assert.equal(back.length, 3 * AREA);
  assert.deepEqual(retile(back, MIDDLE, WHOLE), single);
});

test('a tile is taken with the looks of its pixels', () => {
  const look = { brightness: 20, lowLight: false, leastVisible: false };
  const corners = [0, 24 * 8 + 8, 24 * 15 + 15];
  const picture = withPixelLooks(numbered(), new Map(corners.map((at) => [at, look])));
  const single = retile(picture, MIDDLE, WHOLE);
  assert.deepEqual([...pixelLooksOf(single).keys()], [0, 63]);
  assert.deepEqual([...pixelLooksOf(retile(single, WHOLE, MIDDLE)).keys()], corners.slice(1));
});

test('every form of a picture has the size of the canvas', () => {
  const picture = numbered();
  const colours = Array.from({ length: AREA }, (_, at) => pixelAt(picture, at));
  const rows = Array.from({ length: 16 }, (_, row) => colours.slice(24 * row, 24 * row + 24));
  for (const payload of [colours, rows, [...picture], Buffer.from(picture)]) assert.deepEqual(drawn(payload), picture);
  for (const payload of [
    [colours, rows],
    [Buffer.from(picture), rows],
  ])
    assert.deepEqual(drawn(payload), picture);

  const rgb565 = Buffer.alloc(2 * AREA);
  rgb565.writeUInt16LE(0xf800, 2 * (24 * 3 + 20));
  assert.deepEqual(litAt(drawn(rgb565), CANVAS), ['20,3']);
  for (const payload of [colours.slice(0, 64), rows.slice(0, 8), Buffer.alloc(192), Buffer.alloc(128)]) {
    assert.throws(() => drawn(payload), { code: 'BAD_PIXELS' });
  }
});

test('commands change the whole canvas', () => {
  assert.deepEqual(drawn({ fill: 'red' }), fill(RED, CANVAS));
  assert.deepEqual(drawn({ clear: true }, fill(RED, CANVAS)), fill([0, 0, 0], CANVAS));
  assert.deepEqual(drawn(null, fill(RED, CANVAS)), fill([0, 0, 0], CANVAS));
  const pixel = drawn({ x: 23, y: 14 });
  assert.deepEqual(litAt(pixel, CANVAS), ['23,14']);
  assert.deepEqual(litAt(drawn({ x: '9-10', y: '15' }), CANVAS), ['9,15', '10,15']);
  assert.equal(litAt(drawn({ x: '*', y: '*' }), CANVAS).length, AREA);
  assert.deepEqual(litAt(drawn({ flip: 'horizontal' }, pixel), CANVAS), ['0,14']);
  assert.deepEqual(litAt(drawn({ flip: 'vertical' }, pixel), CANVAS), ['23,1']);
  assert.throws(() => drawn({ x: 24, y: 0 }), {
    text: 'BAD_COMMAND-range',
    values: { name: 'x', value: '24', max: 23 },
  });
  assert.throws(() => drawn({ x: 0, y: 16 }), {
    text: 'BAD_COMMAND-range',
    values: { name: 'y', value: '16', max: 15 },
  });
});

test('a text scrolls in the middle of the canvas, which is blank before and after it', () => {
  const across: Tile = { canvas: CANVAS, left: 0, top: 4 };
  const upright: Tile = { canvas: CANVAS, left: 8, top: 0 };
  // Where the text begins when its first line reaches the other side, with the size of the canvas in that direction.
  const beginnings: [Direction, number, Tile][] = [
    ['left', 24, across],
    ['right', 24, { ...across, left: 16 }],
    ['up', 16, upright],
    ['down', 16, { ...upright, top: 8 }],
  ];
  const blank = fill([0, 0, 0], CANVAS);
  for (const [direction, side, tile] of beginnings) {
    const onWall = drawText('Wall', { ...ON_WALL, direction });
    const alone = drawText('Wall', { ...DEFAULT_OPTIONS, direction });
    assert.equal(onWall.length - side, alone.length - 8, direction);
    assert.deepEqual(onWall.pictureAt(0, blank), blank);
    assert.deepEqual(onWall.pictureAt(onWall.length - 1, blank), blank);
    assert.deepEqual(retile(onWall.pictureAt(side, blank), tile, WHOLE), alone.pictureAt(8, blank), direction);
  }
});

test('a single character stands in the middle of the canvas', () => {
  const picture = drawn('l');
  const single = drawPayload('l', DEFAULT_OPTIONS).scenes[0]?.animation.pictureAt(0, fill([0, 0, 0]));
  assert.deepEqual(retile(picture, { canvas: CANVAS, left: 8, top: 4 }, WHOLE), single);
});
