import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startNatsServer } from '../../scripts/nats-server';
import { exampleFlow, exampleNames, nodeOf } from '../support/examples';
import { startRuntime } from '../support/runtime';

const SERVERS = 'nats://localhost:4222';

test('every example says what to do, and all share one server', () => {
  const configs = new Set<string>();
  for (const name of exampleNames()) {
    const flow = exampleFlow(name);
    const config = nodeOf(flow, 'nats-config', { servers: SERVERS });
    configs.add(JSON.stringify(config));
    assert((nodeOf(flow, 'comment').info as string).includes('Deploy'), name);
    const ids = new Set(flow.map(({ id }) => id));
    assert.equal(ids.size, flow.length, `${name} has an id twice`);
    for (const target of flow.flatMap(({ wires }) => (wires ?? []).flat()))
      assert(ids.has(target), `${name}: a wire to nowhere`);
  }
  assert.equal(configs.size, 1, 'an import finds the server of the first one again');
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
  const example = exampleFlow('Joystick moves a pixel', server.url);
  const { id, z } = nodeOf(example, 'sense-led');
  const matrix = {
    id,
    z,
    type: 'debug',
    name: 'matrix',
    active: true,
    tosidebar: true,
    complete: 'payload',
    wires: [],
  };
  const flow = example.map((node) => (node.id === id ? { ...matrix, targetType: 'msg' } : node));
  const runtime = await startRuntime(t, flow);
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
    const shown = JSON.parse(await runtime.debugged('matrix'));
    assert.deepEqual(shown, [{ clear: true }, { x, y, color: 'orange' }], name);
  }
});
