import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shown } from '../../../../lib/coded-error';
import { WHOLE } from '../../../../lib/sense-hat/led/canvas';
import { isTileName, readTile, tileName } from '../../../../lib/sense-hat/led/tile';

test('without a canvas a matrix shows all of a picture', () => {
  for (const canvas of [undefined, null, '', ' ']) assert.deepEqual(readTile({ canvas, tileX: '', tileY: 0 }), WHOLE);
});

test('a wall of one tile is the same as none', () => {
  for (const canvas of ['8x8', ' 8 x 8 ']) assert.equal(readTile({ canvas }).canvas, WHOLE.canvas);
});

test('a tile is counted in matrices from the top left', () => {
  const canvas = { width: 64, height: 16 };
  assert.deepEqual(readTile({ canvas: '64x16' }), { canvas, left: 0, top: 0 });
  assert.deepEqual(readTile({ canvas: '64×16' }), { canvas, left: 0, top: 0 });
  assert.deepEqual(readTile({ canvas: ' 64 X 16 ', tileX: '7', tileY: 1 }), { canvas, left: 56, top: 8 });
});

test('a canvas of another form or size is refused', () => {
  const bad = [
    '8',
    '8x',
    'x8',
    '24x8x8',
    '0x8',
    '8x0',
    '12x8',
    '8x12',
    '72x8',
    '8x72',
    '-8x8',
    '8.0x8',
    '800x8',
    'wall',
  ];
  for (const canvas of [...bad, 24, true, [24, 8], {}]) {
    const expected = { code: 'BAD_CANVAS', values: { value: shown(canvas) } };
    assert.throws(() => readTile({ canvas }), expected, shown(canvas));
  }
});

test('a tile outside the canvas is refused by name', () => {
  for (const [properties, field, value, max] of [
    [{ canvas: '24x8', tileX: 3 }, 'tileX', '3', 2],
    [{ canvas: '24x8', tileY: '1' }, 'tileY', '"1"', 0],
    [{ canvas: '8x64', tileY: 8 }, 'tileY', '8', 7],
    [{ canvas: '24x8', tileX: -1 }, 'tileX', '-1', 2],
    [{ canvas: '24x8', tileX: 0.5 }, 'tileX', '0.5', 2],
    [{ canvas: '', tileX: 1 }, 'tileX', '1', 0],
    [{ canvas: '24x8', tileX: true }, 'tileX', 'true', 2],
  ] as const) {
    assert.throws(() => readTile(properties), { code: 'BAD_NUMBER', values: { field, value, min: 0, max } });
  }
});

test('the name of a tile differs from any other and from a path', () => {
  const name = tileName(readTile({ canvas: '24x16', tileX: 2, tileY: 1 }));
  assert.equal(name, 'tile 2,1 of 24x16');
  assert(isTileName(name));
  for (const path of ['', '/dev/fb1', `/tmp/${name}`]) assert(!isTileName(path));
});
