import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Received } from '../../../../lib/nats/client/received';
import { Tail } from '../../../../lib/nats/looking/tail';
import { startNatsServer } from '../../../../scripts/nats-server';
import { isConnected, openConnection } from '../../../support/open-connection';
import { startPeer } from '../../../support/peer';
import { received } from '../../../support/received';

test('a tail shows the first 20 messages of a second and counts the others, until its time is over', async (t) => {
  const server = await startNatsServer();
  t.after(server.stop);
  const { connection, until } = openConnection(t, server.url);
  await until(isConnected);
  const { nc } = await startPeer(t, server.url);
  const tail = new Tail(connection, { subject: 'plant.*', form: 'text' }, 3000);
  t.after(() => tail.close());
  await connection.roundTripMs(5000);

  for (let count = 0; count < 1000; count++) nc.publish(`plant.${count}`, 'x'.repeat(5000));
  const messages = [];
  let report = tail.take();
  for (; report.received < 1000; report = tail.take()) {
    messages.push(...report.messages);
    await nextTurn();
  }
  messages.push(...report.messages);
  assert.equal(messages.length + report.skipped, 1000);
  assert(messages.length >= 20 && messages.length <= 60, `${messages.length} in less than three seconds`);
  assert.equal(messages[0]?.subject, 'plant.0');
  assert.equal(messages[0]?.size, 5000);
  assert.equal(messages[0]?.text.length, 2048);
  assert.deepEqual(tail.take().messages, [], 'told once');

  while (tail.take().leftMs > 0) await nextTurn();
  // The timer of its end, set at the same time, fires by then.
  while (connection.traffic.inMessages === 1000) {
    nc.publish('plant.late');
    await nc.flush();
    if ((await connection.roundTripMs(5000)) !== undefined && tail.take().received === 1000) break;
  }
  const { received } = tail.take();
  nc.publish('plant.later');
  await nc.flush();
  await connection.roundTripMs(5000);
  assert.equal(tail.take().received, received);
});

test('what nobody takes is bounded', async () => {
  let receive: (msg: Received) => void = () => {};
  const connection = {
    subscribe: ({ onMessage }: { onMessage(msg: Received): void }) => {
      receive = onMessage;
    },
    unsubscribe: () => {},
  };
  const tail = new Tail(connection as never, { subject: '>', form: 'hex' });
  const msg = received({ subject: 'a', data: Buffer.alloc(1 << 20) });
  const { now } = performance;
  try {
    let clock = now.call(performance);
    performance.now = () => clock;
    for (let second = 0; second < 10; second++, clock += 1000) for (let count = 0; count < 30; count++) receive(msg);
    const { messages, received, skipped } = tail.take();
    assert.deepEqual([messages.length, received, skipped], [100, 300, 200]);
    assert(JSON.stringify(messages).length < 400_000);
  } finally {
    performance.now = now;
    tail.close();
  }
});

test('invalid subjects and forms are refused', () => {
  const connection = { subscribe: () => assert.fail(), unsubscribe: () => {} };
  const make = (subject: unknown, form: unknown) => () => new Tail(connection, { subject, form });
  for (const subject of ['', 'a b', 'a\r\nPUB x 0', 'a..b', null, 5])
    assert.throws(make(subject, 'text'), { code: 'BAD_SUBJECT' });
  assert.throws(make('a', 'xml'), { code: 'BAD_CHOICE' });
});
