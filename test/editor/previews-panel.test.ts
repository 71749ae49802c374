import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COUNT, coloursIn, led, show, startMany } from '../support/many-displays';
import { waitForColours } from '../support/matrix';

test('the panel draws the displays in view while it is open', async (t) => {
  const { page, play, watched, work, keys } = await startMany(t);
  const card = (n: number) => `.sense-hat-display[data-display="${keys[n]}"]`;
  await show(page, 'empty');
  await watched([]);
  await play(1);
  assert.equal((await work()).inPanel, 0);

  await page.evaluate("RED.sidebar.show('sense-hat')");
  await waitForColours(page, card(0), coloursIn(0, 1));
  await page.locator(card(COUNT - 1)).scrollIntoViewIfNeeded();
  await waitForColours(page, card(COUNT - 1), coloursIn(COUNT - 1, 1));
  const opened = await work();
  assert(!opened.received.includes(led(50)), opened.received.join());
  assert.deepEqual(opened.received, opened.caughtUp);

  await page.locator('#sense-hat-tab-simulate').click();
  await watched([]);
  await play(2);
  assert.equal((await work()).inPanel, 0);
  await page.locator('#sense-hat-tab-display').click();
  await waitForColours(page, card(COUNT - 1), coloursIn(COUNT - 1, 2));
});
