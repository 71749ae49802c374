import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { writeHeaders } from '../../../../lib/nats/client/headers';
import { publish, sizeOf, type WrittenMessage } from '../../../../lib/nats/client/publish';
import { startNatsServer } from '../../../../scripts/nats-server';
import { dialServer } from '../../../support/dial';
import { startPeer } from '../../../support/peer';

async function start(t: TestContext) {
  const server = await startNatsServer();
  t.after(() => server.stop());
  const { subscribe } = await startPeer(t, server.url);
  return { nc: await dialServer(t, server.port), subscribe };
}

test('messages arrive in order as they were when they were published, and are counted', async (t) => {
  const { nc, subscribe } = await start(t);
  const inbox = await subscribe('to.>');
  const data = Buffer.alloc(100_000, 'a');
  const headers = writeHeaders([['Kind', ['large']]]);
  const sent: WrittenMessage[] = [
    { subject: 'to.größe', data: Buffer.from('small') },
    { subject: 'to.large', data, reply: 'to.me', headers },
    { subject: 'to.empty', data: Buffer.alloc(0), reply: 'to.me' },
  ];
  for (const message of sent) publish(nc, message);
  data.fill(0);
  for (const { subject, reply, headers } of sent) {
    const msg = await inbox.take();
    assert.deepEqual([msg.subject, msg.reply || undefined], [subject, reply]);
    assert.equal(msg.headers?.get('Kind'), headers && 'large');
    if (subject === 'to.large') assert.equal(msg.string(), 'a'.repeat(100_000));
  }
  assert.deepEqual([nc.stats().outMsgs, nc.stats().outBytes], [3, 5 + headers.length + 100_000]);
});

test('the size of a message is that of its headers and data', () => {
  assert.equal(sizeOf({ data: Buffer.from('four') }), 4);
  const headers = writeHeaders([['A', ['b']]]);
  assert.equal(sizeOf({ data: Buffer.from('four'), headers }), 'NATS/1.0\r\nA: b\r\n\r\n'.length + 4);
});

test('a text arrives as UTF-8, whatever is in it', async (t) => {
  const { nc, subscribe } = await start(t);
  const inbox = await subscribe('to.>');
  const texts = ['', 'plain', 'größe', '日本語 🙂', 'half of a pair: \ud83d', '\udc00\ud800', '\r\nPUB to.x 0\r\n\r\n'];
  texts.push('ÿ'.repeat(70_000), `${'a'.repeat(70_000)}é`, `${'🙂'.repeat(100_000)}\ud800`);
  for (const data of texts) publish(nc, { subject: 'to.me', data });
  for (const text of texts) {
    const { subject, data } = await inbox.take();
    assert.equal(subject, 'to.me');
    assert(Buffer.from(text).equals(data), text.slice(0, 20));
  }
});

test('publishing throws once the connection is closed', async (t) => {
  const { nc } = await start(t);
  await nc.close();
  assert.throws(() => publish(nc, { subject: 'a', data: Buffer.alloc(0) }), /closed/);
});
