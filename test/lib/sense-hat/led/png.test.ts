import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { CodedError } from '../../../../lib/coded-error';
import { MATRIX, type Picture } from '../../../../lib/sense-hat/led/canvas';
import { BLACK, type Rgb } from '../../../../lib/sense-hat/led/colour';
import { fill } from '../../../../lib/sense-hat/led/frame';
import { drawPng } from '../../../../lib/sense-hat/led/png';
import { crc32 } from '../../../../lib/sense-hat/png/crc32';
import { isPng } from '../../../../lib/sense-hat/png/file';
import { finished } from '../../../support/finished';
import { chunk, type Pixel, pngOf } from '../../../support/png';

/** Draws a PNG on a matrix. */
function drawn(file: Uint8Array, background: Rgb, canvas = MATRIX): Promise<Picture> {
  return finished(drawPng(file, background, canvas));
}

/** A picture with the pixels that a function returns. */
function pictureOf(pixelAt: (x: number, y: number) => Rgb): Picture {
  return Uint8Array.from(Array.from({ length: 64 }, (_, n) => pixelAt(n % 8, Math.floor(n / 8))).flat());
}

/** A file with another width and height in its header and the correct checksum. */
function withSize(file: Buffer, width: number, height: number): Buffer {
  const changed = Buffer.from(file);
  changed.writeUInt32BE(width, 16);
  changed.writeUInt32BE(height, 20);
  changed.writeUInt32BE(crc32(changed.subarray(12, 29)), 29);
  return changed;
}

/** An interlaced PNG of 8x8 in RGBA, in several chunks; `rows` are those of the Adam7 passes. */
function interlaced(rows: Buffer): Buffer {
  const packed = deflateSync(rows);
  const header = Buffer.from([0, 0, 0, 8, 0, 0, 0, 8, 8, 6, 0, 0, 1]);
  return Buffer.concat([
    SMALL.subarray(0, 8),
    chunk('IHDR', header),
    chunk('IDAT', packed.subarray(0, 20)),
    chunk('IDAT', packed.subarray(20)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A PNG with a palette, which pngjs cannot write: 8x8, columns of red, green, blue and transparent in turn. */
const PALETTE =
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAIAgMAAAC5YVYYAAAADFBMVEX/AAAA/wAAAP8JCQlccX6GAAAABHRSTlP///8AQCqp9AAAAA1JREFUeJxjkJZmwIYAFFgBsXAeoQMAAAAASUVORK5CYII=';

const GRADIENT = (x: number, y: number): [number, number, number] => [36 * x, 36 * y, 255 - 4 * (x + 8 * y)];
const SMALL = pngOf(8, 8, GRADIENT);

test('a PNG is recognized by its signature alone', async () => {
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  for (const bytes of [SMALL, signature, new Uint8Array(SMALL)]) assert(isPng(bytes));
  for (const bytes of [Buffer.alloc(0), signature.subarray(0, 7), Buffer.alloc(192), Buffer.from('GIF89a..')]) {
    assert(!isPng(bytes), bytes.toString('hex'));
  }
});

test('a PNG of 8x8 is not scaled', async () => {
  assert.deepEqual(await drawn(SMALL, BLACK), pictureOf(GRADIENT));
  assert.deepEqual(await drawn(new Uint8Array(SMALL), BLACK), pictureOf(GRADIENT), 'a Uint8Array');
});

test('a PNG that is part of a larger buffer is decoded', async () => {
  const larger = Buffer.concat([Buffer.alloc(5), SMALL, Buffer.alloc(3)]);
  assert.deepEqual(await drawn(larger.subarray(5, 5 + SMALL.length), BLACK), pictureOf(GRADIENT));
});

test('each pixel is the mean of those it covers', async () => {
  // Of four pixels that become one, three are dark and one has the colour.
  const large = pngOf(16, 16, (x, y) => (x % 2 === 1 && y % 2 === 0 ? [4 * x, 8 * y, 200] : [0, 0, 0]));
  assert.deepEqual(
    await drawn(large, BLACK),
    pictureOf((x, y) => [2 * x + 1, 4 * y, 50]),
  );
});

test('a smaller PNG is enlarged, one of another shape is distorted', async () => {
  assert.deepEqual(
    await drawn(
      pngOf(1, 1, () => [9, 8, 7]),
      BLACK,
    ),
    fill([9, 8, 7]),
    '1x1',
  );
  const quarters: Rgb[] = [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [9, 9, 9],
  ];
  assert.deepEqual(
    await drawn(
      pngOf(2, 2, (x, y) => [...(quarters[x + 2 * y] as Rgb)]),
      BLACK,
    ),
    pictureOf((x, y) => quarters[(x < 4 ? 0 : 1) + (y < 4 ? 0 : 2)] as Rgb),
    '2x2',
  );
  assert.deepEqual(
    await drawn(
      pngOf(8, 1, (x) => [x, 2 * x, 3 * x]),
      BLACK,
    ),
    pictureOf((x) => [x, 2 * x, 3 * x]),
    '8x1',
  );
});

test('a pixel that covers parts of others weights them by their share', async () => {
  // Columns of 5/8 of a source pixel, rows of 3/8.
  const columns = [0, 80, 160, 0, 240];
  const rows = [240, 0, 80];
  const shares = (index: number, line: number[]) => {
    const from = (index * line.length) / 8;
    const to = ((index + 1) * line.length) / 8;
    const sum = line.reduce(
      (total, value, at) => total + value * Math.max(0, Math.min(at + 1, to) - Math.max(at, from)),
      0,
    );
    return Math.round((sum * 8) / line.length);
  };
  assert.equal(shares(1, columns), Math.round((3 * 0 + 2 * 80) / 5));
  assert.equal(shares(2, rows), Math.round((2 * 240 + 1 * 0) / 3));
  assert.deepEqual(
    await drawn(
      pngOf(5, 3, (x, y) => [columns[x] as number, rows[y] as number, 7]),
      BLACK,
    ),
    pictureOf((x, y) => [shares(x, columns), shares(y, rows), 7]),
  );
});

test('a PNG of one colour stays so at any size', async () => {
  for (const [width, height] of [
    [1, 100],
    [3, 3],
    [7, 9],
    [13, 8],
    [97, 31],
    [300, 200],
  ] as const) {
    assert.deepEqual(
      await drawn(
        pngOf(width, height, () => [255, 129, 1]),
        BLACK,
      ),
      fill([255, 129, 1]),
      `${width}x${height}`,
    );
  }
});

test('translucent pixels are blended with the background', async () => {
  const background: Rgb = [100, 200, 0];
  const cases: [Pixel, Rgb][] = [
    [[255, 0, 50, 0], background],
    [
      [255, 0, 50, 255],
      [255, 0, 50],
    ],
    [
      [250, 0, 50, 51],
      [130, 160, 10],
    ],
  ];
  for (const [pixel, colour] of cases) {
    assert.deepEqual(
      await drawn(
        pngOf(8, 8, () => pixel),
        background,
      ),
      fill(colour),
      String(pixel),
    );
  }
});

test('pixels are weighted by their opacity', async () => {
  // Transparent pixels often have a colour, which must not be visible.
  const checkers = pngOf(16, 16, (x, y) => ((x + y) % 2 === 0 ? [0, 0, 200, 255] : [255, 255, 255, 0]));
  assert.deepEqual(await drawn(checkers, BLACK), fill([0, 0, 100]));
  assert.deepEqual(await drawn(checkers, [100, 100, 0]), fill([50, 50, 100]));
});

test('colours with and without alpha, greyscale and 16 bits a channel are supported', async () => {
  const grey = (x: number): Pixel => [10 * x, 10 * x, 10 * x];
  const expected = pictureOf((x) => [10 * x, 10 * x, 10 * x]);
  for (const colorType of [0, 2, 4, 6] as const) {
    assert.deepEqual(await drawn(pngOf(8, 8, grey, { colorType }), BLACK), expected, `colour type ${colorType}`);
  }
  const deep = new PNG({ width: 8, height: 8 });
  const channels = Uint16Array.from(Array.from({ length: 256 }, (_, n) => [65535, 32896, 257, 65535][n % 4] as number));
  deep.data = Buffer.from(channels.buffer);
  const file = PNG.sync.write(deep, { bitDepth: 16, colorType: 6, inputColorType: 6 });
  assert.equal(file.readUInt8(24), 16, 'the bits in the file');
  assert.deepEqual(await drawn(file, BLACK), fill([255, 128, 1]));
});

test('a PNG with a palette is supported', async () => {
  const file = Buffer.from(PALETTE, 'base64');
  const columns: Rgb[] = [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [1, 2, 3],
  ];
  assert.deepEqual(
    await drawn(file, [1, 2, 3]),
    pictureOf((x) => columns[x % 4] as Rgb),
  );
});

test('an invalid PNG is refused', async () => {
  const corrupted = Buffer.from(SMALL);
  corrupted[50] = (corrupted[50] as number) ^ 0xff;
  const cases: Record<string, Buffer> = {
    'its signature alone': SMALL.subarray(0, 8),
    'half a header': SMALL.subarray(0, 20),
    'its header alone': SMALL.subarray(0, 33),
    'half of it': SMALL.subarray(0, SMALL.length / 2),
    'all but its last bytes': SMALL.subarray(0, -13),
    'a changed byte': corrupted,
    'noise behind the signature': Buffer.concat([SMALL.subarray(0, 8), Buffer.alloc(200, 0x5a)]),
    'nothing behind the signature': Buffer.concat([SMALL.subarray(0, 8), Buffer.alloc(120)]),
    'no width': withSize(SMALL, 0, 8),
    'no height': withSize(SMALL, 8, 0),
    'more rows in its header than it has': withSize(SMALL, 8, 16),
  };
  for (const [what, file] of Object.entries(cases)) {
    await assert.rejects(
      () => drawn(file, BLACK),
      (error: CodedError) => {
        assert(error instanceof CodedError, `${what}: ${error}`);
        assert.equal(error.code, 'BAD_PNG', what);
        return true;
      },
      what,
    );
  }
});

test('a PNG that is cut off anywhere is refused or decoded without any other error', async () => {
  for (let length = 8; length < SMALL.length; length++) {
    try {
      assert.equal((await drawn(SMALL.subarray(0, length), BLACK)).length, 192);
    } catch (error) {
      assert(error instanceof CodedError, `${length} bytes: ${error}`);
      assert.equal(error.code, 'BAD_PNG');
    }
  }
});

test('a PNG with a side of more than 1,024 pixels is refused before it is unpacked', async () => {
  for (const [width, height] of [
    [1025, 1024],
    [1, 1025],
    [1025, 1],
    [2 ** 31 - 1, 2 ** 31 - 1],
    [2 ** 32 - 1, 1],
  ] as const) {
    await assert.rejects(() => drawn(withSize(SMALL, width, height), BLACK), {
      code: 'BAD_PNG',
      text: 'BAD_PNG-size',
      values: { width, height, limit: 1024 },
    });
  }
});

test('a PNG with a header that is not its first chunk is refused before it is unpacked', async () => {
  const header = (side: number) => {
    const data = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
    data.writeUInt32BE(side, 0);
    data.writeUInt32BE(side, 4);
    return chunk('IHDR', data);
  };
  const pixels = chunk('IDAT', deflateSync(Buffer.alloc(8192 * 1025)));
  const end = chunk('IEND', Buffer.alloc(0));
  const comment = chunk('tEXt', Buffer.alloc(16));
  const cases: Record<string, Buffer[]> = {
    'before its pixels': [header(8), header(8192), pixels, end],
    'behind its pixels': [header(8), pixels, header(8192), end],
    'the same again': [header(8), header(8), pixels, end],
    'the only one': [comment, header(8), pixels, end],
  };
  for (const [what, chunks] of Object.entries(cases)) {
    const file = Buffer.concat([SMALL.subarray(0, 8), ...chunks]);
    assert(file.length < 10_000, `${file.length} bytes`);
    const values = { chunk: what === 'the only one' ? '"tEXt"' : '"IHDR"' };
    await assert.rejects(() => drawn(file, BLACK), { text: 'BAD_PNG-order', values }, what);
  }
});

test('an interlaced PNG is decoded', async () => {
  // https://www.w3.org/TR/png-3/#8InterlaceMethods
  const passes = [
    [0, 8, 0, 8],
    [4, 8, 0, 8],
    [0, 4, 4, 8],
    [2, 4, 0, 4],
    [0, 2, 2, 4],
    [1, 2, 0, 2],
    [0, 1, 1, 2],
  ] as const;
  const bytes: number[] = [];
  for (const [left, right, top, down] of passes) {
    for (let y = top; y < 8; y += down) {
      bytes.push(0);
      for (let x = left; x < 8; x += right) bytes.push(...GRADIENT(x, y), 255);
    }
  }
  assert.deepEqual(await drawn(interlaced(Buffer.from(bytes)), BLACK), pictureOf(GRADIENT));
  await assert.rejects(() => drawn(interlaced(Buffer.from(bytes.slice(0, -1))), BLACK), { code: 'BAD_PNG' });
});

test('an interlaced PNG that unpacks to far more than its pixels is refused before it fills the memory', async () => {
  const bomb = interlaced(Buffer.alloc(200_000_000));
  assert(bomb.length < 250_000, `${bomb.length} bytes`);
  await assert.rejects(() => drawn(bomb, BLACK), {
    text: 'BAD_PNG-pixels',
    values: { bytes: '> 65807', expected: 271 },
  });
});

test('the largest PNG is accepted', async () => {
  assert.deepEqual(
    await drawn(
      pngOf(1024, 1024, () => [5, 6, 7]),
      BLACK,
    ),
    fill([5, 6, 7]),
  );
});
