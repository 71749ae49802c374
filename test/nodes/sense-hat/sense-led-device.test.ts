// What becomes of the picture when others draw, flows are deployed, and devices are replaced.
import assert from 'node:assert/strict';
import { linkSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { acquireDisplay, releaseDisplay } from '../../../lib/sense-hat/led/display-registry';
import { encodeFrame, fill } from '../../../lib/sense-hat/led/frame';
import { DEFAULT_OPTIONS } from '../../../lib/sense-hat/led/options';
import { deviceFile } from '../../support/device-file';
import { startFlow, type TestFlow } from '../../support/flow';

const OUT = { id: 'out', type: 'helper' };
const LED = { id: 'led', type: 'sense-led', secondsPerColumn: 0.01, wires: [['out']] };

/** What another program draws: blue, and one white pixel at this place. */
function foreign(place: number): Buffer {
  const frame = encodeFrame(fill([0, 0, 255]), DEFAULT_OPTIONS);
  frame.writeUInt16LE(0xffff, 2 * place);
  return frame;
}

async function show(flow: TestFlow, id: string, msg: Record<string, unknown>): Promise<void> {
  flow.send(id, msg);
  await flow.next('out');
}

test('a change leaves the rest of what another program has drawn', async (t) => {
  const device = deviceFile(t);
  const flow = await startFlow(t, [
    { ...LED, device },
    { ...LED, device, id: 'turned', rotation: 90 },
    { ...LED, device, id: 'commands', commands: true },
    OUT,
  ]);
  const cases: [id: string, msg: Record<string, unknown>, expected: (frame: Buffer) => Buffer][] = [
    ['led', { payload: { x: 7, y: 7, color: 'red' } }, (frame) => withPixel(frame, 63, 0xf800)],
    ['led', { payload: { flip: 'horizontal' } }, () => foreign(5)],
    ['led', { payload: { flip: 'vertical' } }, () => foreign(58)],
    ['led', { payload: { rotation: 180 } }, () => foreign(61)],
    ['led', { payload: { rotation: 180 } }, () => foreign(61)],
    ['led', { payload: { x: 7, y: 7, color: 'red' } }, (frame) => withPixel(frame, 63, 0xf800)],
    ['turned', { payload: { x: 0, y: 0, color: 'red' } }, (frame) => withPixel(frame, 7, 0xf800)],
    ['turned', { payload: { rotation: 0 } }, () => foreign(40)],
    ['commands', { payload: '7,7,red' }, (frame) => withPixel(frame, 63, 0xf800)],
    ['commands', { payload: 'FH' }, () => foreign(5)],
    ['commands', { payload: 'R180' }, () => foreign(61)],
    ['commands', { payload: '7,7,red' }, (frame) => withPixel(frame, 0, 0xf800)],
    ['commands', { payload: 'R0' }, () => foreign(61)],
  ];
  for (const [id, msg, expected] of cases) {
    await show(flow, 'led', { payload: { fill: 'red' } });
    writeFileSync(device, foreign(2), { flag: 'r+' });
    await show(flow, id, { ...msg });
    assert.deepEqual(readFileSync(device), expected(foreign(2)), `${id} ${JSON.stringify(msg)}`);
  }
});

function withPixel(frame: Buffer, place: number, pixel: number): Buffer {
  frame.writeUInt16LE(pixel, 2 * place);
  return frame;
}

const TOP = Array.from({ length: 64 }, (_, at) => (at < 8 ? 'white' : 'black'));
for (const gap of ['a deploy', 'a replacement of the device']) {
  for (const [payload, lit] of [
    [{ rotation: 180 }, [56, 57, 58, 59, 60, 61, 62, 63]],
    ['R90', [7, 15, 23, 31, 39, 47, 55, 63]],
  ] as const) {
    test(`a picture is turned by ${JSON.stringify(payload)} after ${gap}`, async (t) => {
      const device = deviceFile(t);
      const led = { ...LED, device, commands: true };
      const flow = await startFlow(t, [led, OUT]);
      await show(flow, 'led', { payload: TOP });
      if (gap === 'a deploy') {
        await flow.deploy([{ ...led, name: 'again' }, OUT]);
      } else {
        writeFileSync(`${device}.new`, Buffer.alloc(128));
        renameSync(`${device}.new`, device);
      }
      for (let time = 0; time < 2; time++) {
        await show(flow, 'led', { payload });
        const frame = readFileSync(device);
        const places = Array.from({ length: 64 }, (_, at) => at).filter((at) => frame.readUInt16LE(2 * at) > 0);
        assert.deepEqual(places, lit);
      }
    });
  }
}

for (const ids of [
  ['asks', 'does not'],
  ['does not', 'asks'],
]) {
  test(`of nodes that stop together, "${ids.join('" and "')}", one asks for darkness`, async (t) => {
    const device = deviceFile(t);
    const leds = (asking: string) => ids.map((id) => ({ ...LED, id, device, clearOnClose: id === asking }));
    const flow = await startFlow(t, [...leds('asks'), OUT]);
    await show(flow, 'asks', { payload: { fill: 'red' } });
    // The node that asks is deployed on its own: the other one goes on, and nobody asks any more.
    await flow.deploy([...leds('nobody'), OUT], 'nodes');
    await flow.deploy([OUT]);
    assert.equal(readFileSync(device).toString('hex', 0, 2), '00f8');
    await flow.deploy([...leds('asks'), OUT]);
    await flow.deploy([OUT]);
    assert.deepEqual(readFileSync(device), Buffer.alloc(128));
  });
}

test('at a time of 0, a text and an animation show every column and frame, as fast as a HAT can', async (t) => {
  const device = deviceFile(t);
  const flow = await startFlow(t, [{ ...LED, device, secondsPerColumn: 0, frameMs: '0' }, OUT]);
  const display = acquireDisplay(device);
  t.after(() => releaseDisplay(display));
  const frames: string[] = [];
  display.on('frame', (frame) => frames.push(frame.toString('hex')));
  const startedAt = performance.now();
  await show(flow, 'led', { payload: 'Hi' });
  const elapsedMs = performance.now() - startedAt;
  // 8 columns, then 4 and 1 of the letters, each with a blank one after it.
  assert.equal(frames.length, 8 + 5 + 2);
  assert(elapsedMs >= frames.length * 20 - 5, `${elapsedMs} ms`);
  frames.length = 0;
  const colours = ['red', 'lime', 'blue', 'white'];
  await show(flow, 'led', { payload: colours.map((color) => Array(64).fill(color)) });
  assert.deepEqual(
    frames.map((frame) => frame.slice(0, 4)),
    ['00f8', 'e007', '1f00', 'ffff'],
  );
});

test('nodes whose paths lead to one device share its queue', async (t) => {
  const device = deviceFile(t);
  const link = join(dirname(device), 'link');
  linkSync(device, link);
  const flow = await startFlow(t, [{ ...LED, device }, { ...LED, device: link, id: 'other', busy: 'drop' }, OUT]);
  flow.send('led', { payload: 'a text' });
  flow.send('other', { payload: 'dropped' });
  assert.equal((await flow.caught()).error.code, 'BUSY');
  assert.equal((await flow.next('out')).payload, 'a text');
});

test('what is no matrix is refused as such', {
  skip: process.platform !== 'linux' && 'devices of Linux',
}, async (t) => {
  const flow = await startFlow(t, [{ ...LED, device: '/dev/null' }, OUT]);
  await flow.status('led', ({ fill }) => fill === 'red');
  flow.send('led', { payload: 'text' });
  assert.equal((await flow.caught()).error.code, 'DEVICE');
});
