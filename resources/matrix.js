// An 8x8 matrix of round LEDs on a dark board, drawn as SVG.
import { OFF, seen } from './light.js';

const SVG = 'http://www.w3.org/2000/svg';
const SIDE = 8;
const CELL = 9;
const PADDING = 4;

/** The width and height of a matrix in the units of its drawing. */
export const SIZE = SIDE * CELL + 2 * PADDING;

/** The outline of an LED that is off. */
const RIM = '#3b4148';
/** The edge of the board, which is seen on a dark ground and on a light one. */
const EDGE = '#6f7881';

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

/** A matrix, as `<svg>`, or as `<g>` within another drawing. It is a mere board until it is painted. */
export class Matrix {
  #leds;
  /** The glow around LEDs that are on. */
  #glows;
  #tip = create('title', {});
  #colors = [];

  constructor(tag) {
    const board = create('rect', { x: 0.5, y: 0.5, width: SIZE - 1, height: SIZE - 1, rx: 5, fill: '#16181b' });
    board.style.cssText = `stroke: ${EDGE}; stroke-width: 1`;
    this.element = create(tag, { role: 'img', ...(tag === 'svg' && { viewBox: `0 0 ${SIZE} ${SIZE}` }) });
    this.element.append(board, this.#tip);
  }

  #mount() {
    this.#leds = createCircles(3.2);
    this.#glows = createCircles(4);
    const glow = create('g', { opacity: 0.7 });
    glow.style.filter = 'blur(1.2px)';
    glow.append(...this.#glows);
    const leds = create('g', { class: 'sense-hat-leds', 'stroke-width': 0.5 });
    leds.append(...this.#leds);
    leds.addEventListener('pointerover', ({ target }) => {
      this.#tip.textContent = target.dataset.color;
    });
    this.#tip.before(glow, leds);
  }

  /** The description for screen readers. */
  set label(text) {
    if (this.element.getAttribute('aria-label') !== text) this.element.setAttribute('aria-label', text);
  }

  /** Paints the LEDs in colours `#rrggbb`, as they are seen. Pointing at one tells its colour. */
  paint(colors) {
    if (!this.#leds) this.#mount();
    this.#leds.forEach((led, index) => {
      const color = colors[index] ?? OFF;
      if (color === this.#colors[index]) return;
      this.#colors[index] = color;
      const light = seen(color);
      led.dataset.color = color;
      led.setAttribute('fill', light);
      led.style.stroke = light === OFF ? RIM : 'none';
      this.#glows[index].setAttribute('fill', light === OFF ? 'none' : light);
    });
  }
}
