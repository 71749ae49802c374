import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startNatsServer } from '../../scripts/nats-server';
import { nodeDefaults } from '../support/node-defaults';
import { startPeer } from '../support/peer';
import { startRuntime } from '../support/runtime';

// A Function node runs in a realm of its own.
const MAKE = `
const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const made = {
  arrayBuffer: bytes.buffer,
  dataView: new DataView(bytes.buffer, 2, 3),
  int16: new Int16Array(bytes.buffer, 4, 2),
  object: { list: [1, 'two'] },
  map: new Map([['a', 1]]),
  set: new Set(['a']),
  error: new RangeError('lost'),
  regExp: /a/,
  promise: Promise.resolve('a'),
  notNumber: NaN,
  date: new Date('never'),
};
for (const [name, payload] of Object.entries(made)) {
  node.send({ topic: 'made.' + name, payload, headers: new Map([['Kind', name]]) });
}
node.send({ topic: 'made.last', payload: 'last', headers: { Kind: 'last' } });
`;

const fails = (kind: string) =>
  `BAD_PAYLOAD: the payload is ${kind}, which JSON cannot represent: convert it to a string, a Buffer, a finite number, an array or a plain object first`;

const EXPECTED = {
  arrayBuffer: '0102030405060708',
  dataView: '030405',
  int16: '05060708',
  object: '{"list":[1,"two"]}',
  map: fails('Map'),
  set: fails('Set'),
  error: fails('Error'),
  regExp: fails('RegExp'),
  promise: fails('Promise'),
  notNumber: fails('NaN'),
  date: fails('Invalid Date'),
  last: 'last',
};

test('values from a Function node are sent as bytes or JSON, or fail with their kind, also as copies', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const peer = await startPeer(t, server.url);
  const received = await peer.subscribe('>');
  const place = { z: 'tab', x: 0, y: 0 };
  const publish = { type: 'nats-publish', ...place, ...nodeDefaults('nats-publish'), server: 'server', wires: [] };
  const runtime = await startRuntime(t, [
    { id: 'tab', type: 'tab' },
    { type: 'nats-config', ...nodeDefaults('nats-config'), id: 'server', servers: server.url },
    { id: 'inject', type: 'inject', ...place, props: [], wires: [['make']] },
    // Each node except the first gets a copy.
    { id: 'make', type: 'function', ...place, func: MAKE, outputs: 1, wires: [['nothing', 'publish']] },
    { id: 'nothing', type: 'debug', ...place, active: false, wires: [] },
    { ...publish, id: 'publish', headersType: 'msg', headers: 'headers' },
    { id: 'catch', type: 'catch', ...place, scope: ['publish'], wires: [['tell']] },
    {
      id: 'tell',
      type: 'function',
      ...place,
      func: 'return { topic: msg.topic, payload: msg.error.message };',
      outputs: 1,
      wires: [['failed']],
    },
    { ...publish, id: 'failed' },
  ]);
  await runtime.click({ id: 'inject' });

  const outcomes: Record<string, string> = {};
  while (Object.keys(outcomes).length < Object.keys(EXPECTED).length) {
    const { subject, data, headers } = await received.take();
    const kind = subject.split('.')[1] as string;
    if (headers) assert.equal(headers.get('Kind'), kind);
    outcomes[kind] = Buffer.from(data).toString((data[0] as number) < 0x20 ? 'hex' : 'utf8');
  }
  assert.deepEqual(outcomes, EXPECTED);
});
