import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startJetStream } from '../../support/jetstream-server';
import { nodeDefaults } from '../../support/node-defaults';
import { startPeer } from '../../support/peer';
import { config, node, startWatchedNodeRed, TAB } from '../../support/watched-node-red';

test('a stream that differs is used as it is; each user is yellow with the field, and one warning names it', async (t) => {
  const server = await startJetStream(t);
  const { nc } = await startPeer(t, server.url);
  const wanted = { name: 'ORDERS', subjects: ['orders.>'], discard: 'new', max_age: 3600e9 };
  await nc.request('$JS.API.STREAM.CREATE.ORDERS', JSON.stringify(wanted));
  const stream = {
    ...nodeDefaults('nats-stream'),
    ...{ id: 'stream', type: 'nats-stream', server: 'server', stream: 'ORDERS', subjects: 'orders.>', maxAgeS: 60 },
  };
  const user = (id: string) => node(id, 'nats-publish', { subject: 'orders.new', confirm: 'stored', stream: 'stream' });
  const flow = [TAB, config(server.url), stream, user('one'), user('two')];
  const nodeRed = await startWatchedNodeRed(t, flow);
  const text = 'the stream ORDERS has maxAgeS 3600, but its settings here say 60: change one of them';
  for (const id of ['one', 'two'])
    await nodeRed.shows(id, (status) => status.fill === 'yellow' && status.text === text);
  await server.kill();
  for (const id of ['one', 'two']) await nodeRed.shows(id, ({ text }) => text.includes('connect'));
  await server.restart();
  for (const id of ['one', 'two']) await nodeRed.shows(id, (status) => status.text === text);
  assert.deepEqual(
    nodeRed.lines.filter((line) => line.includes('maxAgeS')),
    [`${text} (STREAM_DIFFERS)`],
  );
  const again = await startPeer(t, server.url);
  const info = await again.nc.request('$JS.API.STREAM.INFO.ORDERS');
  assert.equal(info.json<{ config: { max_age: number } }>().config.max_age, 3600e9, 'it was not changed');
  await nodeRed.deploy([TAB, config(server.url), { ...stream, maxAgeS: 3600 }, user('one'), user('two')], 'nodes');
  for (const id of ['one', 'two']) await nodeRed.shows(id, ({ fill }) => fill === 'green');
});
