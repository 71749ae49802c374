import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publish } from '../../../../lib/nats/client/publish';
import { encodeHeaders } from '../../../../lib/nats/message/headers';
import { decodeMessage } from '../../../../lib/nats/message/message';
import { startNatsServer } from '../../../../scripts/nats-server';
import { dialServer, receive } from '../../../support/dial';
import { startPeer } from '../../../support/peer';
import { received } from '../../../support/received';

test('a received message has headers and a reply subject only if it came with them', async (t) => {
  const server = await startNatsServer();
  t.after(() => server.stop());
  const { nc } = await startPeer(t, server.url);
  const own = await dialServer(t, server.port);
  const inbox = await receive(own, 'm.>');
  const headers = encodeHeaders({ id: '7', many: ['a', 'b'] });
  assert(headers);
  const large = 'x'.repeat(300_000);
  const cases: [() => void, object][] = [
    [() => nc.publish('m.plain', 'hi'), { topic: 'm.plain', payload: 'hi' }],
    [() => nc.publish('m.plain', 'again'), { topic: 'm.plain', payload: 'again' }],
    [() => nc.publish('m.plaid', 'hi'), { topic: 'm.plaid', payload: 'hi' }],
    [() => nc.publish('m.plät', 'hi'), { topic: 'm.plät', payload: 'hi' }],
    [() => nc.publish('m.plät', 'again'), { topic: 'm.plät', payload: 'again' }],
    // The bytes of one are the characters of the other.
    [() => nc.publish('m.Ã©', 'hi'), { topic: 'm.Ã©', payload: 'hi' }],
    [() => nc.publish('m.é', 'hi'), { topic: 'm.é', payload: 'hi' }],
    [() => nc.publish('m.empty'), { topic: 'm.empty', payload: '' }],
    [() => nc.publish('m.json', '{"a":1}'), { topic: 'm.json', payload: { a: 1 } }],
    [() => nc.publish('m.reply', 'hi', { reply: 'to.me' }), { topic: 'm.reply', payload: 'hi', reply: 'to.me' }],
    [
      () => publish(own, { subject: 'm.headers', data: Buffer.from('hi'), headers }),
      { topic: 'm.headers', payload: 'hi', headers: { id: '7', many: ['a', 'b'] } },
    ],
    // These come in pieces.
    [
      () => publish(own, { subject: 'm.large', data: large, reply: 'to.me', headers }),
      { topic: 'm.large', payload: large, reply: 'to.me', headers: { id: '7', many: ['a', 'b'] } },
    ],
    [
      () => publish(own, { subject: 'm.large', data: large, headers }),
      { topic: 'm.large', payload: large, headers: { id: '7', many: ['a', 'b'] } },
    ],
    [() => publish(own, { subject: 'm.large', data: large }), { topic: 'm.large', payload: large }],
  ];
  for (const [send, expected] of cases) {
    send();
    assert.deepEqual(decodeMessage(await inbox.take(), 'auto'), expected);
  }
});

test('an answer of the server itself, without responders, has its status as headers', async (t) => {
  const server = await startNatsServer();
  t.after(() => server.stop());
  const nc = await dialServer(t, server.port);
  const inbox = await receive(nc, 'answers');
  nc.publish('nobody', 'hi', { reply: 'answers' });
  const message = decodeMessage(await inbox.take(), 'auto');
  assert.equal(message.payload, '');
  assert.equal(message.headers?.Status, '503');
});

test('a message that is not JSON throws BAD_JSON if the output is JSON', () => {
  const msg = received({ subject: 'a', data: '{oops' });
  assert.throws(() => decodeMessage(msg, 'json'), { code: 'BAD_JSON', values: { payload: '"{oops"' } });
  assert.equal(decodeMessage(msg, 'string').payload, '{oops');
});
