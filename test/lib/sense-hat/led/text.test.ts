import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Animation } from '../../../../lib/sense-hat/led/animation';
import { type Picture, WHOLE } from '../../../../lib/sense-hat/led/canvas';
import type { Rgb } from '../../../../lib/sense-hat/led/colour';
import { matrixFont } from '../../../../lib/sense-hat/led/font';
import { fill } from '../../../../lib/sense-hat/led/frame';
import type { Direction } from '../../../../lib/sense-hat/led/options';
import { drawText } from '../../../../lib/sense-hat/led/text';

const GREEN: Rgb = [50, 100, 40];
const NIGHT: Rgb = [1, 2, 3];
const SPACE = [0, 0, 0, 0, 0];

const DIRECTIONS: Direction[] = ['left', 'right', 'up', 'down'];
const ANY = fill([0, 0, 0]);

function draw(text: string, direction: Direction = 'left', secondsPerColumn = 0.1): Animation {
  return drawText(text, { color: GREEN, background: NIGHT, secondsPerColumn, direction, tile: WHOLE });
}

function glyph(character: string): number[] {
  return [...(matrixFont().get(character.codePointAt(0) as number) as Uint8Array)];
}

/** The columns of a picture as bytes, with the top row in the lowest bit; checks that it has only the two colours. */
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
  return Array.from({ length }, (_, index) => pictureAt(index, ANY));
}

/** The columns of each picture of a scrolling text, as in python-sense-hat. */
function scrolled(characters: number[][]): number[][] {
  const blank = new Array(8).fill(0) as number[];
  const columns = [...blank, ...characters.flatMap((character) => [...character, 0]), ...blank];
  const frames = 8 + characters.reduce((sum, character) => sum + character.length + 1, 0);
  return Array.from({ length: frames }, (_, frame) => columns.slice(frame, frame + 8));
}

test('text scrolls in from the right by a column each picture, until its last column has left', () => {
  const texts = ['Hi', 'Hello NATS!', 'ssshh', 'I I', '  ', 'Grüße, Ωμέγα', '温度は21度', 'x'.repeat(500)];
  for (const text of texts) {
    const animation = draw(text);
    const expected = scrolled([...text].map((character) => (character === ' ' ? SPACE : glyph(character))));
    assert.equal(animation.length, expected.length, text);
    assert.deepEqual(picturesOf(animation).map(columnsOf), expected, text);
  }
});

test('the first and the last picture of a text are blank', () => {
  for (const text of ['Hi', '██', 'Hello NATS!']) {
    const animation = draw(text);
    assert.deepEqual(animation.pictureAt(0, ANY), fill(NIGHT), text);
    assert.deepEqual(animation.pictureAt(animation.length - 1, ANY), fill(NIGHT), text);
    assert.notDeepEqual(animation.pictureAt(1, ANY), fill(NIGHT), text);
    assert.notDeepEqual(animation.pictureAt(animation.length - 2 - 1, ANY), fill(NIGHT), text);
  }
});

test('a space is five columns wide', () => {
  assert.equal(draw('I I').length, 8 + 2 + 6 + 2);
});

test('each picture of a text is shown for the time of a column', () => {
  for (const text of ['Hi', 'H', '']) {
    for (const direction of DIRECTIONS) assert.equal(draw(text, direction, 0.25).periodMs, 250, text);
  }
});

/** The rows of a picture from the top, with `#` for lit pixels. */
function rowsOf(picture: Picture): string[] {
  const columns = columnsOf(picture);
  return Array.from({ length: 8 }, (_, row) => columns.map((bits) => (bits & (1 << row) ? '#' : '.')).join(''));
}

test('a text to the right enters from the left, first character first, and is not mirrored', () => {
  for (const text of ['Hi', 'RF 7', 'Grüße']) {
    const blank = new Array(8).fill(0) as number[];
    // The text lies to the left of the matrix, with its last character on the left.
    const characters = [...text].map((character) => (character === ' ' ? SPACE : glyph(character)));
    const columns = [...blank, ...characters.toReversed().flatMap((character) => [0, ...character]), ...blank];
    const frames = columns.length - 8;
    const expected = Array.from({ length: frames }, (_, frame) => columns.slice(frames - frame, frames - frame + 8));
    assert.deepEqual(picturesOf(draw(text, 'right')).map(columnsOf), expected, text);
  }
});

/** The rows of a single character centred in 8 columns, without blank rows above and below it. */
function uprightRows(character: string): string[] {
  if (character === ' ') return Array(5).fill('........');
  const rows = rowsOf(draw(character).pictureAt(0, ANY));
  const lit = (row: string) => row.includes('#');
  return rows.slice(rows.findIndex(lit), rows.findLastIndex(lit) + 1);
}

test('a text up enters from below, first character first, by a row each picture', () => {
  for (const text of ['Hi', 'RF 7', 'Grüße']) {
    const blank = Array(8).fill('........') as string[];
    const rows = [...blank, ...[...text].flatMap((character) => [...uprightRows(character), '........']), ...blank];
    const expected = Array.from({ length: rows.length - 8 }, (_, frame) => rows.slice(frame, frame + 8));
    assert.deepEqual(picturesOf(draw(text, 'up')).map(rowsOf), expected, text);
  }
});

test('a text down enters from above, first character first, by a row each picture', () => {
  for (const text of ['Hi', 'RF 7', 'Grüße']) {
    const blank = Array(8).fill('........') as string[];
    const characters = [...text].toReversed();
    const rows = [...blank, ...characters.flatMap((character) => ['........', ...uprightRows(character)]), ...blank];
    const frames = rows.length - 8;
    const expected = Array.from({ length: frames }, (_, frame) => rows.slice(frames - frame, frames - frame + 8));
    assert.deepEqual(picturesOf(draw(text, 'down')).map(rowsOf), expected, text);
  }
});

test('in a text up or down whole letters are visible, upright', () => {
  const letter = uprightRows('F');
  for (const direction of ['up', 'down'] as const) {
    const seen = picturesOf(draw('FF', direction)).map((picture) => rowsOf(picture).join('\n'));
    assert(
      seen.some((rows) => rows.includes(letter.join('\n'))),
      direction,
    );
  }
});

test('in each direction a text begins and ends blank', () => {
  for (const direction of DIRECTIONS) {
    for (const text of ['Hi', '██', '温度']) {
      const pictures = picturesOf(draw(text, direction));
      assert.deepEqual(pictures[0], fill(NIGHT), `${text} ${direction}`);
      assert.deepEqual(pictures.at(-1), fill(NIGHT), `${text} ${direction}`);
      assert.notDeepEqual(pictures[1], fill(NIGHT), `${text} ${direction}`);
    }
  }
});

test('a single character has the same place for all directions', () => {
  for (const character of ['F', '?', '温', '']) {
    const [left, ...others] = DIRECTIONS.map((direction) => picturesOf(draw(character, direction)));
    for (const other of others) assert.deepEqual(other, left, character);
  }
});

test('the ground of a text is its background, that of a single character the character', () => {
  for (const direction of DIRECTIONS) {
    assert.deepEqual(draw('Hi', direction).ground, fill(NIGHT), direction);
    assert.equal(draw('H', direction).ground, undefined, direction);
  }
});

test('a text has at most 5,000 UTF-16 units', () => {
  assert.equal(draw('i'.repeat(5000)).length, 8 + 5000 * (glyph('i').length + 1));
  for (const direction of DIRECTIONS) {
    for (const text of ['x'.repeat(5001), `${'😀'.repeat(2500)}!`, `Z${'\u0351'.repeat(5000)}`]) {
      assert.throws(() => draw(text, direction), {
        code: 'BAD_PAYLOAD',
        text: 'BAD_PAYLOAD-long',
        values: { length: 5001, limit: 5000 },
      });
    }
  }
});

test('the longest text is drawn quickly', () => {
  for (const text of [
    'x'.repeat(5000),
    '👍🏽'.repeat(1250),
    `Z${'\u0351'.repeat(4999)}`,
    `a${'\u0302'.repeat(4999)}`,
  ]) {
    for (const direction of DIRECTIONS) {
      const before = process.cpuUsage();
      const animation = draw(text, direction);
      animation.pictureAt(animation.length - 1, ANY);
      const { user, system } = process.cpuUsage(before);
      const tookMs = (user + system) / 1000;
      assert(tookMs < 500, `${tookMs} ms, ${direction}`);
    }
  }
});

test('pictures can be drawn in any order and repeatedly', () => {
  const animation = draw('Hello');
  const forward = picturesOf(animation);
  for (let index = animation.length - 1; index >= 0; index--) {
    assert.deepEqual(animation.pictureAt(index, ANY), forward[index]);
  }
});

test('a single character stands still in the middle', () => {
  for (const character of ['I', '?', 'A', 'ü', '温']) {
    const animation = draw(character);
    assert.equal(animation.length, 1, character);
    const columns = columnsOf(animation.pictureAt(0, ANY));
    const before = columns.findIndex((bits) => bits !== 0);
    const after = 7 - columns.findLastIndex((bits) => bits !== 0);
    assert.deepEqual(columns.slice(before, 8 - after), glyph(character), character);
    assert(after - before === 0 || after - before === 1, `${before} columns before ${character}, ${after} after it`);
  }
});

test('a question mark is drawn upright', () => {
  const picture = draw('?').pictureAt(0, ANY);
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

test('a single character as wide as the matrix stands still', () => {
  const [wide] = [...matrixFont()].find(([, columns]) => columns.length === 8) as [number, Uint8Array];
  const character = String.fromCodePoint(wide);
  assert.deepEqual(picturesOf(draw(character)).map(columnsOf), [glyph(character)]);
});

test('a single character that is wider than the matrix scrolls', () => {
  const [wide] = [...matrixFont()].find(([, columns]) => columns.length > 8) as [number, Uint8Array];
  const character = String.fromCodePoint(wide);
  assert.deepEqual(picturesOf(draw(character)).map(columnsOf), scrolled([glyph(character)]));
});

test('an empty text and a single space are one blank picture', () => {
  for (const text of ['', ' ', '\n']) assert.deepEqual(picturesOf(draw(text)), [fill(NIGHT)], JSON.stringify(text));
});

test('letters of many scripts have glyphs', () => {
  const alphabets = {
    'accented Latin': 'àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿßÀÉÎÕÜŁłŞşŽžŐőİıĀ',
    Greek: 'ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώ',
    Cyrillic: 'АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґ',
    Kana: 'あいうえおかがきぎんゃっアイウエオカガパヴンャッー',
    Hangul: '가각나다라마바사아자차카타파하힣한글',
  };
  const unknown = draw('?').pictureAt(0, ANY);
  for (const [script, letters] of Object.entries(alphabets)) {
    for (const letter of letters) assert.notDeepEqual(draw(letter).pictureAt(0, ANY), unknown, `${letter} (${script})`);
  }
});

test('a decomposed letter is drawn like the composed one', () => {
  for (const text of ['é', 'Grüße', 'ガ', '한글', 'ё', 'Ώ']) {
    assert.notEqual(text.normalize('NFD'), text.normalize('NFC'), text);
    assert.deepEqual(picturesOf(draw(text.normalize('NFD'))), picturesOf(draw(text.normalize('NFC'))), text);
  }
});

test('a letter with a mark that the font lacks is drawn without the mark', () => {
  assert.deepEqual(picturesOf(draw('x\u0302')), picturesOf(draw('x')));
  assert.deepEqual(picturesOf(draw('Z\u0351\u0343a')), picturesOf(draw('Za')));
  const many = '\u0351\u0343\u0302'.repeat(200);
  assert.deepEqual(picturesOf(draw(`Z${many}a${many}`)), picturesOf(draw('Za')));
  assert.deepEqual(picturesOf(draw(`Z${many}`)), picturesOf(draw('Z')));
});

test('a character without a glyph is one question mark, even if it has several code points', () => {
  for (const text of ['🦑', '👩‍🚀', '🤙🏽', '👩‍👩‍👧‍👦', '🏳️‍🌈', '🇩🇪', '\u{10ffff}', '\u0000', '\ud800']) {
    assert.deepEqual(picturesOf(draw(text)), picturesOf(draw('?')), JSON.stringify(text));
    assert.deepEqual(picturesOf(draw(`a${text}b`)), picturesOf(draw('a?b')), JSON.stringify(text));
  }
});

test('line breaks, tabs and other white space are drawn as a space', () => {
  for (const gap of ['\n', '\r\n', '\r', '\t', '\u00a0', '\u2028', '\u3000']) {
    assert.deepEqual(picturesOf(draw(`a${gap}b`)), picturesOf(draw('a b')), JSON.stringify(gap));
  }
});

test('code points that are never seen take no room', () => {
  const invisible = [
    '\u00ad',
    '\u034f',
    '\u061c',
    '\u180e',
    '\u200b',
    '\u200c',
    '\u200d',
    '\u2060',
    '\u2066',
    '\ufeff',
  ];
  for (const unseen of [
    ...invisible,
    '\u115f',
    '\u3164',
    '\ufe00',
    '\ufe0f',
    '\u{e0001}',
    '\u{e0100}',
    '\u200b\u00ad\ufe0f',
  ]) {
    const name = JSON.stringify(unseen);
    assert.deepEqual(picturesOf(draw(unseen)), picturesOf(draw('')), name);
    assert.deepEqual(picturesOf(draw(`a${unseen}`)), picturesOf(draw('a')), name);
    assert.deepEqual(picturesOf(draw(`${unseen}a`)), picturesOf(draw('a')), name);
    assert.deepEqual(picturesOf(draw(`a${unseen}b`)), picturesOf(draw('ab')), name);
  }
});

test('the most used emoji are drawn, plain, as emoji and in each skin tone', () => {
  const unknown = draw('?').pictureAt(0, ANY);
  for (const emoji of '❤😀⭐✓✗❄⚡👍👎☀☁☔🔥🎉😂😢😉😍💔✨🎵🌙🏠💧☕🔔⏰🔒⚠🚀') {
    const { length, pictureAt } = draw(emoji);
    const picture = pictureAt(0, ANY);
    assert.equal(length, 1, emoji);
    assert.notDeepEqual(picture, unknown, emoji);
    assert.notDeepEqual(picture, fill(NIGHT), emoji);
    for (const variant of ['\ufe0e', '\ufe0f', '🏻', '🏽', '🏿']) {
      assert.deepEqual(picturesOf(draw(emoji + variant)), [picture], emoji + variant);
    }
  }
});

test('an emoji that means the same as a symbol of the font is drawn like it', () => {
  const alike: [string, string][] = [
    ['❤', '♥'],
    ['💙', '♥'],
    ['😀', '☺'],
    ['⭐', '★'],
    ['✔', '✓'],
    ['❌', '✗'],
    ['☔', '☂'],
    ['➕', '+'],
  ];
  for (const [emoji, symbol] of alike) assert.deepEqual(picturesOf(draw(emoji)), picturesOf(draw(symbol)), emoji);
});

test('a drawn emoji is upright', () => {
  assert.deepEqual(rowsOf(draw('⚡').pictureAt(0, ANY)), [
    '....##..', //
    '...##...',
    '..##....',
    '.#####..',
    '...##...',
    '..##....',
    '.##.....',
    '........',
  ]);
});
