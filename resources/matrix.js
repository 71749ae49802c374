// An 8x8 matrix of round LEDs on a dark board, drawn as SVG.
const SVG = 'http://www.w3.org/2000/svg';
const SIDE = 8;
const CELL = 9;
const PADDING = 4;

/** The width and height of a matrix in the units of its drawing. */
export const SIZE = SIDE * CELL + 2 * PADDING;

/** An LED that is off. */
export const OFF = '#000000';
/** Its outline. */
const RIM = '#3b4148';

/** The colours of a frame, each `#rrggbb`: 64 pixels of RGB565, little-endian, as Base64. */
export function decodeFrame(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Array.from({ length: SIDE * SIDE }, (_, index) => {
    const pixel = view.getUint16(2 * index, true);
    const red = (pixel >> 11) << 3;
    const green = ((pixel >> 5) & 0x3f) << 2;
    const blue = (pixel & 0x1f) << 3;
    const rgb = ((red | (red >> 5)) << 16) | ((green | (green >> 6)) << 8) | blue | (blue >> 5);
    return `#${rgb.toString(16).padStart(6, '0')}`;
  });
}

function create(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** The circles of 64 LEDs. */
function createCircles(r) {
  return Array.from({ length: SIDE * SIDE }, (_, index) => {
    const cx = PADDING + CELL * (index % SIDE) + CELL / 2;
    const cy = PADDING + CELL * Math.floor(index / SIDE) + CELL / 2;
    const circle = create('circle', { cx, cy, r });
    // A style, because the editor's style sheet outlines circles.
    circle.style.stroke = 'none';
    return circle;
  });
}

/** A matrix with all LEDs off, as `<svg>`, or as `<g>` within another drawing. */
export class Matrix {
  #leds = createCircles(3.2);
  /** The glow around LEDs that are on. */
  #glows = createCircles(4);
  #colors = [];

  constructor(tag) {
    const board = create('rect', { x: 0.25, y: 0.25, width: SIZE - 0.5, height: SIZE - 0.5, rx: 5, fill: '#16181b' });
    board.style.cssText = `stroke: ${RIM}; stroke-width: 0.5`;
    const glow = create('g', { opacity: 0.7 });
    glow.style.filter = 'blur(1.2px)';
    glow.append(...this.#glows);
    const leds = create('g', { class: 'sense-hat-leds', 'stroke-width': 0.5 });
    leds.append(...this.#leds);
    this.element = create(tag, { role: 'img', ...(tag === 'svg' && { viewBox: `0 0 ${SIZE} ${SIZE}` }) });
    this.element.append(board, glow, leds);
    this.paint([]);
  }

  /** The description for screen readers. */
  set label(text) {
    if (this.element.getAttribute('aria-label') !== text) this.element.setAttribute('aria-label', text);
  }

  paint(colors) {
    this.#leds.forEach((led, index) => {
      const color = colors[index] ?? OFF;
      if (color === this.#colors[index]) return;
      this.#colors[index] = color;
      led.setAttribute('fill', color);
      led.style.stroke = color === OFF ? RIM : 'none';
      this.#glows[index].setAttribute('fill', color === OFF ? 'none' : color);
    });
  }
}
