import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Node, NodeMessage } from 'node-red';
import { startNodeRed } from '../../../scripts/node-red';
import { deviceFile } from '../../support/device-file';
import { watchEventLoop } from '../../support/event-loop';
import type { CodeError } from '../../support/flow';
import { Inbox } from '../../support/inbox';
import { pngOf } from '../../support/png';

/** The largest share of the time for a message that one turn of the event loop may take. */
const LARGEST_SHARE = 0.5;

/** One good round is enough, because compilation and garbage collection disturb others. */
const ROUNDS = 10;

const LARGE = pngOf(1024, 1024, (x, y) => [x, y, x ^ y]);
const SMALL = pngOf(16, 16, (x, y) => [x, y, 0]);
const FRAME = Array.from({ length: 64 }, (_, at) => [at, 2 * at, 0]);

/** What Node-RED calls its hook with. */
interface Completed {
  node: { id: string };
  msg: NodeMessage;
  error?: CodeError;
}

/** A sense-led in a real Node-RED, without nodes that copy its messages. */
async function startNode(t: TestContext) {
  const place = { z: 'tab', x: 0, y: 0 };
  const { app, stop } = await startNodeRed([
    { id: 'tab', type: 'tab', label: 'pictures' },
    { ...place, id: 'catch', type: 'catch', scope: null, uncaught: false, wires: [[]] },
    { ...place, id: 'led', type: 'sense-led', device: deviceFile(t), frameMs: 0.001, wires: [] },
  ]);
  t.after(stop);
  const ended = new Inbox<string>();
  app.hooks.add('onComplete.pictures', ({ node, msg, error }: Completed) => {
    // A Catch node completes too.
    if (node.id !== 'led') return;
    ended.put(`${msg.topic} ${error?.code ?? 'shown'}`);
  });
  t.after(() => app.hooks.remove('onComplete.pictures'));
  const { getNode } = app.nodes as unknown as { getNode(id: string): Node };
  const send = (msg: object) => getNode('led').receive(msg as NodeMessage);
  const close = () => getNode('led').close(false);
  return { send, ended, close };
}

/** A copy whose arrays are not shared, as a flow gets it from JSON. */
function parsed(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

const PAYLOADS: Record<string, () => unknown> = {
  'ten PNGs of 1,024 x 1,024': () => Array(10).fill(LARGE),
  'a batch of 2,000 PNGs': () => Array(2000).fill(SMALL),
  '8,000 frames': () => parsed(Array(8000).fill(FRAME)),
  'a command with 8,000 frames': () => parsed({ pixels: Array(8000).fill(FRAME) }),
  '1,000 commands with a picture each': () => parsed(Array(1000).fill({ pixels: FRAME })),
};

for (const [what, makePayload] of Object.entries(PAYLOADS)) {
  test(`${what} do not block the event loop, and what follows stays in order`, async (t) => {
    const { send, ended } = await startNode(t);
    let share = 1;
    for (let round = 0; round < ROUNDS && share > LARGEST_SHARE; round++) {
      const payload = makePayload();
      await sleep(20);
      const eventLoop = watchEventLoop();
      send({ topic: 'large', payload });
      send({ topic: 'small', payload: { fill: 'red' } });
      assert.deepEqual([await ended.take(), await ended.take()], ['large shown', 'small shown']);
      const { longestMs, allMs } = eventLoop.stop();
      t.diagnostic(`the longest turn: ${longestMs.toFixed(1)} of ${allMs.toFixed(1)} ms`);
      share = longestMs / allMs;
    }
    assert(share <= LARGEST_SHARE);
  });
}

test('a wrong frame behind many others is an error before any of them is shown', async (t) => {
  const { send, ended } = await startNode(t);
  send({ topic: 'wrong', payload: [...Array(500).fill(FRAME), LARGE, Buffer.alloc(127)] });
  assert.equal(await ended.take(), 'wrong BAD_PIXELS');
});

test('stop ends a message whose pictures are being read, and those behind it; later ones are shown', async (t) => {
  const { send, ended } = await startNode(t);
  for (const topic of ['a', 'b']) send({ topic, payload: Array(10).fill(LARGE) });
  send({ topic: 'stop', action: 'stop' });
  send({ topic: 'c', payload: { fill: 'red' } });
  const all = [await ended.take(), await ended.take(), await ended.take(), await ended.take()];
  assert.deepEqual(all.sort(), ['a STOPPED', 'b STOPPED', 'c shown', 'stop shown']);
});

test('a node that is closed ends the messages whose pictures are being read', async (t) => {
  const { send, ended, close } = await startNode(t);
  for (const topic of ['a', 'b']) send({ topic, payload: Array(10).fill(LARGE) });
  await close();
  assert.deepEqual([await ended.take(), await ended.take()], ['a CLOSED', 'b CLOSED']);
});

test('animations that wait take at most 32 MiB together', async (t) => {
  const { send, ended } = await startNode(t);
  send({ topic: 'first', payload: null });
  assert.equal(await ended.take(), 'first shown');
  send({ topic: 'long', payload: 'scrolls for a long time', secondsPerColumn: 60 });
  // As JSON each has a mebibyte, in memory several.
  const payload = parsed(Array(1500).fill(FRAME));
  for (let number = 1; number <= 10; number++) send({ topic: number, payload });
  let refused = 0;
  while ((await ended.take()) !== '10 QUEUE_FULL') refused++;
  assert(refused >= 3 && refused <= 8, `${refused} refused`);
});
