import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseColour } from '../../../../lib/sense-hat/led/colour';
import { parseCssColour } from '../../../../lib/sense-hat/led/css-colour';
import { NOT_PAINTED, PAINTED } from '../../../support/css-colours';

test('a CSS colour has the values that Chromium paints', () => {
  for (const [text, ...painted] of PAINTED) assert.deepEqual(parseColour(text), painted, JSON.stringify(text));
});

test('a text that is no colour, or depends on the page, is refused', () => {
  for (const text of NOT_PAINTED) assert.equal(parseCssColour(text), undefined, JSON.stringify(text));
});

test('a colour may be written in capitals', () => {
  for (const [text, ...painted] of PAINTED) {
    if (text.includes('\\')) continue;
    assert.deepEqual(parseColour(text.toUpperCase()), painted, text.toUpperCase());
  }
});

test('functions that are nested wrongly are refused', () => {
  for (const text of ['alpha(pow(1/min(calc(1', 'color-mix('.repeat(20), 'rgb(from '.repeat(20), '('.repeat(200)]) {
    assert.equal(parseCssColour(text), undefined, text);
  }
});

test('the opacity of a colour is from 0 to 1', () => {
  const cases: [string, number][] = [
    ['red', 1],
    ['rgb(255 0 0 / 25%)', 0.25],
    ['rgb(255 0 0 / 900%)', 1],
    ['rgb(255 0 0 / -1)', 0],
    ['rgb(255 0 0 / none)', 0],
    ['#f000', 0],
  ];
  for (const [text, alpha] of cases) assert.deepEqual(parseCssColour(text), [255, 0, 0, alpha], text);
});
