import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Animation } from '../../../lib/sense-hat/animation';
import type { Rgb } from '../../../lib/sense-hat/colour';
import { matrixFont } from '../../../lib/sense-hat/font';
import { fill, type Picture } from '../../../lib/sense-hat/frame';
import { drawText } from '../../../lib/sense-hat/text';

const GREEN: Rgb = [50, 100, 40];
const NIGHT: Rgb = [1, 2, 3];
const SPACE = [0, 0, 0, 0, 0];

function draw(text: string, periodMs = 100): Animation {
  return drawText(text, GREEN, NIGHT, periodMs);
}

function glyph(character: string): number[] {
  return [...(matrixFont().get(character.codePointAt(0) as number) as Uint8Array)];
}

/** The columns of a picture, each a byte with the top row lowest; checks that there are only the two colours. */
function columnsOf(picture: Picture): number[] {
  const columns = new Array(8).fill(0) as number[];
  for (let row = 0; row < 8; row++) {
    for (let col = 0; col < 8; col++) {
      const at = 3 * (8 * row + col);
      const pixel = [...picture.subarray(at, at + 3)];
      const isLit = pixel.join() === GREEN.join();
      if (!isLit) assert.deepEqual(pixel, [...NIGHT]);
      if (isLit) columns[col] = (columns[col] as number) | (1 << row);
    }
  }
  return columns;
}

function picturesOf({ length, pictureAt }: Animation): Picture[] {
  return Array.from({ length }, (_, index) => pictureAt(index));
}

/** The pictures of columns that scroll through, as python-sense-hat makes them. */
function scrolled(characters: number[][]): number[][] {
  const blank = new Array(8).fill(0) as number[];
  const columns = [...blank, ...characters.flatMap((character) => [...character, 0]), ...blank];
  const frames = 8 + characters.reduce((sum, character) => sum + character.length + 1, 0);
  return Array.from({ length: frames }, (_, frame) => columns.slice(frame, frame + 8));
}

test('text scrolls in from the right, a column a picture, until its last column has left', () => {
  const texts = ['Hi', 'Hello NATS!', 'ssshh', 'I I', '  ', 'Grüße, Ωμέγα', '温度は21度', 'x'.repeat(500)];
  for (const text of texts) {
    const animation = draw(text);
    const expected = scrolled([...text].map((character) => (character === ' ' ? SPACE : glyph(character))));
    assert.equal(animation.length, expected.length, text);
    assert.deepEqual(picturesOf(animation).map(columnsOf), expected, text);
  }
});

test('the first and the last picture of a text are all background', () => {
  for (const text of ['Hi', '██', 'Hello NATS!']) {
    const animation = draw(text);
    assert.deepEqual(animation.pictureAt(0), fill(NIGHT), text);
    assert.deepEqual(animation.pictureAt(animation.length - 1), fill(NIGHT), text);
    assert.notDeepEqual(animation.pictureAt(1), fill(NIGHT), text);
    assert.notDeepEqual(animation.pictureAt(animation.length - 2 - 1), fill(NIGHT), text);
  }
});

test('a space is five columns wide', () => {
  assert.equal(draw('I I').length, 8 + 2 + 6 + 2);
});

test('each picture of a text is shown for the period', () => {
  assert.equal(draw('Hi', 70).periodMs, 70);
  assert.equal(draw('H', 70).periodMs, 70);
  assert.equal(draw('', 70).periodMs, 70);
});

test('pictures can be drawn in any order and again', () => {
  const animation = draw('Hello');
  const forward = picturesOf(animation);
  for (let index = animation.length - 1; index >= 0; index--) {
    assert.deepEqual(animation.pictureAt(index), forward[index]);
  }
});

test('one character stands still in the middle', () => {
  for (const character of ['I', '?', 'A', 'ü', '温']) {
    const animation = draw(character);
    assert.equal(animation.length, 1, character);
    const columns = columnsOf(animation.pictureAt(0));
    const before = columns.findIndex((bits) => bits !== 0);
    const after = 7 - columns.findLastIndex((bits) => bits !== 0);
    assert.deepEqual(columns.slice(before, 8 - after), glyph(character), character);
    assert(after - before === 0 || after - before === 1, `${before} columns before ${character}, ${after} after it`);
  }
});

test('a question mark is drawn upright', () => {
  const picture = draw('?').pictureAt(0);
  const rows = Array.from({ length: 8 }, (_, row) =>
    Array.from({ length: 8 }, (_, col) => (picture[3 * (8 * row + col)] === GREEN[0] ? '#' : '.')).join(''),
  );
  assert.deepEqual(rows, [
    '..###...', //
    '.....#..',
    '....#...',
    '...#....',
    '...#....',
    '........',
    '...#....',
    '........',
  ]);
});

test('one character as wide as the matrix stands still', () => {
  const [wide] = [...matrixFont()].find(([, columns]) => columns.length === 8) as [number, Uint8Array];
  const character = String.fromCodePoint(wide);
  assert.deepEqual(picturesOf(draw(character)).map(columnsOf), [glyph(character)]);
});

test('one character that is wider than the matrix scrolls', () => {
  const [wide] = [...matrixFont()].find(([, columns]) => columns.length > 8) as [number, Uint8Array];
  const character = String.fromCodePoint(wide);
  assert.deepEqual(picturesOf(draw(character)).map(columnsOf), scrolled([glyph(character)]));
});

test('no text and one space are one picture of background', () => {
  for (const text of ['', ' ', '\n']) assert.deepEqual(picturesOf(draw(text)), [fill(NIGHT)], JSON.stringify(text));
});

test('letters of many scripts have glyphs of their own', () => {
  const alphabets = {
    'accented Latin': 'àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿßÀÉÎÕÜŁłŞşŽžŐőİıĀ',
    Greek: 'ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώ',
    Cyrillic: 'АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґ',
    Kana: 'あいうえおかがきぎんゃっアイウエオカガパヴンャッー',
    Hangul: '가각나다라마바사아자차카타파하힣한글',
  };
  const unknown = draw('?').pictureAt(0);
  for (const [script, letters] of Object.entries(alphabets)) {
    for (const letter of letters) assert.notDeepEqual(draw(letter).pictureAt(0), unknown, `${letter} (${script})`);
  }
});

test('a letter composed of several code points is drawn as the composed one', () => {
  for (const text of ['é', 'Grüße', 'ガ', '한글', 'ё', 'Ώ']) {
    assert.notEqual(text.normalize('NFD'), text.normalize('NFC'), text);
    assert.deepEqual(picturesOf(draw(text.normalize('NFD'))), picturesOf(draw(text.normalize('NFC'))), text);
  }
});

test('a letter with a mark that the font has not is drawn without the mark', () => {
  assert.deepEqual(picturesOf(draw('x\u0302')), picturesOf(draw('x')));
  assert.deepEqual(picturesOf(draw('Z\u0351\u0343a')), picturesOf(draw('Za')));
});

test('a character without a glyph is one question mark, however many code points it has', () => {
  for (const text of ['😀', '👩‍🚀', '🏳️‍🌈', '🇩🇪', '\u{10ffff}', '\u0000', '\ud800']) {
    assert.deepEqual(picturesOf(draw(text)), picturesOf(draw('?')), JSON.stringify(text));
    assert.deepEqual(picturesOf(draw(`a${text}b`)), picturesOf(draw('a?b')), JSON.stringify(text));
  }
});

test('a line break, a tab and other white space are a space', () => {
  for (const gap of ['\n', '\r\n', '\r', '\t', '\u00a0', '\u2028', '\u3000']) {
    assert.deepEqual(picturesOf(draw(`a${gap}b`)), picturesOf(draw('a b')), JSON.stringify(gap));
  }
});
