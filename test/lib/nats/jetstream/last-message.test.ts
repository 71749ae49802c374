import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../../../../lib/nats/connection/connection';
import { jetStreamOf } from '../../../../lib/nats/jetstream/jetstream';
import { findLastMessage, type LastMessage } from '../../../../lib/nats/jetstream/last-message';
import { Stream } from '../../../../lib/nats/jetstream/stream';
import { type StreamConfig, wantedStream } from '../../../../lib/nats/jetstream/stream-config';
import { startObjects } from '../../../support/object-client';
import { ORDERS } from '../../../support/stream-settings';

/** The last message of a subject. */
function lastMessage(connection: Connection, stream: Stream, subject: string, isDirect: boolean) {
  const { exchanges } = jetStreamOf(connection);
  return new Promise<LastMessage | undefined>((onMessage, onFailed) => {
    findLastMessage(exchanges, stream, { subject, isDirect, timeoutMs: 5000 }, { onMessage, onFailed });
  });
}

test('the last message of a subject is found by any server that may answer, and by the leader', async (t) => {
  const { connection, peer, api } = await startObjects(t);
  const asked = await peer.subscribe('$JS.API.>');
  for (const allow_direct of [true, false]) {
    const { config } = wantedStream(ORDERS);
    const wanted: StreamConfig = {
      ...config,
      name: `ORDERS-${allow_direct}`,
      subjects: [`${allow_direct}.>`],
      allow_direct,
    };
    const jetStreamApi = jetStreamOf(connection).api();
    await new Stream({ config: wanted, create: true }, jetStreamApi).ensure();
    const stream = new Stream({ config: wanted, create: false }, jetStreamApi);
    const data = Buffer.from([0, 255, 1]);
    const before = Date.now();
    for (const text of ['older', data]) await peer.nc.request(`${allow_direct}.a`, text);
    for (const mayBeOld of [true, false]) {
      const isDirect = mayBeOld && allow_direct;
      while (asked.size > 0) await asked.take();
      const found = await lastMessage(connection, stream, `${allow_direct}.a`, isDirect);
      assert(found);
      assert(data.equals(found.data));
      assert.equal(found.sequence, 2);
      assert(Math.abs(Date.parse(found.time) - before) < 60_000, found.time);
      assert.equal(await lastMessage(connection, stream, `${allow_direct}.b`, isDirect), undefined);
      await peer.nc.flush();
      const kind = isDirect ? /DIRECT\.GET/ : /STREAM\.MSG\.GET/;
      while (asked.size > 0) assert.match((await asked.take()).subject, kind);
    }
    await api(`STREAM.DELETE.${wanted.name}`);
    await assert.rejects(lastMessage(connection, stream, 'a', allow_direct), {
      code: 'NO_STREAM',
    });
  }
});
