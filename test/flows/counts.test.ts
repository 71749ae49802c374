import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startNatsServer } from '../../scripts/nats-server';
import { startSlowFlow } from '../support/slow-flow';
import { config, node, startWatchedNodeRed, TAB } from '../support/watched-node-red';

for (const [when, isBack] of [
  ['when it is back', true],
  ['when the node ends before it is back', false],
] as const) {
  test(`dropped messages are logged with their number ${when}`, async (t) => {
    const server = await startNatsServer();
    t.after(() => server.stop());
    const flow = [TAB, config(server.url), node('publish', 'nats-publish', { subject: 'a', whenDown: 'drop' })];
    const { app, lines, shows, deploy } = await startWatchedNodeRed(t, flow);
    await shows('publish', ({ fill }) => fill === 'green');
    await server.stop();
    await shows('publish', ({ fill }) => fill !== 'green');
    const publish = (app.nodes as { getNode(id: string): { receive(msg: object): void } }).getNode('publish');
    for (let message = 0; message < 7; message++) publish.receive({ payload: message });
    await shows('publish', ({ text }) => text.includes('7 dropped'));
    if (isBack) {
      const again = await startNatsServer({ port: server.port });
      t.after(() => again.stop());
      await shows('publish', ({ fill }) => fill === 'green');
    } else {
      await deploy([TAB, config(server.url)], 'nodes');
    }
    const logged = lines.filter((line) => line.includes('dropped'));
    assert.deepEqual(logged, ['7 messages were dropped while disconnected']);
  });
}

test('messages lost to a slow flow are logged with their number, all of them before the node ends', async (t) => {
  const flow = await startSlowFlow(t, 0.02);
  const each = 2 * 131_072;
  // The first loss is logged after a second, the next one a minute later, or when the node ends.
  for (let time = 0; time < 2; time++) {
    await flow.flood(each);
    await flow.shows('flood', ({ text }) => text.endsWith('status.slow'));
    await flow.shows('flood', ({ fill }) => fill === 'green');
  }
  await flow.stop();
  assert(flow.lost > 0);
  assert.equal(flow.processed + flow.lost, 2 * each);
});
