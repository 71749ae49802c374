import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageFormatOf } from '../../../../lib/sense-hat/led/image-format';

test('a picture file is recognized by what it begins with', () => {
  const files: [start: string, format: string | undefined][] = [
    ['\x89PNG\r\n\x1a\n', 'PNG'],
    ['\xff\xd8\xff\xe0\0\x10JFIF', 'JPEG'],
    ['\xff\xd8\xff\xe1\0\x10Exif', 'JPEG'],
    ['GIF87a', 'GIF'],
    ['GIF89a', 'GIF'],
    ['RIFF\x10\x20\0\0WEBPVP8 ', 'WebP'],
    ['\0\0\0\x1cftypavif', 'AVIF'],
    ['\0\0\0\x18ftypheic', 'HEIC'],
    ['II*\0', 'TIFF'],
    ['MM\0*', 'TIFF'],
    ['BM\x36\x03\0\0\0\0\0\0', 'BMP'],
    ['\0\0\x01\0', 'ICO'],
    ['\xff\x0a', 'JPEG XL'],
    ['qoif', 'QOI'],
    ['<svg xmlns', 'SVG'],
    ['<?xml version', 'SVG'],
    ['RIFF\x10\x20\0\0WAVE', undefined],
    ['BMW', undefined],
    ['hello', undefined],
    ['', undefined],
    ['\0'.repeat(127), undefined],
  ];
  for (const [start, format] of files) assert.equal(imageFormatOf(Buffer.from(start, 'latin1')), format, start);
});
