import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

/** A glyph: a byte for each column from the left, its lowest bit the top row, without blank columns at the sides. */
export type Glyph = Uint8Array;

/** Glyphs by code point. */
export type Font = ReadonlyMap<number, Glyph>;

// A font file is gzipped. It has for each glyph its code point (3 bytes, little-endian), its width, and its columns.

/** Encodes a font as a file. */
export function encodeFont(font: Font): Buffer {
  const parts: Uint8Array[] = [];
  for (const [codePoint, glyph] of font) {
    const head = Buffer.alloc(4);
    head.writeUIntLE(codePoint, 0, 3);
    head.writeUInt8(glyph.length, 3);
    parts.push(head, glyph);
  }
  return gzipSync(Buffer.concat(parts), { level: 9 });
}

/** Decodes the bytes of a font file. */
export function decodeFont(file: Uint8Array): Font {
  const bytes = gunzipSync(file);
  const font = new Map<number, Glyph>();
  for (let at = 0; at < bytes.length; ) {
    const start = at + 4;
    const end = start + bytes.readUInt8(at + 3);
    font.set(bytes.readUIntLE(at, 3), bytes.subarray(start, end));
    at = end;
  }
  return font;
}

/** `npm run build` makes this file from the Galmuri fonts and the drawings of some emoji. */
export const FONT_FILE = join(__dirname, 'galmuri.bin');

let font: Font | undefined;

/** The font of the matrix, read from its file on first use. */
export function matrixFont(): Font {
  font ??= decodeFont(readFileSync(FONT_FILE));
  return font;
}
