import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import type { ConsumptionSettings } from '../../../../../lib/nats/jetstream/consuming/consumption';
import { consume, judge, STREAM, startJobs } from '../../../../support/consuming';
import { makeFolder } from '../../../../support/folder';
import { networkBefore } from '../../../../support/network-before';

type Settings = Partial<ConsumptionSettings>;

const SHARED = { durable: 'worker' };
const OWN = {};
const READING = { ack: 'none' } as const;

const WAYS: Record<string, Settings> = {
  'by a shared consumer': SHARED,
  'by an own consumer': OWN,
  'without acknowledgement': READING,
};

/** A server with a stream in files, which can be set back to what it has had at the time of a backup. */
async function startServer(t: TestContext) {
  const { proxy, network } = networkBefore(t);
  const jobs = await startJobs(t, { proxy, stream: { ...STREAM, storage: 'file' } });
  const { server, connection } = jobs;
  const backup = makeFolder();
  const acks = new Map<string, string>();
  return {
    ...jobs,
    acks,
    backUp: async () => {
      await server.kill();
      cpSync(server.folder, backup, { recursive: true });
      await server.restart();
    },
    /** Nothing is connected to it then, until `reconnect`. */
    restore: async () => {
      network().refuse();
      await server.kill();
      rmSync(server.folder, { recursive: true });
      cpSync(backup, server.folder, { recursive: true });
      await server.restart();
    },
    reconnect: () => network().heal('drop'),
    /** Consumes; the returned function takes the next messages, which are done but for those `left` in the flow. */
    consuming: (settings: Settings, left: string[] = []) => {
      const { entered } = consume(t, connection, settings);
      return async (count: number) => {
        const texts: string[] = [];
        while (texts.length < count) {
          const { text, ack } = await entered.take();
          texts.push(text);
          acks.set(text, ack);
          if (settings.ack !== 'none' && !left.includes(text)) await judge(connection, ack);
        }
        return texts;
      };
    },
  };
}

for (const [how, settings] of Object.entries(WAYS)) {
  const startRestored = async (t: TestContext) => {
    const started = await startServer(t);
    const { store, backUp, restore, consuming } = started;
    const take = consuming(settings);
    await store('1', '2');
    assert.deepEqual(await take(2), ['1', '2']);
    await backUp();
    await store('3', '4', '5');
    assert.deepEqual(await take(3), ['3', '4', '5']);
    await restore();
    return { ...started, take };
  };
  // Without acknowledgement, the node reads the stream from its first message again.
  const again = settings === READING ? ['1', '2'] : [];

  test(`what a server stores that was restored from a backup is consumed ${how}`, async (t) => {
    const { store, take, reconnect } = await startRestored(t);
    await store('new-3', 'new-4');
    reconnect();
    assert.deepEqual(await take(again.length + 2), [...again, 'new-3', 'new-4']);
    await store('new-5');
    assert.deepEqual(await take(1), ['new-5']);
  });

  test(`what a restored server stores is consumed ${how}, though it has as much as before`, async (t) => {
    const { store, take, reconnect } = await startRestored(t);
    await store('new-3', 'new-4', 'new-5', 'new-6');
    reconnect();
    assert.deepEqual(await take(again.length + 4), [...again, 'new-3', 'new-4', 'new-5', 'new-6']);
  });

  if (settings === READING) continue;
  for (const count of [1, 3]) {
    test(`only the messages in the flow fail that a restored server has lost, ${how}, with ${count} new ones`, async (t) => {
      const { connection, store, backUp, restore, reconnect, consuming, acks } = await startServer(t);
      const take = consuming(settings, ['1', '2', '4']);
      await store('1', '2');
      assert.deepEqual(await take(2), ['1', '2']);
      await backUp();
      await store('3', '4');
      assert.deepEqual(await take(2), ['3', '4']);
      await restore();
      const fresh = Array.from({ length: count }, (_, index) => `new-${3 + index}`);
      await store(...fresh);
      reconnect();
      assert.deepEqual(await take(count), fresh);
      if (count > 1) await assert.rejects(judge(connection, acks.get('4') ?? ''), { code: 'NO_STREAM' });
      for (const text of ['1', '2']) await judge(connection, acks.get(text) ?? '');
    });
  }
}

test('an own consumer that a restored server does not know goes on where it was', async (t) => {
  const { store, backUp, restore, reconnect, consuming } = await startServer(t);
  await store('1', '2');
  await backUp();
  const take = consuming(OWN);
  await store('3', '4');
  assert.deepEqual(await take(4), ['1', '2', '3', '4']);
  await restore();
  await store('new-3');
  reconnect();
  assert.deepEqual(await take(1), ['new-3']);
});
