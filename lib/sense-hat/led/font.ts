import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

/** A glyph: a byte for each column from the left, its lowest bit the top row. Blank columns at the sides are cut off. */
export type Glyph = Uint8Array;

/** Glyphs by code point. */
export type Font = ReadonlyMap<number, Glyph>;

// The file, gzipped: for each glyph its code point (3 bytes, little-endian), its width, and its columns.

/** The bytes of a font file. */
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

/** The font of a file's bytes. */
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

/** Made from the Galmuri fonts by `npm run build`. */
export const FONT_FILE = join(__dirname, 'galmuri.bin');

let font: Font | undefined;

/** The font of the matrix, read when the first text asks for it. */
export function matrixFont(): Font {
  font ??= decodeFont(readFileSync(FONT_FILE));
  return font;
}
