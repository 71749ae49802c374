import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pixelAt } from '../../../../lib/sense-hat/led/frame';
import { mirrored, withPixels } from '../../../../lib/sense-hat/led/picture-changes';
import { pixelLooksOf, withPixelLooks } from '../../../../lib/sense-hat/led/pixel-looks';

const WALL = { width: 16, height: 8 };
const DIM = { brightness: 20, lowLight: false, leastVisible: false };

/** A picture whose pixels are numbered in red, the first of them dim. */
function numbered() {
  const picture = Uint8Array.from({ length: 3 * 128 }, (_, at) => (at % 3 === 0 ? at / 3 : 0));
  return withPixelLooks(picture, new Map([[0, DIM]]));
}

test('a picture is mirrored on its canvas, with the looks of its pixels', () => {
  const picture = numbered();
  const cases = [
    ['horizontal', 15],
    ['vertical', 7 * 16],
  ] as const;
  for (const [direction, corner] of cases) {
    const other = mirrored(picture, WALL, direction);
    assert.equal(pixelAt(other, 0)[0], corner);
    assert.equal(pixelAt(other, 127)[0], 127 - corner);
    assert.deepEqual([...pixelLooksOf(other)], [[corner, DIM]]);
    assert.deepEqual(mirrored(other, WALL, direction), picture);
  }
});

test('the pixels of an area are set where its rows and columns meet, and the picture stays as it is', () => {
  const picture = numbered();
  const area = { rows: [0, 2], columns: [0, 9], width: 16 };
  const plain = withPixels(picture, area, [0, 0, 255], undefined);
  const blue = Array.from({ length: 128 }, (_, at) => at).filter((at) => pixelAt(plain, at)[2] === 255);
  assert.deepEqual(blue, [0, 9, 32, 41]);
  assert.equal(pixelLooksOf(plain).size, 0);
  assert.deepEqual([...pixelLooksOf(withPixels(picture, area, [0, 0, 255], DIM)).keys()], blue);
  assert.deepEqual(picture, numbered());
});
