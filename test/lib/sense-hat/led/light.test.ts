import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rgb } from '../../../../lib/sense-hat/led/colour';
import { encodingOf, type Look } from '../../../../lib/sense-hat/led/light';

const PLAIN: Look = { lowLight: false, brightness: 100, leastVisible: false };
const PERCENTS = Array.from({ length: 1001 }, (_, index) => index / 10);

const GAMMA = '0 0 0 0 0 0 1 1 2 2 3 3 4 5 6 7 8 9 10 11 12 14 15 17 18 20 21 23 25 27 29 31'.split(' ').map(Number);
const LOW_GAMMA = [0, ...Array(12).fill(1), 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 10, 10] as number[];

/** The looks with each switch on and off. */
const SWITCHED: Look[] = [false, true].flatMap((lowLight) =>
  [false, true].map((leastVisible) => ({ ...PLAIN, lowLight, leastVisible })),
);

/** The 5-bit channels of a pixel. */
function channelsOf(pixel: number): number[] {
  return [pixel >> 11, (pixel >> 6) & 0x1f, pixel & 0x1f];
}

/** How much light the HAT makes of a colour in each channel, 0 to 31. */
function lightOf(colour: Rgb, look: Partial<Look>): number[] {
  return channelsOf(encodingOf({ ...PLAIN, ...look }).encode(colour)).map((channel) => GAMMA[channel] as number);
}

test('low light uses the value whose default gamma is nearest to the low-light gamma, for each channel', () => {
  for (let wanted = 0; wanted < 32; wanted++) {
    const low = LOW_GAMMA[wanted] as number;
    const nearest = Math.min(...GAMMA.map((gamma) => Math.abs(gamma - low)));
    const colours: Rgb[] = [
      [8 * wanted, 0, 0],
      [0, 8 * wanted + 7, 0],
      [0, 0, 8 * wanted + 7],
    ];
    colours.forEach((colour, channel) => {
      lightOf(colour, { lowLight: true }).forEach((light, at) => {
        const distance = Math.abs(light - (at === channel ? low : 0));
        assert.equal(distance, at === channel ? nearest : 0, `${colour} at ${at}`);
      });
    });
  }
  // Gamma 10 is value 18 in the default table.
  assert.equal(
    encodingOf({ ...PLAIN, lowLight: true })
      .encode([255, 255, 255])
      .toString(16),
    '9492',
  );
});

test('brightness is a percentage of the light, to the nearest that the HAT has', () => {
  for (const lowLight of [false, true]) {
    for (let brightness = 6; brightness < 100; brightness++) {
      for (let channel = 0; channel < 32; channel++) {
        const wanted = (((lowLight ? LOW_GAMMA : GAMMA)[channel] as number) * brightness) / 100;
        const [red] = lightOf([8 * channel, 255, 255], { lowLight, brightness }) as [number];
        const nearest = Math.min(...GAMMA.map((gamma) => Math.abs(gamma - wanted)));
        assert.equal(Math.abs(red - wanted), nearest, `${channel} at ${brightness} %`);
      }
    }
  }
  assert.deepEqual(lightOf([255, 128, 64], { brightness: 50 }), [15, 4, 1]);
  assert.deepEqual(lightOf([255, 255, 255], { brightness: 0 }), [0, 0, 0]);
});

test('at no brightness above 0 a lit LED goes out, and its brightest channels stay', () => {
  for (const lowLight of [false, true]) {
    for (const brightness of PERCENTS.slice(1)) {
      for (let part = 48; part < 256; part++) {
        const light = lightOf([part, part, part], { lowLight, brightness });
        assert(Math.min(...light) > 0, `${part} at ${brightness} %`);
      }
    }
  }
  assert.deepEqual(lightOf([255, 128, 0], { brightness: 1 }), [1, 0, 0]);
  assert.deepEqual(lightOf([255, 128, 255], { brightness: 1 }), [1, 0, 1]);
  assert.deepEqual(lightOf([0, 0, 0], { brightness: 1 }), [0, 0, 0]);
});

test('with a least visible level every channel above 0 is lit, and no other', () => {
  for (const lowLight of [false, true]) {
    for (const brightness of [100, 99.9, 50, 10, 1, 0.1]) {
      for (let part = 0; part < 256; part++) {
        const light = lightOf([part, 0, 255], { lowLight, brightness, leastVisible: true });
        assert.equal((light[0] as number) > 0, part > 0, `${part} at ${brightness} %`);
        assert.equal(light[1], 0);
      }
    }
  }
  assert.deepEqual(lightOf([255, 20, 3], { brightness: 0, leastVisible: true }), [0, 0, 0]);
  assert.deepEqual(lightOf([47, 20, 3], {}), [0, 0, 0], 'dark without it');
});

test('a level that is visible anyway is the same with a least visible level', () => {
  for (let part = 48; part < 256; part++) {
    const colour: Rgb = [part, part, part];
    assert.equal(encodingOf({ ...PLAIN, leastVisible: true }).encode(colour), encodingOf(PLAIN).encode(colour));
  }
});

test('no channel becomes darker as the brightness rises to 100', () => {
  for (const look of SWITCHED) {
    let before = [0, 0, 0];
    for (const brightness of PERCENTS) {
      const channels = channelsOf(encodingOf({ ...look, brightness }).encode([255, 200, 150]));
      channels.forEach((channel, at) => {
        assert(channel >= (before[at] as number), `channel ${at} at ${brightness} %`);
      });
      before = channels;
    }
  }
});

test('every channel value survives decoding and encoding at every brightness', () => {
  for (const look of SWITCHED) {
    for (const brightness of PERCENTS) {
      const { encode, decode } = encodingOf({ ...look, brightness });
      for (let part = 0; part < 256; part++) {
        const pixel = encode([part, 255 - part, part ^ 0x55]);
        assert.equal(encode(decode(pixel)), pixel, `${part}, ${JSON.stringify(look)} at ${brightness} %`);
      }
    }
  }
});

test('white and black are decoded as such at any brightness', () => {
  for (const look of SWITCHED) {
    for (const brightness of [100, 60, 50]) {
      const { encode, decode } = encodingOf({ ...look, brightness });
      const [part] = decode(encode([255, 255, 255]));
      assert(part >= 240, `${part} at ${brightness} %`);
      assert.deepEqual(decode(encode([0, 0, 0])), [0, 0, 0]);
    }
  }
});

test('a value that the look cannot produce is decoded as the nearest one that it can', () => {
  const white = 0xffff;
  assert.deepEqual(encodingOf({ ...PLAIN, lowLight: true }).decode(white), [255, 255, 255]);
  assert.deepEqual(encodingOf({ ...PLAIN, brightness: 50 }).decode(white), [255, 255, 255]);
  // What is dark on the HAT is black, or it would be lit.
  assert.deepEqual(encodingOf({ ...PLAIN, brightness: 50 }).decode(0x2945), [0, 0, 0]);
  // Without light nothing can be decoded.
  assert.deepEqual(encodingOf({ ...PLAIN, brightness: 0 }).decode(white), [0, 0, 0]);
});
