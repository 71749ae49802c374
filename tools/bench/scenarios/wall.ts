import { setTimeout as delay } from 'node:timers/promises';
import { findDisplay } from '../../../lib/sense-hat/led/display-registry';
import { watchEventLoop } from '../../../test/support/event-loop';
import { type Figure, figures } from '../figures';
import { startBench } from '../node-red';
import { interleave } from '../rounds';
import type { Setting } from '../setting';

const CANVAS = '48x16';
const COLUMNS = 6;
const TILES = 12;
const TAB = { id: 'tab', type: 'tab', label: 'bench' };

/** Frames that last 10 ms each, which is as fast as a display goes, in the form that a flow uses. */
const FRAMES = Array.from({ length: 100 }, (_, n) => Array.from({ length: 48 * 16 }, (_, at) => (at * n) & 0xffffff));

/** What all tiles get, by the name of the contender; `undefined`: nothing. */
const MESSAGES: Record<string, object | undefined> = {
  'no display': undefined,
  '12 tiles, idle': undefined,
  '12 tiles, text': { payload: 'Hello from all of us', repeat: 0 },
  '12 tiles, 100 pictures a second': { payload: FRAMES, frameMs: 10, repeat: 0 },
};

/** A wall of 12 tiles in one flow, without devices: frames of all of them, the longest turn, and processor time. */
export async function wall({ rounds, seconds }: Setting): Promise<Figure[]> {
  const { nodes, deploy, stop } = await startBench([TAB], () => {}, {
    // Messages that a deploy ends are meant to be.
    settings: { logging: { console: { level: 'off' } } },
  });
  const contenders = Object.entries(MESSAGES).map(([name, message]) => ({ name, message }));
  try {
    const measured = await interleave(contenders, rounds, async ({ name, message }) => {
      await deploy(name === 'no display' ? [TAB] : [TAB, ...Array.from({ length: TILES }, (_, place) => led(place))]);
      if (message) for (let place = 0; place < TILES; place++) nodes.getNode(`led${place}`).receive({ ...message });
      // Parsing the message is no part of playing it.
      await delay(500);
      const before = process.cpuUsage();
      const frames = await framesWithin(1000 * seconds);
      const { user, system } = process.cpuUsage(before);
      // Watching keeps the processor busy.
      const eventLoop = watchEventLoop();
      await delay(1000 * seconds);
      const { longestMs } = eventLoop.stop();
      await deploy([TAB]);
      return {
        'frames/s': frames / seconds,
        'longest turn, ms': longestMs,
        'CPU ms a second': (user + system) / 1000 / seconds,
      };
    });
    return figures('wall', 'a canvas of 48 x 16', measured);
  } finally {
    await stop();
  }
}

function led(place: number): object {
  const tile = { canvas: CANVAS, tileX: place % COLUMNS, tileY: Math.floor(place / COLUMNS) };
  return { id: `led${place}`, type: 'sense-led', z: 'tab', x: 0, y: 0, ...tile, wires: [[]] };
}

/** Counts the frames of all tiles for a while. */
async function framesWithin(ms: number): Promise<number> {
  let frames = 0;
  const count = () => {
    frames++;
  };
  const displays = Array.from({ length: TILES }, (_, place) =>
    findDisplay(`tile ${place % COLUMNS},${Math.floor(place / COLUMNS)} of ${CANVAS}`),
  );
  for (const display of displays) display?.on('frame', count);
  await delay(ms);
  for (const display of displays) display?.off('frame', count);
  return frames;
}
