import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findDisplay } from '../../../lib/sense-hat/led/display-registry';
import { deviceFolder } from '../../support/device-file';
import { startFlow } from '../../support/flow';

/** A flow of three nodes in a row, with a device each. */
async function startWall(t: TestContext, properties: object = {}) {
  const folder = deviceFolder(t);
  const devices = [0, 1, 2].map((place) => join(folder, `fb${place}`));
  for (const device of devices) writeFileSync(device, Buffer.alloc(128));
  const node = (tileX: number) => ({ id: `led${tileX}`, type: 'sense-led', canvas: '24x8', tileX, wires: [['out']] });
  const leds = devices.map((device, tileX) => ({ ...node(tileX), device, secondsPerColumn: 0.01, ...properties }));
  const flow = await startFlow(t, [...leds, { id: 'out', type: 'helper' }]);
  return {
    /** Sends the same message to all, and resolves when all have shown it. */
    async show(msg: object) {
      for (const { id } of leds) flow.send(id, { ...msg });
      for (const _ of leds) await flow.next('out');
    },
    /** The places of the wall that are lit, as `x,y`. */
    lit: () =>
      devices.flatMap((device, tileX) => {
        const frame = readFileSync(device);
        return Array.from({ length: 64 }, (_, place) => place)
          .filter((place) => frame.readUInt16LE(2 * place) !== 0)
          .map((place) => `${8 * tileX + (place % 8)},${Math.floor(place / 8)}`);
      }),
    flow,
  };
}

test('three nodes show one picture, each its tile of it', async (t) => {
  const { show, lit } = await startWall(t);
  const colours = Array(192).fill('black');
  for (const [x, y] of [
    [0, 0],
    [9, 3],
    [23, 7],
  ] as const)
    colours[24 * y + x] = 'white';
  await show({ payload: colours });
  assert.deepEqual(lit(), ['0,0', '9,3', '23,7']);
  await show({ payload: { x: 12, y: 5 } });
  assert.deepEqual(lit(), ['0,0', '9,3', '12,5', '23,7']);
  await show({ payload: { flip: 'horizontal' } });
  assert.deepEqual(lit(), ['0,7', '14,3', '11,5', '23,0']);
  await show({ payload: 'l' });
  assert(
    lit().every((place) => /^(8|9|1\d),/.test(place)),
    'a single character stands in the middle',
  );
  await show({ payload: 'Hi' });
  assert.deepEqual(lit(), []);
});

test('the rotation of a node applies to its tile alone', async (t) => {
  const { show, lit } = await startWall(t, { rotation: 180 });
  await show({ payload: [{ clear: true }, { x: 0, y: 0 }, { x: 17, y: 2 }] });
  assert.deepEqual(lit(), ['7,7', '22,5']);
});

test('the whole wall can be read from any of its nodes, and shown again', async (t) => {
  const { show, lit, flow } = await startWall(t, { rotation: 180 });
  const colours = Array.from({ length: 192 }, (_, at) => [0, 0, 255 * Number(at % 5 === 0)]);
  await show({ payload: colours });
  const before = lit();
  for (const id of ['led0', 'led1', 'led2']) {
    flow.send(id, { action: 'get' });
    assert.deepEqual((await flow.next('out')).payload, colours);
  }
  await show({ payload: [{ clear: true }, { fill: 'red' }] });
  await show({ payload: colours });
  assert.deepEqual(lit(), before);
});

test('msg.startAt is a time: one that is over shows the last picture, one that is to come waits', async (t) => {
  const { show, lit, flow } = await startWall(t);
  const frames = [Array(192).fill('black'), Array(192).fill('blue')];
  await show({ payload: frames, frameMs: 3_600_000, startAt: Date.now() - 8_000_000 });
  assert.equal(lit().length, 192);
  const before = Date.now();
  await show({ payload: null, startAt: String(before + 150) });
  assert(Date.now() - before >= 149);
  assert.deepEqual(lit(), []);

  flow.send('led0', { payload: 'x', startAt: Date.now() + 1e12 });
  flow.send('led0', { action: 'stop' });
  assert.equal((await flow.caught()).error.code, 'STOPPED');
  for (const startAt of ['soon', -1, 1.7e15, {}]) {
    flow.send('led0', { payload: 'x', startAt });
    assert.equal((await flow.caught()).error.code, 'BAD_NUMBER');
  }
});

test('a wall that cannot be is a red status, and the error of each message', async (t) => {
  const cases: [object, string][] = [
    [{ canvas: '20x8' }, 'BAD_CANVAS'],
    [{ canvas: '24x8', tileX: 3 }, 'BAD_NUMBER'],
    [{ tileY: 1 }, 'BAD_NUMBER'],
    [{ canvas: '${WALL}' }, 'BAD_ENV'],
  ];
  const leds = cases.map(([properties], index) => ({ id: `led${index}`, type: 'sense-led', ...properties }));
  const flow = await startFlow(t, leds);
  for (const [index, [, code]] of cases.entries()) {
    flow.send(`led${index}`, { payload: 'x' });
    assert.equal((await flow.caught()).error.code, code);
    await flow.status(`led${index}`, ({ fill }) => fill === 'red');
  }
});

test('without a device the tiles of a flow have displays of their own', async (t) => {
  const flow = await startFlow(t, [
    { id: 'a', type: 'sense-led', canvas: '16x8', tileX: 0, wires: [['out']] },
    { id: 'b', type: 'sense-led', canvas: '16x8', tileX: 1, wires: [['out']] },
    { id: 'out', type: 'helper' },
  ]);
  for (const id of ['a', 'b']) {
    flow.send(id, { payload: { x: 8, y: 0, color: 'white' } });
    await flow.next('out');
  }
  const frames = [0, 1].map((tileX) => findDisplay(`tile ${tileX},0 of 16x8`)?.frame);
  assert.equal(frames[0]?.readUInt16LE(0), 0);
  assert.equal(frames[1]?.readUInt16LE(0), 0xffff);
});
