import { writeSync } from 'node:fs';
import { drawPayload } from '../../../lib/sense-hat/led/command';
import { encodeFrame } from '../../../lib/sense-hat/led/frame';
import { openFramebuffer } from '../../../lib/sense-hat/led/framebuffer';
import { DEFAULT_OPTIONS } from '../../../lib/sense-hat/led/options';
import { atOnce } from '../../../lib/steps';
import { countFor } from '../count';
import { makeDevice } from '../device';
import { type Figure, figures } from '../figures';
import { startBench } from '../node-red';
import { interleave } from '../rounds';
import type { Setting } from '../setting';

/** 64 colours in the form that a flow uses. */
const PICTURE = Array.from({ length: 64 }, (_, n) => [4 * n, 255 - n, n]);
const SHOWN = new Uint8Array(192);

/** The number of messages that may be incomplete at a time. */
const WINDOW = 100;

/**
 * Frames a second of a plain loop of writes, of the pack's library, and of the node in a flow, which draws and
 * completes each message, but writes at most 100 frames a second.
 */
export async function light(setting: Setting): Promise<Figure[]> {
  const { path, fd, remove } = makeDevice();
  const framebuffer = openFramebuffer(path);
  const flow = await startFlow(path);
  const frame = Buffer.alloc(128, 0x55);
  const ways: Record<string, (count: number) => void | Promise<void>> = {
    'writeSync in a loop': (count) => {
      for (let n = 0; n < count; n++) writeSync(fd, frame, 0, 128, 0);
    },
    'drawn, encoded and written': (count) => {
      for (let n = 0; n < count; n++) {
        const { scenes } = atOnce(drawPayload(PICTURE, DEFAULT_OPTIONS));
        for (const { animation, projection } of scenes) {
          framebuffer.write(encodeFrame(animation.pictureAt(0, SHOWN), projection));
        }
      }
    },
    'sense-led in a flow': flow.show,
  };
  try {
    const contenders = [];
    for (const [name, show] of Object.entries(ways)) {
      const run = async (count: number) => {
        const startedAt = performance.now();
        await show(count);
        return (performance.now() - startedAt) / 1000;
      };
      contenders.push({ name, run, count: await countFor(100, setting.seconds, run) });
    }
    const rates = await interleave(contenders, setting.rounds, async ({ run, count }) => {
      return { 'frames/s': count / (await run(count)) };
    });
    return figures('light', '64 colours', rates);
  } finally {
    await flow.stop();
    framebuffer.close();
    remove();
  }
}

/** Starts a flow with `sense-led`; `show` resolves when `count` pictures have been shown. */
async function startFlow(device: string) {
  let onMessage = () => {};
  const place = { z: 'tab', x: 0, y: 0 };
  const { nodes, stop } = await startBench(
    [
      { id: 'tab', type: 'tab', label: 'bench' },
      { ...place, id: 'led', type: 'sense-led', device, preview: false, wires: [['shown']] },
      { ...place, id: 'shown', type: 'bench-end', wires: [] },
    ],
    () => onMessage(),
  );
  const led = nodes.getNode('led');
  const show = (count: number) =>
    new Promise<void>((resolve) => {
      let sent = 0;
      let complete = 0;
      const send = () => {
        while (sent < count && sent - complete < WINDOW) {
          sent++;
          led.receive({ payload: PICTURE });
        }
      };
      onMessage = () => {
        complete++;
        if (complete === count) resolve();
        else send();
      };
      send();
    });
  return { show, stop };
}
