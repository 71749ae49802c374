import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BAND_HEIGHT, band, coloursIn, hide, led, preview, show, startMany } from '../support/many-displays';
import { waitForColours } from '../support/matrix';
import { problemsOf } from '../support/page-problems';

/** With these two bands are in view, and the third one is not near, also where the editor animates the zoom. */
const ZOOM_STEPS = 5;

test('of 100 previews those in view are drawn, and only their frames are sent to the editor', async (t) => {
  const { page, play, watched, work } = await startMany(t);
  const problems = problemsOf(page);
  // What is no list of keys is ignored.
  for (const data of [null, 'hat', { length: 1 }, [1, null, {}]])
    await page.evaluate(`RED.comms.send('sense-led/watch', ${JSON.stringify(data)})`);
  const shows = async (numbers: number[], round: number) => {
    for (const n of numbers) await waitForColours(page, preview(n), coloursIn(n, round));
  };

  await show(page, 'empty');
  await watched([]);
  await show(page, 'many');
  await watched(band(0));
  await play(1);
  await shows(band(0), 1);
  await work();
  await play(2);
  await shows(band(0), 2);
  const first = await work();
  assert.deepEqual(first.drawn, band(0).map(led), 'drawn');
  assert.deepEqual(first.received, band(0).map(led), 'received');
  assert.equal(first.inPanel, 0, 'the closed panel draws nothing');

  // Nothing is sent to the displays any more: what comes in view shows what is there.
  await page.evaluate(`document.querySelector('#red-ui-workspace-chart').scrollTop = ${4 * BAND_HEIGHT}`);
  await watched(band(4));
  await shows(band(4), 2);
  await page.locator(`${preview(40)}[aria-label$="a picture. LEDs on: 64 of 64"]`).waitFor();
  const scrolled = await work();
  assert.deepEqual(scrolled.drawn, band(4).map(led));
  assert.deepEqual(scrolled.caughtUp, band(4).map(led));
  await play(3);
  await shows(band(4), 3);
  assert.deepEqual((await work()).drawn, band(4).map(led));

  await page.evaluate("document.querySelector('#red-ui-workspace-chart').scrollTop = 0");
  await watched(band(0));
  await shows(band(0), 3);
  await work();

  await show(page, 'empty');
  await watched([]);
  await play(4);
  await show(page, 'many');
  await watched(band(0));
  await shows(band(0), 4);
  assert.deepEqual((await work()).caughtUp, band(0).map(led), 'no frame was sent for a tab that nobody sees');

  await hide(page, true);
  await watched([]);
  await play(5);
  await hide(page, false);
  await watched(band(0));
  await shows(band(0), 5);
  const { received, caughtUp } = await work();
  assert.deepEqual(received, caughtUp, 'no frame was sent to a page that nobody sees');

  for (let step = 0; step < ZOOM_STEPS; step++) await page.evaluate("RED.actions.invoke('core:zoom-out')");
  await shows([...band(0), ...band(1)], 5);
  assert.deepEqual((await work()).drawn, band(1).map(led));
  assert.deepEqual(problems, []);
});
