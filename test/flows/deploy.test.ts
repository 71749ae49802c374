import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchEventLoop } from '../support/event-loop';
import { startSlowFlow } from '../support/slow-flow';

for (const [name, properties, weight] of [
  ['each by itself', {}, 1],
  ['in batches', { batch: 7, batchMs: 3_600_000 }, 7],
] as const) {
  test(`what waits when the whole flow is deployed is told with its number, ${name}`, async (t) => {
    const flow = await startSlowFlow(t, 2, properties);
    const sent = 20_000;
    const begun = flow.until(1);
    await flow.flood(sent);
    await begun;
    await flow.deploy('full', properties);
    assert(flow.lost > sent / 2, `${flow.lost} were lost`);
    assert.equal(weight * flow.processed + flow.lost, sent);
  });
}

test('a node that is deployed in front of a slow flow delivers for seconds, in short turns, and tells how many are left', async (t) => {
  const flow = await startSlowFlow(t, 2);
  const sent = 6000;
  const isSlow = flow.until(500);
  await flow.flood(sent);
  await isSlow;
  const loop = watchEventLoop();
  await flow.deploy('nodes', { name: 'changed' });
  const { longestMs, allMs } = loop.stop();
  assert(longestMs < allMs / 10, `a turn of ${longestMs} ms in ${allMs} ms`);
  assert(allMs < 10_000, `the deploy took ${allMs} ms`);
  assert(flow.lost > 0 && flow.lost < sent - 800, `${flow.lost} were lost`);
  assert.equal(flow.processed + flow.lost, sent);
});

test('what waits for a flow that stays is delivered when the node is deployed, and nothing is lost', async (t) => {
  const flow = await startSlowFlow(t, 0.1);
  const sent = 6000;
  const [begun, all] = [flow.until(1), flow.until(sent)];
  await flow.flood(sent);
  await begun;
  await flow.deploy('nodes', { name: 'changed' });
  await all;
  assert.deepEqual([flow.processed, flow.lost], [sent, 0]);
});

for (const [name, properties, weight] of [
  ['each by itself', {}, 1],
  ['in batches', { batch: 6, batchMs: 3_600_000 }, 6],
] as const) {
  test(`what waits when the slow node is deployed is delivered afterwards, ${name}`, { timeout: 60_000 }, async (t) => {
    const flow = await startSlowFlow(t, 1, properties);
    const sent = 2000 * weight;
    const [begun, all] = [flow.until(1), flow.until(sent / weight)];
    await flow.flood(sent);
    await begun;
    await flow.deploy('nodes', properties, { name: 'changed' });
    await all;
    assert.deepEqual([weight * flow.processed, flow.lost], [sent, 0]);
  });
}
