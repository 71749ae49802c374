// The controls of the simulated HAT: what its sensors measure, how it is held, and its joystick.
import { createStick } from './stick.js';

/** The ranges are those of lib/sense-hat/simulator/values.ts. */
const SLIDERS = [
  { name: 'temperature', min: -20, max: 60, step: 0.5, unit: ' °C' },
  { name: 'humidity', min: 0, max: 100, step: 1, unit: ' %' },
  { name: 'pressure', min: 900, max: 1100, step: 1, unit: ' hPa' },
  { name: 'heading', min: 0, max: 360, step: 1, unit: '°' },
];
const MOST_TILT = 90;
/** The degrees that an arrow key tilts. */
const TILT_STEP = 5;
/** The direction of the lower edge that each key adds. */
const TILTS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const row = (label, ...controls) =>
  $('<div class="sense-hat-row">').append($('<span aria-hidden="true">').text(label), controls);

/** A slider for one value. */
function createSlider(hat, text, { name, min, max, step, unit }) {
  const label = text(`simulator.${name}`);
  const input = $('<input type="range">').attr({ min, max, step, 'aria-label': label, 'data-value': name });
  const output = $('<output>');
  input.on('input', () => hat.set({ [name]: Number(input.val()) }));
  const update = () => {
    const value = hat.values[name] ?? 0;
    const shown = `${value.toLocaleString(undefined, { maximumFractionDigits: 1, useGrouping: false })}${unit}`;
    input.val(value).attr('aria-valuetext', shown);
    output.text(shown);
  };
  return { element: row(label, input, output), update };
}

/** The light that falls on the HAT. */
function createLight(hat, text) {
  const input = $('<input type="color" class="sense-hat-color">').attr('aria-label', text('simulator.light'));
  const byteAt = (start) => Number.parseInt(input.val().slice(start, start + 2), 16);
  input.on('input', () => hat.set({ red: byteAt(1), green: byteAt(3), blue: byteAt(5) }));
  const update = () => {
    const { red = 0, green = 0, blue = 0 } = hat.values;
    const hex = [red, green, blue].map((value) => Math.round(value).toString(16).padStart(2, '0'));
    input.val(`#${hex.join('')}`);
  };
  return { element: row(text('simulator.light'), input), update };
}

/** A pad for both angles: its dot is where a marble on the HAT would roll. */
function createTilt(hat, text) {
  const dot = $('<div class="sense-hat-dot">');
  const pad = $('<div role="slider" tabindex="0" class="sense-hat-tilt">')
    .attr({ 'aria-label': text('simulator.tiltPad'), title: text('simulator.tiltPad') })
    .attr({ 'aria-valuemin': -MOST_TILT, 'aria-valuemax': MOST_TILT })
    .append(dot);
  const caption = $('<div class="sense-hat-caption">');
  const limited = (angle) => Math.min(Math.max(Math.round(angle), -MOST_TILT), MOST_TILT);
  // The right edge goes down with a negative pitch, the lower edge with a positive roll.
  const tilt = (right, down) => hat.set({ roll: limited(down), pitch: 0 - limited(right) });
  const tiltTo = ({ clientX, clientY }) => {
    const { left, top, width, height } = pad[0].getBoundingClientRect();
    tilt(((2 * (clientX - left)) / width - 1) * MOST_TILT, ((2 * (clientY - top)) / height - 1) * MOST_TILT);
  };
  pad.on('pointerdown', ({ originalEvent: event }) => {
    if (event.button !== 0) return;
    pad[0].setPointerCapture(event.pointerId);
    tiltTo(event);
  });
  pad.on('pointermove', ({ originalEvent: event }) => {
    if (pad[0].hasPointerCapture(event.pointerId)) tiltTo(event);
  });
  pad.on('dblclick', () => tilt(0, 0));
  pad.on('keydown', (event) => {
    const [right, down] = TILTS[event.key] ?? [];
    if (right === undefined && event.key !== 'Home') return;
    event.preventDefault();
    event.stopPropagation();
    const { roll = 0, pitch = 0 } = hat.values;
    if (event.key === 'Home') tilt(0, 0);
    else tilt(-pitch + right * TILT_STEP, roll + down * TILT_STEP);
  });
  const update = () => {
    const { roll = 0, pitch = 0 } = hat.values;
    const angles = text('simulator.tilt', { roll: Math.round(roll), pitch: Math.round(pitch) });
    pad.attr({ 'aria-valuenow': roll, 'aria-valuetext': angles });
    caption.text(angles);
    dot.css({ left: `${50 - (50 * pitch) / MOST_TILT}%`, top: `${50 + (50 * roll) / MOST_TILT}%` });
  };
  return { element: $('<div class="sense-hat-move">').append(pad, caption), update };
}

/** All controls, as part of the panel. */
export function createSimulator(hat, text) {
  const controls = [
    ...SLIDERS.map((slider) => createSlider(hat, text, slider)),
    createLight(hat, text),
    createTilt(hat, text),
  ];
  const update = () => {
    for (const control of controls) control.update();
  };
  hat.addEventListener('values', update);
  update();

  const result = $('<div role="status" class="sense-hat-result">');
  hat.addEventListener('failure', ({ detail: failure }) => {
    result.text(failure ? `✗ ${failure.message}` : '');
  });
  const elements = controls.map(({ element }) => element);
  const tilt = elements.pop();
  return $('<section class="sense-hat-simulator">').append(
    $('<div class="sense-hat-rows">').append(elements),
    $('<div class="sense-hat-moves">').append(tilt, createStick(hat, text)),
    $('<p class="sense-hat-hint">').text(text('simulator.hint')),
    result,
  );
}
