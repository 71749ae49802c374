import type { Page } from 'playwright-core';

/** The colours of a frame in RGB565, in the form of the page. */
export function coloursOf(frame: Uint8Array): string[] {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  return Array.from({ length: 64 }, (_, index) => {
    const pixel = view.getUint16(2 * index, true);
    const bits = pixel.toString(2).padStart(16, '0');
    return `#${[bits.slice(0, 5), bits.slice(5, 11), bits.slice(11)].map(stretched).join('')}`;
  });
}

/** 5 or 6 bits as two hexadecimal digits. The first bits are repeated at the end, so that the full range is used. */
function stretched(bits: string): string {
  return Number.parseInt((bits + bits).slice(0, 8), 2)
    .toString(16)
    .padStart(2, '0');
}

/** Resolves when the matrix with this selector has the given colours. */
export async function waitForColours(page: Page, selector: string, colours: string[]): Promise<void> {
  await page.waitForFunction(
    ([matrix, expected]) => {
      const { document } = globalThis as unknown as { document: Selectable };
      const leds = [...document.querySelectorAll(`${matrix} .sense-hat-leds circle`)];
      return leds.map((led) => led.getAttribute('data-color')).join() === expected;
    },
    [selector, colours.join()],
  );
}

interface Selectable {
  querySelectorAll(selector: string): Iterable<{ getAttribute(name: string): string }>;
}
