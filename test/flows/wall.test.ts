import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeFrame, fill } from '../../lib/sense-hat/led/frame';
import { DEFAULT_OPTIONS, readOptions } from '../../lib/sense-hat/led/options';
import { drawText } from '../../lib/sense-hat/led/text';
import { readTile } from '../../lib/sense-hat/led/tile';
import { startNatsServer } from '../../scripts/nats-server';
import { deviceFile } from '../support/device-file';
import { exampleFlow, type FlowNode, nodeOf } from '../support/examples';
import { startProcess } from '../support/node-red-process';
import { startRuntime } from '../support/runtime';

const CANVAS = '16x8';
const TEXT = 'Wall';
const PERIOD_MS = 100;
/** How often the devices are looked at. */
const LOOK_MS = 10;

/** The example of a tile, with a device. */
function tileFlow(url: string, tileX: number, device: string): FlowNode[] {
  return exampleFlow('Pi is a tile', url).map((node) =>
    node.type === 'sense-led' ? { ...node, canvas: CANVAS, tileX, tileY: 0, device } : node,
  );
}

/** Tells the columns of the text that a tile shows from its device: where several look the same, all of them. */
function makeReader(t: TestContext, tileX: number): { device: string; columns(): number[] } {
  const device = deviceFile(t);
  const tile = readTile({ canvas: CANVAS, tileX, tileY: 0 });
  const options = readOptions({ color: 'deepskyblue' }, { ...DEFAULT_OPTIONS, tile });
  const { length, pictureAt } = drawText(TEXT, options);
  const blank = fill([0, 0, 0], tile.canvas);
  const frames = Array.from({ length }, (_, column) => encodeFrame(pictureAt(column, blank), options));
  return {
    device,
    columns() {
      const shown = readFileSync(device);
      return [...frames.keys()].filter((column) => frames[column]?.equals(shown));
    },
  };
}

test('the Pis of a wall show the same column of a text, each with a Node-RED of its own', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const [left, right] = [makeReader(t, 0), makeReader(t, 1)];
  const other = await startProcess(t, tileFlow(server.url, 1, right.device), "{ default: { module: 'memory' } }");
  await other.line(/Connected to/i);
  const sender = exampleFlow('Words for a wall', server.url).map((node) =>
    node.type === 'inject' ? { ...node, payload: TEXT } : node,
  );
  const runtime = await startRuntime(t, [...sender, ...tileFlow(server.url, 0, left.device)]);
  await runtime.click({ name: nodeOf(sender, 'inject').name });

  /** How far apart the two were at each look at which both were in the midst of the text. */
  const distances: number[] = [];
  let isOver = false;
  for (let seen = 0; !isOver; ) {
    const [here, there] = [left.columns(), right.columns()];
    if (here.length === 1 && there.length === 1) distances.push(Math.abs((here[0] as number) - (there[0] as number)));
    seen = Math.max(seen, here.length === 1 ? (here[0] as number) : 0);
    isOver = seen > 0 && here.length > 1 && there.length > 1;
    await sleep(LOOK_MS);
  }
  const apart = distances.filter((distance) => distance > 1).length;
  t.diagnostic(`${distances.length} looks, ${apart} of them more than ${PERIOD_MS} ms apart`);
  assert(distances.length > 20, `${distances.length} looks`);
  // A process that this machine holds up for longer than a frame is late by more than one.
  assert(apart <= distances.length / 10, `${apart} of ${distances.length}`);
});
