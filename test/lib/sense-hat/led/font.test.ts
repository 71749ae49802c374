import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeFont, encodeFont, FONT_FILE, type Glyph, matrixFont } from '../../../../lib/sense-hat/led/font';

const CAPITALS_AND_DIGITS = 'ABCDEFGHIJKLMNOPRSTUVWXYZ0123456789';

function glyph(character: string): Glyph {
  const found = matrixFont().get(character.codePointAt(0) as number);
  assert(found, `a glyph of ${character}`);
  return found;
}

test('a font survives encoding and decoding', () => {
  const font = new Map([
    [0x20, Uint8Array.of()],
    [0x41, Uint8Array.of(0x7e, 0x09, 0x7e)],
    [0xac00, Uint8Array.of(0xff, 0x00, 0x80, 0x01)],
    [0x10ffff, new Uint8Array(255).fill(0x55)],
  ]);
  const decoded = decodeFont(encodeFont(font));
  assert.deepEqual(
    [...decoded].map(([codePoint, columns]) => [codePoint, [...columns]]),
    [...font].map(([codePoint, columns]) => [codePoint, [...columns]]),
  );
});

test('an empty font stays empty', () => {
  assert.equal(decodeFont(encodeFont(new Map())).size, 0);
});

test('a file that is no font is refused', () => {
  assert.throws(() => decodeFont(Buffer.from('no font')));
  assert.throws(() => decodeFont(readFileSync(FONT_FILE).subarray(0, 100)));
});

test('the font of the matrix is read from its file once', () => {
  assert.equal(matrixFont(), matrixFont());
  assert.deepEqual(matrixFont(), decodeFont(readFileSync(FONT_FILE)));
});

test('each printable character of ASCII has a glyph', () => {
  for (let codePoint = 0x21; codePoint < 0x7f; codePoint++) {
    assert(glyph(String.fromCodePoint(codePoint)).length > 0, String.fromCodePoint(codePoint));
  }
});

test('glyphs have no blank columns at their sides', () => {
  for (const [codePoint, columns] of matrixFont()) {
    assert.notEqual(columns[0], 0, `U+${codePoint.toString(16)} begins blank`);
    assert.notEqual(columns.at(-1), 0, `U+${codePoint.toString(16)} ends blank`);
  }
});

test('capitals and digits are 7 rows high and stand on the base line, the row above the lowest', () => {
  for (const character of CAPITALS_AND_DIGITS) {
    const rows = glyph(character).reduce((all, column) => all | column, 0);
    assert.equal(rows, 0x7f, character);
  }
});

test('letters with a descender reach the lowest row, others do not', () => {
  const lowest = (character: string) => glyph(character).some((column) => column & 0x80);
  for (const character of 'gpqy') assert(lowest(character), character);
  for (const character of 'abcdehiklmnorstuvwxz') assert(!lowest(character), character);
});

test('no two letters look the same, and no two digits', () => {
  for (const characters of ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz', '0123456789']) {
    const seen = new Map<string, string>();
    for (const character of characters) {
      const columns = glyph(character).join();
      assert.equal(seen.get(columns), undefined, `${character} looks like ${seen.get(columns)}`);
      seen.set(columns, character);
    }
  }
});

test('the I is one column from the top row to the base line', () => {
  assert.deepEqual([...glyph('I')], [0x7f]);
});

test("the font's licence is beside it", () => {
  assert.match(readFileSync(FONT_FILE.replace('.bin', '.LICENSE.txt'), 'utf8'), /SIL Open Font License/i);
});
