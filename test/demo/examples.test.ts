import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseColour } from '../../lib/sense-hat/colour';
import { encodeFrame, fill } from '../../lib/sense-hat/frame';
import { DEFAULT_LOOK } from '../../lib/sense-hat/look';
import { startNatsServer } from '../../scripts/nats-server';
import { exampleFlow, exampleNames, nodeOf } from '../support/examples';
import { nodeDefaults } from '../support/node-defaults';
import { startPeer } from '../support/peer';
import { type Runtime, startRuntime } from '../support/runtime';

test('every example says what to do, and all with NATS share one server', () => {
  const configs = new Set<string>();
  for (const name of exampleNames()) {
    const flow = exampleFlow(name);
    for (const config of flow.filter(({ type }) => type === 'nats-config')) configs.add(JSON.stringify(config));
    assert((nodeOf(flow, 'comment').info as string).includes('Deploy'), name);
    const ids = new Set(flow.map(({ id }) => id));
    assert.equal(ids.size, flow.length, `${name} has an id twice`);
    for (const target of flow.flatMap(({ wires }) => (wires ?? []).flat()))
      assert(ids.has(target), `${name}: a wire to nowhere`);
    for (const { type, server } of flow.filter(({ type }) => /^nats-(?!config)/.test(type)))
      assert(ids.has(server as string), `${name}: ${type} without a server`);
  }
  assert.equal(configs.size, 1, 'an import finds the server of the first one again');
});

test('the nodes of the examples have every property that the editor knows', () => {
  for (const name of exampleNames()) {
    for (const node of exampleFlow(name).filter(({ type }) => /^(nats|sense)-/.test(type))) {
      const missing = Object.keys(nodeDefaults(node.type)).filter((property) => !(property in node));
      assert.deepEqual(missing, [], `${node.type} in ${name}`);
    }
  }
});

test('the workers of a queue group share 100 requests', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const runtime = await startRuntime(t, exampleFlow('Queue workers', server.url));
  await runtime.click({ name: '100 requests' });
  const counts = JSON.parse(await runtime.debugged('answers of each worker')) as Record<string, number>;
  assert.deepEqual(Object.keys(counts).sort(), ['Roger, from worker 1!', 'Roger, from worker 2!']);
  assert.equal(
    Object.values(counts).reduce((sum, count) => sum + count),
    100,
  );
});

test('the Pi answers a question, and who asks nobody is told so', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const flow = exampleFlow('Ask the Pi', server.url);
  await t.test('with a Pi', async (t) => {
    const runtime = await startRuntime(t, flow);
    await runtime.click({ name: 'what time is it?' });
    assert.match(await runtime.debugged('answer'), /^\d\d:\d\d:\d\d$/);
  });
  await t.test('without one', async (t) => {
    const runtime = await startRuntime(
      t,
      flow.filter(({ type }) => type !== 'nats-subscribe'),
    );
    await runtime.click({ name: 'what time is it?' });
    assert.match(await runtime.debugged('no answer'), /^NO_RESPONDERS: /);
  });
});

test('pictures go over NATS to the matrix', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const runtime = await startRuntime(t, exampleFlow('Pixels', server.url));
  const lit = async () =>
    (await runtime.frame()).filter((_, index) => index % 2 === 1).filter((byte) => byte > 0).length;
  assert.equal(await lit(), 0);
  await runtime.click({ name: 'face' });
  assert.equal(await lit(), 52);
  await runtime.click({ name: 'rainbow' });
  assert((await lit()) > 32);
  await runtime.click({ name: 'dark' });
  assert.equal(await lit(), 0);
});

test('an animation goes on until another message comes, and commands are shown one after another', async (t) => {
  const runtime = await startRuntime(t, exampleFlow('Animation'));
  assert.deepEqual(await coloursOf(runtime), []);
  await runtime.click({ name: 'heart' });
  for (let beat = 0; beat < 3; beat++) {
    assert.deepEqual(await coloursOf(runtime), [encoded('crimson')]);
    assert.deepEqual(await coloursOf(runtime), [encoded('#400010')]);
  }
  await runtime.click({ name: 'signal' });
  let colours = await coloursOf(runtime);
  while (!colours.includes(encoded('red'))) colours = await coloursOf(runtime);
  assert.deepEqual(colours, [encoded('red')]);
  assert.deepEqual(await coloursOf(runtime), [encoded('red'), encoded('gold')]);
  assert.deepEqual(await coloursOf(runtime), [encoded('lime')]);
});

test('a PNG is scaled to the matrix, over the background', async (t) => {
  const runtime = await startRuntime(t, exampleFlow('Picture from a PNG'));
  await runtime.frame();
  for (const [name, background] of [
    ['sun', 'skyblue'],
    ['sun at night', 'midnightblue'],
  ] as const) {
    await runtime.click({ name });
    const pixels = (await runtime.frame()).toString('hex').match(/..../g) as string[];
    assert.equal(pixels[0], encoded(background));
    assert.equal(pixels[27], encoded('#ffdc1e'));
  }
});

test('the clock shows the time as it is deployed', async (t) => {
  const runtime = await startRuntime(t, exampleFlow('Clock'));
  await runtime.frame();
  const before = new Date();
  const frame = await runtime.frame();
  const number = (row: number) =>
    [1, 2, 3, 4, 5, 6].reduce((sum, x) => 2 * sum + (frame.readUInt16LE(2 * (8 * row + x)) === 0x1082 ? 0 : 1), 0);
  const shown = number(1) * 3600 + number(3) * 60 + number(5);
  const now = before.getHours() * 3600 + before.getMinutes() * 60 + before.getSeconds();
  assert((shown - now + 86_401) % 86_400 <= 3, `${shown} at ${now}`);
});

test('a level is a column, which leaves the others as they are', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const flow = exampleFlow('Level meter', server.url);
  // Without the levels that it makes up.
  const runtime = await startRuntime(
    t,
    flow.filter(({ type }) => type !== 'inject'),
  );
  const { nc } = await startPeer(t, server.url);
  await runtime.frame();
  const lit = async (level: string, percent: string) => {
    nc.publish(level, percent);
    const frame = await runtime.frame();
    return Array.from(
      { length: 8 },
      (_, x) =>
        Array.from({ length: 8 }, (_, y) => frame.readUInt16LE(16 * y + 2 * x)).filter((pixel) => pixel > 0).length,
    );
  };
  assert.deepEqual(await lit('level.3', '100'), [0, 0, 0, 8, 0, 0, 0, 0]);
  assert.deepEqual(await lit('level.0', '50'), [4, 0, 0, 8, 0, 0, 0, 0]);
  assert.deepEqual(await lit('level.3', '0'), [4, 0, 0, 0, 0, 0, 0, 0]);
});

test('the flow that came from node-red-node-pi-sense-hat does what it did there', async (t) => {
  const runtime = await startRuntime(t, exampleFlow('From node-red-node-pi-sense-hat'));
  const after = async (name: string) => {
    await runtime.click({ name });
    const pixels = (await runtime.frame()).toString('hex').match(/..../g) as string[];
    return [0, 7, 56, 63].map((corner) => pixels[corner]);
  };
  await runtime.frame();
  const [red, lime, blue, white] = ['red', 'lime', 'blue', 'warmwhite'].map(encoded);
  assert.deepEqual(await after('corners'), [red, lime, blue, white]);
  assert.deepEqual(await after('mirror'), [lime, red, white, blue]);
  assert.deepEqual(await after('turn'), [white, lime, blue, red]);
  assert.deepEqual(await after('column'), [white, lime, blue, red], 'the turn stays');
  assert.deepEqual(await after('upright'), [lime, red, white, blue]);
  assert.deepEqual((await after('dim'))[1], '0090');
  assert.deepEqual(await after('bright'), [lime, red, white, blue]);
  assert.deepEqual(await after('off'), ['0000', '0000', '0000', '0000']);
});

test('the laptop flow says when nobody shows its words', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const runtime = await startRuntime(t, exampleFlow('Laptop - send words', server.url));
  await runtime.click({ payload: 'hello world' });
  assert.match(await runtime.debugged('no answers'), /^Nobody/);
});

test('the joystick moves a pixel on another matrix, and stops at its edges', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const runtime = await startRuntime(t, exampleFlow('Joystick moves a pixel', server.url));
  await runtime.frame();
  const pushes: [string, number, number][] = [
    ['UP', 3, 2],
    ['UP', 3, 1],
    ['UP', 3, 0],
    ['UP', 3, 0],
    ['LEFT', 2, 0],
    ['DOWN', 2, 1],
    ['RIGHT', 3, 1],
    ['ENTER', 3, 3],
  ];
  for (const [name, x, y] of pushes) {
    await runtime.click({ name });
    const pixels = (await runtime.frame()).toString('hex').match(/..../g) as string[];
    const lit = pixels.flatMap((pixel, at) => (pixel === '0000' ? [] : [at]));
    assert.deepEqual(lit, [8 * y + x], name);
    assert.equal(pixels[8 * y + x], encoded('orange'));
  }
});

/** A colour as the device takes it, in hexadecimal digits. */
function encoded(colour: string): string {
  return encodeFrame(fill(parseColour(colour)), DEFAULT_LOOK).toString('hex', 0, 2);
}

/** The colours of the next frame, but for black, in the order of their first pixels. */
async function coloursOf(runtime: Runtime): Promise<string[]> {
  const pixels = (await runtime.frame()).toString('hex').match(/..../g) as string[];
  return [...new Set(pixels)].filter((pixel) => pixel !== '0000');
}
