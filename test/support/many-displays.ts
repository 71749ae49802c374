import assert from 'node:assert/strict';
import { type EventEmitter, once } from 'node:events';
import type { TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import { findDisplay } from '../../lib/sense-hat/led/display-registry';
import { startNodeRed } from '../../scripts/node-red';
import { startEditor } from './browser';
import { deviceFile } from './device-file';
import { coloursOf } from './matrix';

export const COUNT = 100;
const BANDS = 10;
/** Of each band all nodes are in view, and none of the next one is near. */
export const BAND_HEIGHT = 780;
const VIEWPORT = { width: 1280, height: 700 };

const NUMBERS = Array.from({ length: COUNT }, (_, n) => n);
/** The id of a node. */
export const led = (n: number) => `led${n}`;
/** The selector of its preview. */
export const preview = (n: number) => `[id="${led(n)}"] .sense-led-preview`;
/** The nodes of a band. */
export const band = (index: number) => NUMBERS.slice((index * COUNT) / BANDS, ((index + 1) * COUNT) / BANDS);

/** A Function node that sends each display a picture of one colour, another one for each display and round. */
const SEND_ALL = `return Array.from({ length: ${COUNT} }, (_, n) => ({ payload: Array(64).fill([8 + 2 * n, 32 * msg.payload, 0]) }));`;

/** What the page has received and drawn since it was asked last, by the ids of nodes. */
interface Work {
  received: string[];
  /** Those that were received only because they came in view. */
  caughtUp: string[];
  drawn: string[];
  inPanel: number;
}

/** A Node-RED with many displays, in bands below each other on a large canvas, and its editor. */
export async function startMany(t: TestContext) {
  const devices = NUMBERS.map(() => deviceFile(t));
  const keys = devices.map(encodeURIComponent);
  const displays = NUMBERS.map((n) => {
    const x = 100 + 150 * (n % 5);
    const y = 60 + BAND_HEIGHT * Math.floor(n / (COUNT / BANDS)) + 160 * (Math.floor(n / 5) % 2);
    return { id: led(n), type: 'sense-led', name: led(n), z: 'many', x, y, device: devices[n], wires: [[]] };
  });
  const nodeRed = await startNodeRed([
    { id: 'many', type: 'tab', label: 'Many' },
    { id: 'empty', type: 'tab', label: 'Empty' },
    ...displays,
    ...[1, 2, 3, 4, 5].map((round) => {
      const payload = { props: [{ p: 'payload' }], payload: String(round), payloadType: 'num', repeat: '' };
      return { id: `round${round}`, type: 'inject', z: 'empty', x: 100, y: 60 * round, ...payload, wires: [['all']] };
    }),
    {
      id: 'all',
      type: 'function',
      z: 'empty',
      x: 300,
      y: 60,
      func: SEND_ALL,
      outputs: COUNT,
      wires: NUMBERS.map((n) => [led(n)]),
    },
  ]);
  t.after(nodeRed.stop);
  const events: EventEmitter = nodeRed.app.events;
  let asked = '';
  events.on('comms:message:sense-led/watch', ({ data }: { data: unknown }) => {
    asked = String(data).split(',').sort().join();
  });
  const page = await startEditor(t, nodeRed.url, { viewport: VIEWPORT });
  await page.waitForFunction(`document.querySelectorAll('.sense-led-preview').length === ${COUNT}`);
  await page.evaluate(observe, keys);

  return {
    page,
    keys,
    /** Sends a round of pictures; resolves when all displays show theirs. */
    play: async (round: number) => {
      await fetch(`${nodeRed.url}inject/round${round}`, { method: 'POST' });
      for (const [n, path] of devices.entries()) {
        const display = findDisplay(path) ?? assert.fail();
        while (coloursOf(display.frame).join() !== coloursIn(n, round).join()) await once(display, 'frame');
      }
    },
    /** Resolves when the editor has asked for the frames of these displays, and of no others. */
    watched: async (numbers: number[]) => {
      const wanted = numbers
        .map((n) => keys[n])
        .sort()
        .join();
      while (asked !== wanted) await once(events, 'comms:message:sense-led/watch');
    },
    /** What the page has done since this was asked last. */
    work: () => page.evaluate('work()') as Promise<Work>,
  };
}

/** The colours of a display after a round. */
export function coloursIn(n: number, round: number): string[] {
  const pixel = (((8 + 2 * n) >> 3) << 11) | (((32 * round) >> 2) << 5);
  return coloursOf(new Uint8Array(new Uint16Array(64).fill(pixel).buffer));
}

/** Opens a tab of the workspace. */
export const show = (page: Page, tab: string) => page.evaluate(`RED.workspaces.show('${tab}')`);

/** Hides the page as another tab of the browser does, or shows it again. */
export const hide = (page: Page, isHidden: boolean) =>
  page.evaluate(`
    Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  `);

/** Runs in the page: gathers what it receives and draws until `work` is called. */
function observe(keys: string[]): void {
  const page = globalThis as unknown as Window;
  const received = new Set<number>();
  const caughtUp = new Set<number>();
  const drawn = new Set<number>();
  let inPanel = 0;
  RED.comms.subscribe('sense-led/frames', (_topic, frames) => {
    for (const { key, at } of frames) (at === undefined ? caughtUp : received).add(keys.indexOf(key));
  });
  const painted = new page.MutationObserver((changes) => {
    for (const { target } of changes) {
      const node = target.closest('.red-ui-flow-node-group');
      if (node) drawn.add(Number(node.id.slice('led'.length)));
      else inPanel++;
    }
  });
  painted.observe(page.document.body, { subtree: true, attributeFilter: ['data-color'] });
  page.work = () => {
    const ids = (numbers: Set<number>) => [...numbers].sort((a, b) => a - b).map((n) => `led${n}`);
    const work = {
      received: ids(new Set([...received, ...caughtUp])),
      caughtUp: ids(caughtUp),
      drawn: ids(drawn),
      inPanel,
    };
    for (const numbers of [received, caughtUp, drawn]) numbers.clear();
    inPanel = 0;
    return work;
  };
}

declare const RED: {
  comms: {
    subscribe(topic: string, onMessage: (topic: string, frames: { key: string; at?: number }[]) => void): void;
  };
};

interface Window {
  work: () => Work;
  document: { body: unknown };
  MutationObserver: new (
    callback: (changes: { target: Target }[]) => void,
  ) => { observe(target: unknown, options: object): void };
}

interface Target {
  id: string;
  closest(selector: string): Target | null;
}
