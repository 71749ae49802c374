import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import type { ConsumptionSettings } from '../../../../../lib/nats/jetstream/consuming/consumption';
import { consume, judge, STREAM, startJobsOverNetwork } from '../../../../support/consuming';
import { makeFolder } from '../../../../support/folder';

const WAYS: Record<string, Partial<ConsumptionSettings>> = {
  'by a shared consumer': { durable: 'worker' },
  'by an own consumer': {},
  'without acknowledgement': { ack: 'none' },
};

/** A server that has been restored: five messages were consumed, of which the backup has two. The one `left` stays in the flow. */
async function startRestored(t: TestContext, settings: Partial<ConsumptionSettings>, left?: string) {
  const { server, connection, network, store } = await startJobsOverNetwork(t, {
    stream: { ...STREAM, storage: 'file' },
  });
  const { entered } = consume(t, connection, settings);
  const acks = new Map<string, string>();
  const done = async (count: number) => {
    const texts: string[] = [];
    while (texts.length < count) {
      const { text, ack } = await entered.take();
      texts.push(text);
      acks.set(text, ack);
      if (settings.ack !== 'none' && text !== left) await judge(connection, ack);
    }
    return texts;
  };
  await store('1', '2');
  assert.deepEqual(await done(2), ['1', '2']);
  await server.kill();
  const backup = makeFolder();
  cpSync(server.folder, backup, { recursive: true });
  await server.restart();
  await store('3', '4', '5');
  assert.deepEqual(await done(3), ['3', '4', '5']);
  network.refuse();
  await server.kill();
  rmSync(server.folder, { recursive: true });
  cpSync(backup, server.folder, { recursive: true });
  await server.restart();
  return { connection, store, done, acks, reconnect: () => network.heal('drop') };
}

for (const [how, settings] of Object.entries(WAYS)) {
  // A reading begins anew.
  const again = settings.ack === 'none' ? ['1', '2'] : [];

  test(`what a server stores that was restored from a backup is consumed ${how}`, async (t) => {
    const { store, done, reconnect } = await startRestored(t, settings);
    await store('new-3', 'new-4');
    reconnect();
    assert.deepEqual(await done(again.length + 2), [...again, 'new-3', 'new-4']);
    await store('new-5');
    assert.deepEqual(await done(1), ['new-5']);
  });

  test(`what a restored server stores is consumed ${how}, though it has as much as before`, async (t) => {
    const { store, done, reconnect } = await startRestored(t, settings);
    await store('new-3', 'new-4', 'new-5', 'new-6');
    reconnect();
    assert.deepEqual(await done(again.length + 4), [...again, 'new-3', 'new-4', 'new-5', 'new-6']);
  });
}

test('a message in the flow that a restored server has lost fails with its verdict, unlike the next one of its number', async (t) => {
  const { connection, store, done, acks, reconnect } = await startRestored(t, { durable: 'worker' }, '5');
  await store('new-3', 'new-4', 'new-5');
  reconnect();
  assert.deepEqual(await done(3), ['new-3', 'new-4', 'new-5']);
  await assert.rejects(judge(connection, acks.get('5') ?? ''), { code: 'NO_STREAM' });
});
