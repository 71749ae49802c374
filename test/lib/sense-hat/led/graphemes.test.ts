import assert from 'node:assert/strict';
import { test } from 'node:test';
import { graphemesOf } from '../../../../lib/sense-hat/led/graphemes';

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The characters that the platform finds in the whole text. */
function segmentsOf(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Reproducible random numbers from 0 to below 1 (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Parts of characters, mostly those that combine with their neighbours. */
const PIECES = [
  ...['a', 'Z', ' ', '\r', '\n', '\t', '\0', '温', 'क', 'ष', 'त', 'ᄀ', 'ᅡ', 'ᆨ', '가', 'ก', 'ำ', '\u0600'],
  ...['\u0302', '\u0351', '\u094d', '\u093f', '\u200d', '\ufe0f', '\u20e3', '\u{1d165}', '\u{e0067}', '\u{e007f}'],
  ...['😀', '👩', '🚀', '👍', '🏳', '🌈', '🏽', '🏿', '🇩', '🇪', '❤', '👩‍👩‍👧‍👦', '🏳️‍🌈', '🇳🇱'],
  ...['\ud83d', '\ude00'],
];

test('an empty text has no characters', () => {
  assert.deepEqual([...graphemesOf('')], []);
});

test('a letter with its marks, a flag and a family are one character each', () => {
  const characters = ['Z\u0351\u0343', 'e\u0301', '🇩🇪', '🇳🇱', '👩‍👩‍👧‍👦', '👍🏽', '❤️', '각', '\r\n', 'a'];
  assert.deepEqual([...graphemesOf(characters.join(''))], characters);
});

test('random texts have the characters that the platform finds in the whole text', () => {
  const random = randomNumbers(20_261);
  for (let round = 0; round < 400; round++) {
    const pieces = Array.from({ length: Math.floor(random() * 700) }, () => {
      return PIECES[Math.floor(random() * PIECES.length)] as string;
    });
    const text = pieces.join('');
    assert.deepEqual([...graphemesOf(text)], segmentsOf(text), `text ${round}: ${JSON.stringify(text)}`);
  }
});

test('a character is not split anywhere in a long text', () => {
  const characters = [
    'Z\u0351\u0343\u0302',
    '🇩🇪',
    '👩‍👩‍👧‍👦',
    '👍🏽',
    '👩🏿‍🚀',
    'a\u{1d165}',
    '🏴\u{e0067}\u{e0062}\u{e007f}',
    '\r\n',
  ];
  for (const character of characters) {
    for (let before = 240; before <= 260; before++) {
      const text = 'x'.repeat(before) + character.repeat(100) + 'y'.repeat(300);
      const expected = [...'x'.repeat(before), ...Array(100).fill(character), ...'y'.repeat(300)];
      assert.deepEqual([...graphemesOf(text)], expected, `${JSON.stringify(character)} from ${before}`);
    }
  }
});

test('a letter with thousands of marks is one character', () => {
  for (const marks of [254, 255, 256, 257, 600, 4999]) {
    const letter = `Z${'\u0351'.repeat(marks)}`;
    assert.deepEqual([...graphemesOf(`a${letter}b`)], ['a', letter, 'b'], `${marks} marks`);
  }
});

test('5,000 characters take no noticeable time', () => {
  for (const text of ['x'.repeat(5000), '👍🏽'.repeat(1250), `Z${'\u0351'.repeat(4999)}`]) {
    const start = performance.now();
    const found = [...graphemesOf(text)].length;
    const tookMs = performance.now() - start;
    assert.equal(found, segmentsOf(text).length);
    assert(tookMs < 500, `${tookMs} ms`);
  }
});
