import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPng, MAX_BYTES, readPngFile } from '../../../../lib/sense-hat/png/file';
import { atOnce } from '../../../../lib/steps';
import { chunk, END, fileOf, headerChunk } from '../../../support/png';

const HEADER = headerChunk();
const PIXELS = chunk('IDAT', Buffer.from('packed'));

function damaged(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8((copy.at(at) as number) ^ 1, at < 0 ? copy.length + at : at);
  return copy;
}

test('a PNG is recognized by its signature alone', () => {
  const signature = fileOf();
  for (const bytes of [signature, fileOf(HEADER), new Uint8Array(signature)]) assert(isPng(bytes));
  for (const bytes of [Buffer.alloc(0), signature.subarray(0, 7), Buffer.alloc(192), Buffer.from('GIF89a..')]) {
    assert(!isPng(bytes), bytes.toString('hex'));
  }
});

test('a file has a header, a palette, transparency and packed pixels in one chunk or more', () => {
  const palette = chunk('PLTE', Buffer.from([1, 2, 3]));
  const file = fileOf(headerChunk({ colourType: 3 }), palette, chunk('tRNS', Buffer.from([9])), PIXELS, PIXELS, END);
  const { header, ...rest } = atOnce(readPngFile(file));
  assert.equal(header.colourType, 3);
  assert.deepEqual(rest, {
    palette: Buffer.from([1, 2, 3]),
    transparency: Buffer.from([9]),
    packed: [Buffer.from('packed'), Buffer.from('packed')],
  });
});

test('what follows the last chunk is ignored, and so are chunks that no picture needs, even damaged ones', () => {
  const text = chunk('tEXt', Buffer.from('Comment\0hello'));
  const files = {
    'bytes behind the end': fileOf(HEADER, PIXELS, END, Buffer.from('more')),
    'another header behind the end': fileOf(HEADER, PIXELS, END, headerChunk({ width: 9999 })),
    'a text': fileOf(HEADER, text, PIXELS, text, END),
    'a damaged text': fileOf(HEADER, damaged(text, -1), PIXELS, END),
  };
  for (const [what, file] of Object.entries(files)) {
    assert.deepEqual(atOnce(readPngFile(file)).packed, [Buffer.from('packed')], what);
  }
});

test('a wrong checksum is named by its chunk', () => {
  for (const [index, type] of ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'].entries()) {
    const chunks = [HEADER, chunk('PLTE', Buffer.alloc(3)), chunk('tRNS', Buffer.alloc(1)), PIXELS, END];
    for (const at of [8, -1]) {
      // The end has no data.
      if (type === 'IEND' && at === 8) continue;
      const file = fileOf(...chunks.with(index, damaged(chunks[index] as Buffer, at)));
      const values = { chunk: JSON.stringify(type) };
      assert.throws(() => atOnce(readPngFile(file)), { text: 'BAD_PNG-checksum', values }, type);
    }
  }
});

test('a file that is cut off, in the wrong order or without a chunk that it needs is refused', () => {
  const cases: Record<string, [file: Buffer, text: string]> = {
    'its signature': [fileOf(), 'BAD_PNG-end'],
    'half a header': [fileOf(HEADER.subarray(0, 15)), 'BAD_PNG-end'],
    'no end': [fileOf(HEADER, PIXELS), 'BAD_PNG-end'],
    'half an end': [fileOf(HEADER, PIXELS, END.subarray(0, 9)), 'BAD_PNG-end'],
    'no header': [fileOf(PIXELS, END), 'BAD_PNG-order'],
    'a header that is not the first chunk': [fileOf(chunk('tEXt'), HEADER, PIXELS, END), 'BAD_PNG-order'],
    'two headers': [fileOf(HEADER, headerChunk({ width: 9999 }), PIXELS, END), 'BAD_PNG-order'],
    'no palette': [fileOf(headerChunk({ colourType: 3 }), PIXELS, END), 'BAD_PNG-palette'],
    'an unknown chunk that is needed': [fileOf(HEADER, chunk('WHAT'), PIXELS, END), 'BAD_PNG-chunk'],
    zeros: [fileOf(Buffer.alloc(100)), 'BAD_PNG-order'],
    'a chunk that is longer than the file': [fileOf(HEADER, Buffer.from('fffffff049444154', 'hex')), 'BAD_PNG-end'],
  };
  for (const [what, [file, text]] of Object.entries(cases)) {
    assert.throws(() => atOnce(readPngFile(file)), { text }, what);
  }
});

test('a file of more than 10 MiB is refused before it is read', () => {
  const file = Buffer.alloc(MAX_BYTES + 1);
  fileOf(HEADER).copy(file);
  const values = { bytes: MAX_BYTES + 1, limit: MAX_BYTES };
  assert.throws(() => atOnce(readPngFile(file)), { text: 'BAD_PNG-bytes', values });
});
