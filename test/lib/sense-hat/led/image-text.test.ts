import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shown } from '../../../../lib/coded-error';
import { imageBytes, isImageText } from '../../../../lib/sense-hat/led/image-text';
import { MAX_BYTES } from '../../../../lib/sense-hat/png/file';
import { atOnce } from '../../../../lib/steps';
import { pngOf } from '../../../support/png';

const PNG = pngOf(8, 8, (x, y) => [30 * x, 30 * y, 0]);
const BASE64 = PNG.toString('base64');
const JPEG = Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex');
const GIF = Buffer.from('474946383961080008008000 00'.replace(' ', ''), 'hex');

test('the bytes of a data URL, and of base64 alone, are those of the file', () => {
  const lines = BASE64.match(/.{1,76}/g)?.join('\r\n') ?? '';
  const texts = [
    `data:image/png;base64,${BASE64}`,
    `DATA:image/PNG;BASE64,${BASE64}`,
    ` data:image/png;charset=utf-8;base64,${BASE64}\n`,
    `data:image/png;base64,${lines}`,
    // The type is often wrong; the file counts.
    `data:image/jpeg;base64,${BASE64}`,
    `data:image/png;base64,${PNG.toString('base64url')}`,
    BASE64,
    lines,
  ];
  for (const text of texts) {
    assert(isImageText(text), text);
    assert.deepEqual(atOnce(imageBytes(text)), PNG, text);
  }
  const noise = Buffer.concat([PNG, Buffer.alloc(300_001, 7)]);
  assert.deepEqual(atOnce(imageBytes(`data:image/png;base64,${noise.toString('base64')}`)), noise, 'a long one');
});

test('a data URL with anything but base64 of a picture is refused', () => {
  const texts = [
    'data:image/png,%89PNG',
    'data:image/svg+xml;utf8,<svg/>',
    'data:image/png;base64,',
    'data:image/png;base64,aGVsbG8=',
    'data:image/png',
  ];
  for (const text of texts) {
    assert(isImageText(text), text);
    const values = { value: shown(text) };
    assert.throws(() => atOnce(imageBytes(text)), { text: 'BAD_PIXELS-data', values }, text);
  }
});

test('a picture file that was read as text is refused by its format', () => {
  const files = { PNG, JPEG, GIF };
  for (const [format, file] of Object.entries(files)) {
    for (const encoding of ['utf8', 'latin1'] as const) {
      const text = file.toString(encoding);
      assert(isImageText(text), `${format}, ${encoding}`);
      assert.throws(() => atOnce(imageBytes(text)), { text: 'BAD_PIXELS-text', values: { format } });
    }
  }
});

test('a text that is longer than the base64 of the largest file is refused before it is decoded', () => {
  const text = `data:image/png;base64,${'A'.repeat(4 * Math.ceil(MAX_BYTES / 3) + 1000)}`;
  assert.throws(() => atOnce(imageBytes(text)), { text: 'BAD_PNG-bytes' });
});

test('text that people want to read is no picture', () => {
  const umlauts = Buffer.from('äöü Grüße', 'latin1').toString('utf8');
  const texts = [
    '',
    'Hello',
    'data',
    'data:',
    'data: image',
    'data:text/plain,Hi',
    'PNG',
    'GIF89a is a format',
    '\ufffd',
    umlauts,
    'iVBOR',
  ];
  for (const text of [...texts, 5, null, undefined, Buffer.from(BASE64), [BASE64]])
    assert(!isImageText(text), shown(text));
});
