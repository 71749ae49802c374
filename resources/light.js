// What people see of the LEDs: the driver makes light of a colour by a table, and eyes see faint light well.

// The same table as in lib/sense-hat/led/light.ts.
const GAMMA = [
  0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 17, 18, 20, 21, 23, 25, 27, 29, 31,
];
const FULL = 31;

/** An LED that is off. */
export const OFF = '#000000';

/** The power of the light with which a screen looks about as bright as LEDs do, which are far brighter than it. */
const EYE = 0.25;

// IEC 61966-2-1, sRGB.
const toLinear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const fromLinear = (light) => (light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055);

/** The colours that have been seen, by the bits of a colour that matter. */
const known = new Map();

/** The colour on a screen, `#rrggbb`, that looks like an LED of this colour; `OFF` if the LED is dark. */
export function seen(color) {
  const rgb = Number.parseInt(color.slice(1), 16) & 0xf8f8f8;
  if (!known.has(rgb)) known.set(rgb, look(rgb));
  return known.get(rgb);
}

function look(rgb) {
  const lights = [rgb >> 19, (rgb >> 11) & 0x1f, (rgb >> 3) & 0x1f].map((channel) => GAMMA[channel] / FULL);
  const brightest = Math.max(...lights);
  if (brightest === 0) return OFF;
  // The hue is kept: all channels are raised alike.
  const raised = toLinear(brightest ** EYE) / brightest;
  const bytes = lights.map((light) => Math.round(255 * fromLinear(light * raised)));
  return `#${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
