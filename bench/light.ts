// Frames a second into a file of 128 bytes, where the framebuffer of a HAT would be:
// a plain loop of writes, the pack's library, and the node in a flow (which draws and answers each message, and writes
// at most the 100 a second that a display takes).
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Node } from 'node-red';
import { drawPayload } from '../lib/sense-hat/command';
import { encodeFrame } from '../lib/sense-hat/frame';
import { openFramebuffer } from '../lib/sense-hat/framebuffer';
import { DEFAULT_LOOK } from '../lib/sense-hat/look';
import { startNodeRed } from '../scripts/node-red';
import { type Comparison, compare } from './compare';

/** 64 colours as a flow makes them. */
const PICTURE = Array.from({ length: 64 }, (_, n) => [4 * n, 255 - n, n]);
const SHOWN = new Uint8Array(192);

/** How many messages are on their way at a time. */
const WINDOW = 100;

export async function benchLight(): Promise<Comparison[]> {
  const folder = mkdtempSync(join(tmpdir(), 'natshat-bench-'));
  const device = join(folder, 'fb1');
  writeFileSync(device, Buffer.alloc(128));
  const fd = openSync(device, 'r+');
  const framebuffer = openFramebuffer(device);
  const nodeRed = await startNodeRed([
    { id: 'tab', type: 'tab', label: 'bench' },
    { id: 'led', type: 'sense-led', z: 'tab', x: 0, y: 0, device, preview: false, wires: [['out']] },
    { id: 'out', type: 'function', z: 'tab', x: 0, y: 0, func: 'global.get("shown")();', wires: [] },
  ]);
  const led = (nodeRed.app.nodes as unknown as { getNode(id: string): Node }).getNode('led');
  let shown = () => {};
  led.context().global.set('shown', () => shown());

  const frame = Buffer.alloc(128, 0x55);
  try {
    return await compare({
      'writeSync in a loop': [
        200_000,
        (count) => {
          for (let n = 0; n < count; n++) writeSync(fd, frame, 0, 128, 0);
        },
      ],
      'drawn, encoded and written': [
        20_000,
        (count) => {
          for (let n = 0; n < count; n++) {
            const { scenes } = drawPayload(PICTURE, DEFAULT_LOOK);
            for (const { animation, projection } of scenes) {
              framebuffer.write(encodeFrame(animation.pictureAt(0, SHOWN), projection));
            }
          }
        },
      ],
      'sense-led in a flow': [
        5000,
        (count) =>
          new Promise((resolve) => {
            let sent = 0;
            let complete = 0;
            const send = () => {
              while (sent < count && sent - complete < WINDOW) {
                sent++;
                led.receive({ payload: PICTURE });
              }
            };
            shown = () => {
              complete++;
              if (complete === count) resolve();
              else send();
            };
            send();
          }),
      ],
    });
  } finally {
    await nodeRed.stop();
    framebuffer.close();
    closeSync(fd);
    rmSync(folder, { recursive: true });
  }
}
