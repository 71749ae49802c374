// A painter for pictures of 64 LEDs, which can be copied as a payload or shown on a display.
import { ask, showAnswer } from './ask.js';
import { nameOf } from './displays.js';
import { OFF, seen } from './light.js';
import { placeNode } from './place-node.js';
import { onSight } from './sight.js';

const SIDE = 8;
const PALETTE = {
  white: '#ffffff',
  red: '#ff0000',
  orange: '#ff8000',
  yellow: '#ffff00',
  green: '#00ff00',
  cyan: '#00ffff',
  blue: '#0000ff',
  magenta: '#ff00ff',
  off: OFF,
};
const COLOR_NAMES = new Map(Object.entries(PALETTE).map(([name, color]) => [color, name]));

/** In pixels; smaller than an LED. */
const STEP = 8;

/** The columns and rows that each key moves. */
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The grid of LEDs, painted with the colour that `getColor` returns. The Tab key stops at one LED only. */
function createGrid(text, getColor) {
  const colors = Array(SIDE * SIDE).fill(OFF);
  const leds = colors.map((_, index) =>
    $('<button type="button" role="gridcell" class="sense-hat-led">').attr('tabindex', index === 0 ? 0 : -1),
  );

  function set(index, color) {
    colors[index] = color;
    const known = COLOR_NAMES.get(color);
    const values = { row: Math.floor(index / SIDE) + 1, column: (index % SIDE) + 1 };
    const label = text('painter.led', { ...values, color: known ? text(`color.${known}`) : color });
    const light = seen(color);
    leds[index]
      .attr({ 'aria-label': label, title: color })
      .css({ 'background-color': light, '--sense-hat-glow': light })
      .toggleClass('off', light === OFF);
  }
  function focus(index) {
    for (const led of leds) led.attr('tabindex', -1);
    leds[index].attr('tabindex', 0).trigger('focus');
  }
  const indexOf = (target) => leds.findIndex((led) => led[0] === target);
  const paint = (target) => {
    const index = indexOf(target);
    if (index >= 0) set(index, getColor());
  };

  const rows = Array.from({ length: SIDE }, (_, row) =>
    $('<div role="row">').append(leds.slice(SIDE * row, SIDE * row + SIDE)),
  );
  const element = $('<div role="grid" class="sense-hat-grid">').attr('aria-label', text('painter.grid')).append(rows);
  // The last position of the pointer while it paints.
  let last;
  element.on('pointerdown', ({ target, button, clientX, clientY }) => {
    if (button !== 0) return;
    last = { x: clientX, y: clientY };
    paint(target);
  });
  element.on('pointermove', ({ buttons, clientX, clientY }) => {
    if (!(buttons & 1)) last = undefined;
    if (!last) return;
    // Paints the LEDs on the way: a fast pointer skips some, and the target of a touch is always its first LED.
    const [width, height] = [clientX - last.x, clientY - last.y];
    const steps = Math.ceil(Math.hypot(width, height) / STEP);
    for (let step = 1; step <= steps; step++) {
      paint(document.elementFromPoint(last.x + (step / steps) * width, last.y + (step / steps) * height));
    }
    last = { x: clientX, y: clientY };
  });
  // The space and enter keys click too.
  element.on('click', ({ target }) => paint(target));
  element.on('keydown', (event) => {
    const [columns, rows] = MOVES[event.key] ?? [];
    const from = indexOf(event.target);
    if (columns === undefined || from < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const column = Math.min(Math.max((from % SIDE) + columns, 0), SIDE - 1);
    const row = Math.min(Math.max(Math.floor(from / SIDE) + rows, 0), SIDE - 1);
    focus(SIDE * row + column);
  });

  const setAll = (newColors) => {
    newColors.forEach((color, index) => {
      set(index, color);
    });
  };
  setAll(colors);
  return { element, colors, setAll };
}

/** The colour to paint with: a colour field and a palette. */
function createColors(text) {
  const input = $('<input type="color" class="sense-hat-color">').attr('aria-label', text('label.color'));
  const swatches = Object.entries(PALETTE).map(([name, color]) =>
    $('<button type="button" class="sense-hat-swatch">')
      .attr({ title: text(`color.${name}`), 'aria-label': text(`color.${name}`) })
      .css('background-color', color)
      .on('click', () => input.val(color).trigger('input'))
      .data('color', color),
  );
  input.on('input', () => {
    for (const swatch of swatches) swatch.attr('aria-pressed', swatch.data('color') === input.val());
  });
  input.val(PALETTE.white).trigger('input');
  return { element: $('<div class="sense-hat-colors">').append(input, swatches), get: () => input.val() };
}

/** The choice of a display, visible if there are several. `onChange` hears that another one is chosen. */
function createChoice(displays, text, onChange) {
  const select = $('<select class="sense-hat-choice">').attr('aria-label', text('painter.display'));
  const optionOf = (display) => $('<option>').val(display.key).text(nameOf(display, text));
  let offered;
  const update = () => {
    const keys = displays.all.map(({ key }) => key);
    // An unchanged list is left alone, because it may be open.
    if (keys.join() === offered) return;
    offered = keys.join();
    const chosen = select.val();
    select.html(displays.all.map(optionOf)).toggle(keys.length > 1);
    if (keys.includes(chosen)) select.val(chosen);
    onChange();
  };
  select.on('change', onChange);
  displays.addEventListener('state', update);
  displays.addEventListener('gone', update);
  update();
  return { element: select, get: () => displays.all.find(({ key }) => key === select.val()) };
}

/** The painter, as part of the panel. */
export function createPainter(displays, text) {
  const palette = createColors(text);
  const grid = createGrid(text, palette.get);
  let isSeen = false;
  // What it can take is kept up to date.
  const watch = () => displays.watch('painter', isSeen ? [choice.get()] : []);
  const choice = createChoice(displays, text, watch);
  const result = $('<div role="status" class="sense-hat-result">');

  const button = (name, icon, onClick) =>
    $('<button type="button" class="red-ui-button red-ui-button-small">')
      .addClass(`sense-hat-${name}`)
      .append(
        $('<i class="fa" aria-hidden="true">').addClass(icon),
        ' ',
        document.createTextNode(text(`painter.${name}`)),
      )
      .on('click', onClick);

  function copy() {
    const isCopied = RED.clipboard.copyText(JSON.stringify(grid.colors));
    result.text(text(isCopied ? 'painter.copied' : 'painter.notCopied'));
  }

  function insert(event) {
    const payload = JSON.stringify(grid.colors);
    placeNode({ type: 'inject', props: [{ p: 'payload' }], payload, payloadType: 'json' }, event);
  }

  function take() {
    const display = choice.get();
    if (display) grid.setAll(Array.from(grid.colors, (_, index) => display.colors[index] ?? OFF));
    else result.text(text('painter.noDisplay'));
  }

  async function show() {
    const display = choice.get();
    if (!display) return result.text(text('painter.noDisplay'));
    result.text(text('painter.sending'));
    const reasons = { forbidden: text('painter.forbidden'), unanswered: text('common.unanswered') };
    const answer = ask('sense-led/show', { path: display.path, pixels: grid.colors }, reasons);
    await showAnswer(result, answer, () => text('painter.shown'));
  }

  const element = $('<section class="sense-hat-painter">').append(
    grid.element,
    $('<div class="sense-hat-tools">').append(
      choice.element,
      palette.element,
      $('<div class="sense-hat-buttons">').append(
        button('fill', 'fa-tint', () => grid.setAll(grid.colors.map(palette.get))),
        button('clear', 'fa-eraser', () => grid.setAll(grid.colors.map(() => OFF))),
        button('take', 'fa-camera', take),
        button('copy', 'fa-clipboard', copy),
        button('insert', 'fa-plus', insert),
        button('show', 'fa-play', show),
      ),
      result,
    ),
  );
  onSight(element[0], (sight) => {
    isSeen = sight;
    watch();
  });
  return element;
}
