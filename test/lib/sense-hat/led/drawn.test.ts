import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groundOf, readWall } from '../../../../lib/sense-hat/led/drawn';
import { decodeFrame, encodeFrame, fill, pixelAt } from '../../../../lib/sense-hat/led/frame';
import { DEFAULT_OPTIONS } from '../../../../lib/sense-hat/led/options';
import { pixelLooksOf, withPixelLooks } from '../../../../lib/sense-hat/led/pixel-looks';

const TURNED = { ...DEFAULT_OPTIONS, rotation: 90 } as const;
const DIM = { ...TURNED, brightness: 50, lowLight: true } as const;

test('a frame that was drawn is the picture that it was made from, whatever the look', () => {
  const picture = Uint8Array.from({ length: 192 }, (_, at) => at);
  const drawn = { frame: encodeFrame(picture, TURNED), picture, projection: TURNED };
  assert.deepEqual(groundOf(Buffer.from(drawn.frame), drawn, DIM), drawn);
});

test('any other frame is decoded by the look, and with full light if the look is too dim for it', () => {
  const corner = Uint8Array.from({ length: 192 }, (_, at) => (at < 3 ? 255 : 0));
  const drawn = { frame: encodeFrame(fill([255, 0, 0]), TURNED), picture: fill([255, 0, 0]), projection: TURNED };
  for (const before of [undefined, drawn]) {
    const dim = groundOf(encodeFrame(corner, DIM), before, DIM);
    assert.deepEqual(dim.projection, DIM);
    assert.deepEqual(encodeFrame(dim.picture, dim.projection), encodeFrame(corner, DIM));
    assert.deepEqual(groundOf(encodeFrame(corner, TURNED), before, DIM), { picture: corner, projection: TURNED });
  }
});

test('on a wall, a frame of another program changes only its tile of what was drawn', () => {
  const canvas = { width: 16, height: 8 };
  const look = { ...DEFAULT_OPTIONS, tile: { canvas, left: 8, top: 0 } };
  const picture = fill([255, 0, 0], canvas);
  const drawn = { frame: encodeFrame(picture, look), picture, projection: look };
  const ground = groundOf(Buffer.alloc(128, 0xff), drawn, look);
  const colours = Array.from({ length: 16 }, (_, column) => [...ground.picture.subarray(3 * column, 3 * column + 3)]);
  assert.deepEqual(colours, [...Array(8).fill([255, 0, 0]), ...Array(8).fill([255, 255, 255])]);
  assert.deepEqual(picture, fill([255, 0, 0], canvas));
});

const WALL = { width: 16, height: 8 };
const RIGHT = { ...DEFAULT_OPTIONS, tile: { canvas: WALL, left: 8, top: 0 } };
const LEFT = { ...DEFAULT_OPTIONS, tile: { canvas: WALL, left: 0, top: 0 } };

/** What a display keeps of a picture. */
function drawnOf(picture: Uint8Array, projection: typeof RIGHT) {
  return { frame: encodeFrame(picture, projection), picture, projection };
}

test('on a wall, a frame of another program leaves the looks of the pixels of other tiles', () => {
  const look = { brightness: 20, lowLight: false, leastVisible: false };
  const looks = new Map([
    [0, look],
    [8, look],
  ]);
  const drawn = drawnOf(withPixelLooks(fill([255, 0, 0], WALL), looks), RIGHT);
  const { picture } = groundOf(Buffer.alloc(128), drawn, RIGHT);
  assert.deepEqual([...pixelLooksOf(picture)], [[0, look]]);
});

test('what was drawn on a canvas of another shape is no ground, though it has as many pixels', () => {
  const drawn = drawnOf(fill([255, 0, 0], WALL), RIGHT);
  const upright = { ...DEFAULT_OPTIONS, tile: { canvas: { width: 8, height: 16 }, left: 0, top: 8 } };
  const frame = Buffer.alloc(128, 0xff);
  for (const picture of [groundOf(frame, drawn, upright).picture, readWall(frame, drawn, upright)]) {
    assert.deepEqual(picture, decodeFrame(frame, upright));
  }
});

test('a wall is read as all of its displays show it, in the look of the reader', () => {
  const picture = Uint8Array.from({ length: 3 * 128 }, (_, at) => 8 * (at % 32) + (at % 8));
  const whole = (look: object) =>
    [LEFT, RIGHT].map(({ tile }) => encodeFrame(picture, { ...RIGHT, ...look, tile }).toString('hex'));
  for (const look of [{}, { rotation: 90 as const }, { brightness: 50 }, { flipH: true, lowLight: true }]) {
    const drawn = drawnOf(picture, { ...RIGHT, ...look });
    const read = readWall(drawn.frame, drawn, RIGHT);
    // Shown again, nothing changes on any display.
    const again = [LEFT, RIGHT].map((each) => encodeFrame(read, each).toString('hex'));
    assert.deepEqual(again, whole(look), JSON.stringify(look));
  }
});

test('of a wall, the frame of another program is read, and the other tiles as they were drawn', () => {
  const drawn = drawnOf(fill([255, 0, 0], WALL), RIGHT);
  const read = readWall(Buffer.alloc(128, 0xff), drawn, RIGHT);
  assert.deepEqual(
    [0, 7, 8, 15].map((at) => pixelAt(read, at)[2]),
    [0, 0, 255, 255],
  );
  // Another tile on the same device: it shows what was drawn for the right one.
  assert.deepEqual(readWall(drawn.frame, drawn, LEFT), fill([255, 0, 0], WALL));
});
