import type { Browser, Page } from 'playwright-core';
import { animatedWebp, type FilmFrame, webpOf } from './animated-webp';
import { flowArea } from './browser';

/** How long a column is shown in a moving picture. */
const COLUMN_MS = 100;

interface Led {
  getAttribute(name: string): string;
}

/** Films the open flow while texts walk through its previews, a frame for each column; texts before the last one end dark. */
export async function film(page: Page, texts = 1): Promise<Buffer> {
  const whole = evenly(await flowArea(page));
  const boxes = await Promise.all((await page.locator('.sense-led-preview').all()).map((part) => part.boundingBox()));
  const previews = boxes.filter((box) => box !== null);
  const x = Math.min(...previews.map((box) => box.x));
  const y = Math.min(...previews.map((box) => box.y));
  const right = Math.max(...previews.map((box) => box.x + box.width));
  const row = evenly({ x, y, width: right - x, height: Math.max(...previews.map((box) => box.height)) }, whole);
  const workshop = await (page.context().browser() as Browser).newPage();
  const take = async (clip: Box): Promise<FilmFrame> => {
    const file = await webpOf(workshop, await page.screenshot({ clip, scale: 'css' }), 0.7);
    return { ...clip, x: clip.x - whole.x, y: clip.y - whole.y, file, durationMs: COLUMN_MS };
  };

  const frames = [await take(whole)];
  let before = '';
  let wasLit = false;
  for (let left = texts; left > 0; ) {
    const shown = await page.evaluate(ledsOf);
    const isLit = /#(?!000000)/.test(shown);
    if (shown !== before) frames.push(await take(row));
    before = shown;
    if (wasLit && !isLit) left--;
    wasLit = isLit;
  }
  return animatedWebp(frames);
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A box around another with whole and even numbers, as seen from the corner of a third one. */
function evenly(box: Box, { x: left, y: top }: Pick<Box, 'x' | 'y'> = { x: 0, y: 0 }): Box {
  const x = left + 2 * Math.floor((box.x - left) / 2);
  const y = top + 2 * Math.floor((box.y - top) / 2);
  return { x, y, width: Math.ceil(box.x + box.width - x), height: Math.ceil(box.y + box.height - y) };
}

/** Runs in the page: the colours of all previews. */
function ledsOf(): string {
  const { document } = globalThis as unknown as { document: { querySelectorAll(selector: string): Iterable<Led> } };
  const leds = [...document.querySelectorAll('.sense-led-preview .sense-hat-leds circle')];
  return leds.map((led) => led.getAttribute('fill')).join();
}
