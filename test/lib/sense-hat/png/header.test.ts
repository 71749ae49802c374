import assert from 'node:assert/strict';
import { test } from 'node:test';
import { channelsOf, lineBytes, passesOf, readHeader } from '../../../../lib/sense-hat/png/header';
import { headerChunk } from '../../../support/png';

/** Reads the data of a header chunk. */
function read(fields: Parameters<typeof headerChunk>[0]) {
  return readHeader(headerChunk(fields).subarray(8, -4));
}

test('a header has a size, a kind of colour and whether it is interlaced', () => {
  assert.deepEqual(read({ width: 3, height: 1024, depth: 16, colourType: 2, interlace: 1 }), {
    width: 3,
    height: 1024,
    depth: 16,
    colourType: 2,
    isInterlaced: true,
  });
});

test('a line has as many bytes as its pixels need', () => {
  const cases: [colourType: number, depth: number, channels: number, bytes: number][] = [
    [0, 1, 1, 2],
    [0, 2, 1, 3],
    [0, 4, 1, 5],
    [0, 8, 1, 9],
    [0, 16, 1, 18],
    [2, 8, 3, 27],
    [3, 4, 1, 5],
    [4, 16, 2, 36],
    [6, 16, 4, 72],
  ];
  for (const [colourType, depth, channels, bytes] of cases) {
    const header = read({ colourType, depth });
    assert.equal(channelsOf(header), channels);
    assert.equal(lineBytes(header, 9), bytes, `${colourType}, ${depth} bits`);
  }
});

test('the passes have each pixel once', () => {
  for (const [width, height] of [
    [1, 1],
    [8, 8],
    [5, 3],
    [3, 9],
    [17, 2],
  ] as const) {
    for (const interlace of [0, 1]) {
      const seen = new Set<string>();
      let pixels = 0;
      for (const { columns, rows, columnOf, rowOf } of passesOf(read({ width, height, interlace }))) {
        for (let row = 0; row < rows; row++) {
          for (let column = 0; column < columns; column++, pixels++) seen.add(`${columnOf(column)},${rowOf(row)}`);
        }
      }
      assert.equal(pixels, width * height);
      assert.equal(seen.size, width * height);
    }
  }
});

test('a header that no PNG can have is refused, and so is a side of more than 1,024 pixels', () => {
  const invalid = [
    { width: 0 },
    { height: 0 },
    { colourType: 1 },
    { colourType: 7 },
    { colourType: 2, depth: 4 },
    { colourType: 3, depth: 16 },
    { colourType: 0, depth: 3 },
    { compression: 1 },
    { filter: 1 },
    { interlace: 2 },
  ];
  for (const fields of invalid) {
    const header = headerChunk(fields).subarray(8, -4).toString('hex');
    assert.throws(() => read(fields), { text: 'BAD_PNG-header', values: { header } }, JSON.stringify(fields));
  }
  assert.throws(() => readHeader(Buffer.alloc(12)), { text: 'BAD_PNG-header' });
  for (const [width, height] of [
    [1025, 1],
    [1, 1025],
    [1, 1_048_576],
    [2 ** 32 - 1, 2 ** 32 - 1],
  ] as const) {
    const values = { width, height, limit: 1024 };
    assert.throws(() => read({ width, height }), { text: 'BAD_PNG-size', values });
  }
});
