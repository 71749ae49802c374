import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { encodingOf } from '../../lib/sense-hat/led/light';
import { poll } from '../../scripts/monitoring';
import { startNodeRed } from '../../scripts/node-red';
import { startEditor } from '../support/browser';
import { deviceFile } from '../support/device-file';
import { coloursOf, waitForColours } from '../support/matrix';
import { problemsOf } from '../support/page-problems';

const PLAIN = { lowLight: false, brightness: 100, leastVisible: false };

/** The demo's colour, and more light and none; the lower half is dark on a HAT. */
const PICTURE = [...Array(32).fill([50, 100, 40]), [255, 255, 255], [255, 0, 0], ...Array(30).fill([47, 47, 47])];

test('the matrix shows the light that a HAT makes, as eyes see it, and tells the colour', async (t) => {
  const device = deviceFile(t);
  const inject = { type: 'inject', z: 'tab', repeat: '', payloadType: 'json', props: [{ p: 'payload' }] };
  const nodeRed = await startNodeRed([
    { id: 'tab', type: 'tab', label: 'Light' },
    { ...inject, id: 'draw', x: 100, y: 100, payload: JSON.stringify(PICTURE), wires: [['led']] },
    { id: 'led', type: 'sense-led', z: 'tab', x: 300, y: 100, device, wires: [[]] },
  ]);
  t.after(nodeRed.stop);
  const page = await startEditor(t, nodeRed.url);
  const problems = problemsOf(page);
  await page.evaluate("RED.sidebar.show('sense-hat')");
  const before = readFileSync(device);
  await fetch(`${nodeRed.url}inject/draw`, { method: 'POST' });
  // The picture is drawn after the answer.
  await poll(
    async () => readFileSync(device),
    (bytes) => !bytes.equals(before),
  );
  const matrix = `.sense-hat-display[data-display="${encodeURIComponent(device)}"]`;
  const preview = '[id="led"] .sense-led-preview';
  for (const selector of [matrix, preview]) {
    await waitForColours(page, selector, coloursOf(readFileSync(device)));
    const leds = page.locator(`${selector} .sense-hat-leds circle`);
    const [words, white, red, dark] = await Promise.all(
      [0, 32, 33, 34].map((index) => leds.nth(index).getAttribute('fill')),
    );
    assert.deepEqual([white, red, dark], ['#ffffff', '#ff0000', '#000000']);
    const [, r, g, b] = /^#(..)(..)(..)$/.exec(words ?? '')?.map((hex) => Number.parseInt(hex, 16)) ?? [];
    assert(r !== undefined && g !== undefined && g > 140 && g > r && b === 0, `${words} is bright and green`);
  }
  await page.locator(`${preview}[aria-label$="LEDs on: 34 of 64"]`).waitFor();

  await page.locator(`${matrix} .sense-hat-leds circle`).first().hover();
  await page.waitForFunction(`document.querySelector('${matrix} svg > title').textContent === '#316529'`);

  // Every value of a channel is dark here if it is on the HAT, and no darker than the one before it.
  const values = Array.from({ length: 256 }, (_, value) => `#${value.toString(16).padStart(2, '0').repeat(3)}`);
  const seen = (await page.evaluate(
    `import(new URL('resources/@natshat/node-red/light.js', location)).then(({ seen }) => ${JSON.stringify(values)}.map(seen))`,
  )) as string[];
  seen.forEach((color, value) => {
    const isDark = encodingOf(PLAIN).encode([value, 0, 0]) >> 11 < 6;
    assert.equal(color === '#000000', isDark, values[value]);
    assert(value === 0 || color >= (seen[value - 1] as string), values[value]);
  });

  await page.getByRole('tab', { name: 'Paint' }).click();
  await page.locator('.sense-hat-painter input[type=color]').fill('#326428');
  const led = page.locator('.sense-hat-painter .sense-hat-led').first();
  await led.click();
  assert.equal(await led.getAttribute('title'), '#326428');
  await page.locator('.sense-hat-painter input[type=color]').fill('#202020');
  await led.click();
  await page.locator('.sense-hat-painter .sense-hat-led.off[title="#202020"]').waitFor();
  assert.deepEqual(problems, []);
});
