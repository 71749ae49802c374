// Compares with pngjs, another decoder.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PNG } from 'pngjs';
import { decodePng } from '../../../../lib/sense-hat/png/decode';
import { channelsOf, lineBytes, passesOf, readHeader } from '../../../../lib/sense-hat/png/header';
import { makeRandom, type Random, SEEDS } from '../../../../scripts/random';
import { finished } from '../../../support/finished';
import { chunk, END, fileOf, headerChunk, pixelChunk, pngOf } from '../../../support/png';

const KINDS: [colourType: number, depths: number[]][] = [
  [0, [1, 2, 4, 8, 16]],
  [2, [8, 16]],
  [3, [1, 2, 4, 8]],
  [4, [8, 16]],
  [6, [8, 16]],
];

function bytesFrom(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.below(256)));
}

/** A PNG of a kind, with any filters and pixels. */
function randomPng(random: Random, colourType: number, depth: number, interlace: number): Buffer {
  const [width, height] = [1 + random.below(20), 1 + random.below(20)];
  const header = headerChunk({ width, height, depth, colourType, interlace });
  const fields = readHeader(header.subarray(8, -4));
  const lines = passesOf(fields).flatMap(({ columns, rows }) =>
    Array.from({ length: rows }, () =>
      Buffer.from([random.below(5), ...bytesFrom(random, lineBytes(fields, columns))]),
    ),
  );
  const chunks = [header];
  if (colourType === 3) {
    chunks.push(
      chunk('PLTE', bytesFrom(random, 3 * 2 ** depth)),
      chunk('tRNS', bytesFrom(random, random.below(2 ** depth))),
    );
  }
  return fileOf(...chunks, pixelChunk(Buffer.concat(lines)), END);
}

test('pixels of each kind, depth and filter are those of another decoder, also interlaced', async () => {
  for (const seed of SEEDS) {
    const random = makeRandom(seed);
    for (const [colourType, depths] of KINDS) {
      for (const depth of depths) {
        for (const interlace of [0, 1]) {
          const file = randomPng(random, colourType, depth, interlace);
          const expected = PNG.sync.read(file);
          const decoded = await finished(decodePng(file, expected));
          for (let at = 0; at < expected.width * expected.height; at++) {
            const [red, green, blue, alpha] = expected.data.subarray(4 * at, 4 * at + 4) as unknown as number[];
            const pixel = alpha ? [red, green, blue, alpha / 255] : [0, 0, 0, 0];
            const what = `colour type ${colourType}, ${depth} bits, interlace ${interlace}, pixel ${at}, seed ${seed}`;
            assert.deepEqual(decoded.pixelAt(at), pixel, what);
          }
        }
      }
    }
  }
});

test('a colour may be transparent', async () => {
  const size = { width: 2, height: 1 };
  const cases: [fields: object, transparent: number[], line: number[], pixels: number[][]][] = [
    [
      { colourType: 0, depth: 2 },
      [0, 1],
      [0b01_10_0000],
      [
        [0, 0, 0, 0],
        [170, 170, 170, 1],
      ],
    ],
    [
      { colourType: 0, depth: 16 },
      [1, 2],
      [1, 2, 1, 3],
      [
        [0, 0, 0, 0],
        [1, 1, 1, 1],
      ],
    ],
    [
      { colourType: 2, depth: 8 },
      [0, 1, 0, 2, 0, 3],
      [1, 2, 3, 1, 2, 4],
      [
        [0, 0, 0, 0],
        [1, 2, 4, 1],
      ],
    ],
  ];
  for (const [fields, transparent, line, pixels] of cases) {
    const header = headerChunk({ ...size, ...fields });
    const file = fileOf(header, chunk('tRNS', Buffer.from(transparent)), pixelChunk(Buffer.from([0, ...line])), END);
    const decoded = await finished(decodePng(file, size));
    assert.deepEqual([decoded.pixelAt(0), decoded.pixelAt(1)], pixels, JSON.stringify(fields));
    assert.equal(channelsOf(readHeader(header.subarray(8, -4))), transparent.length / 2);
  }
});

test('an index beyond the palette is black', async () => {
  const size = { width: 1, height: 1 };
  const header = headerChunk({ ...size, colourType: 3 });
  const file = fileOf(header, chunk('PLTE', Buffer.from([1, 2, 3])), pixelChunk(Buffer.from([0, 7])), END);
  assert.deepEqual((await finished(decodePng(file, size))).pixelAt(0), [0, 0, 0, 1]);
});

test('too few pixels, far too many, damaged ones and an unknown filter are refused', async () => {
  const damaged = chunk('IDAT', Buffer.from('no deflate'));
  const expected = 8 * 33;
  const cases: [pixels: Buffer, text: string, values?: object][] = [
    [pixelChunk(Buffer.alloc(expected - 1)), 'BAD_PNG-pixels', { bytes: expected - 1, expected }],
    [pixelChunk(Buffer.alloc(20_000_000)), 'BAD_PNG-pixels', { bytes: '> 65800', expected }],
    [damaged, 'BAD_PNG'],
    [chunk('IDAT'), 'BAD_PNG'],
    [pixelChunk(Buffer.alloc(expected, 5)), 'BAD_PNG-filter', { filter: 5 }],
  ];
  for (const [pixels, text, values] of cases) {
    const file = fileOf(headerChunk(), pixels, END);
    await assert.rejects(finished(decodePng(file, { width: 8, height: 8 })), { text, ...(values && { values }) }, text);
  }
});

test('a few bytes more than the pixels are ignored', async () => {
  const file = fileOf(headerChunk(), pixelChunk(Buffer.alloc(300)), END);
  assert.deepEqual((await finished(decodePng(file, { width: 8, height: 8 }))).pixelAt(0), [0, 0, 0, 0]);
});

test('no step of the largest PNG takes long', async () => {
  const file = pngOf(1024, 1024, (x, y) => [x, y, x ^ y], { filterType: 4 });
  const steps = decodePng(file, { width: 8, height: 8 });
  const times: number[] = [];
  for (let isDone = false; !isDone; ) {
    const startedAt = performance.now();
    const { done = false, value } = steps.next();
    times.push(performance.now() - startedAt);
    isDone = done;
    if (!done) await value;
  }
  // Most steps, because the machine may do something else during some of them. All at once take fifty times as long.
  times.sort((a, b) => a - b);
  assert(times.length >= 1024, `${times.length} steps`);
  assert((times[Math.floor(times.length * 0.9)] as number) < 1, `${times.at(-1)} ms`);
});
