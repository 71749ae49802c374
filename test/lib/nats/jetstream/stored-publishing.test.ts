import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { CodedError } from '../../../../lib/coded-error';
import type { Publication } from '../../../../lib/nats/core/publication';
import { jetStreamOf } from '../../../../lib/nats/jetstream/jetstream';
import type { Stored, StoringOptions } from '../../../../lib/nats/jetstream/stored-publishing';
import { Stream } from '../../../../lib/nats/jetstream/stream';
import { type StreamSettings, wantedStream } from '../../../../lib/nats/jetstream/stream-config';
import { startJetStream } from '../../../support/jetstream-server';
import { isConnected, openConnection } from '../../../support/open-connection';
import { ORDERS } from '../../../support/stream-settings';

/** A connection to a server with one stream, and a function that stores a message in it. */
async function start(t: TestContext, settings: Partial<StreamSettings> = {}, inboxPrefix = '') {
  const server = await startJetStream(t);
  const { connection, until } = openConnection(t, server.url, { inboxPrefix });
  await until(isConnected);
  const jetStream = jetStreamOf(connection);
  const stream = new Stream(wantedStream({ ...ORDERS, ...settings }), jetStream.api());
  const store = ({ stream, id, isNew = false, expect, ...message }: Partial<Publication & StoringOptions> = {}) =>
    new Promise<Stored>((resolve, reject) => {
      const publication: Publication = {
        subject: 'orders.new',
        data: Buffer.from('x'),
        confirm: true,
        whenDown: 'hold',
        maxAgeMs: 0,
        ...message,
      };
      jetStream.storing.publish(publication, { stream, id, isNew, expect }, (error, stored) =>
        stored ? resolve(stored) : reject(error as CodedError),
      );
    });
  return { server, connection, until, stream, store };
}

test('a message completes with the stream and the sequence in which it is stored', async (t) => {
  const { stream, store } = await start(t);
  await stream.ensure();
  assert.deepEqual(await store(), { stream: 'ORDERS', sequence: 1, duplicate: false });
  assert.deepEqual(await store({ id: 'a' }), { stream: 'ORDERS', sequence: 2, duplicate: false });
  assert.deepEqual(await store({ id: 'a' }), { stream: 'ORDERS', sequence: 2, duplicate: true });
});

test('an inbox prefix may have characters of several bytes', async (t) => {
  const { stream, store } = await start(t, {}, 'größe.温度');
  await stream.ensure();
  assert.deepEqual(await store({ id: 'a' }), { stream: 'ORDERS', sequence: 1, duplicate: false });
});

test('a stream that is missing is made for the first message', async (t) => {
  const { stream, store } = await start(t);
  assert.equal((await store({ stream })).sequence, 1);
});

test('a subject that nothing stores is an error that names it', async (t) => {
  const { store } = await start(t);
  await assert.rejects(store({ subject: 'nobody' }), (error: CodedError) => {
    assert.equal(error.text, 'NO_STREAM-subject');
    assert.equal(error.values.subject, 'nobody');
    return true;
  });
});

test('what the stream refuses is an error with the reason', async (t) => {
  const { stream, store } = await start(t, { maxMessages: 3 });
  await stream.ensure();
  await store({ id: 'same', isNew: true });
  await assert.rejects(store({ id: 'same', isNew: true }), { code: 'DUPLICATE' });
  const conflicts = [{ lastSequence: 7 }, { lastSubjectSequence: 7 }, { lastMessageId: 'x' }, { stream: 'OTHER' }];
  for (const expect of conflicts) {
    await assert.rejects(store({ expect }), (error: CodedError) => {
      assert.equal(error.code, 'CONFLICT');
      if ('lastSequence' in expect) assert.equal(error.values.actual, '"1"');
      return true;
    });
  }
  await store({ expect: { lastSequence: 1, lastSubjectSequence: 1, lastMessageId: 'same', stream: 'ORDERS' } });
  await store();
  await assert.rejects(store(), { code: 'STREAM_FULL' });
});

test('what was on its way when the server was killed is stored once, in order, when it is back', async (t) => {
  const { server, until, stream, store } = await start(t);
  await stream.ensure();
  const stored: Promise<Stored>[] = [];
  const storeSome = () => {
    for (let i = 0; i < 200; i++)
      stored.push(store({ id: String(stored.length), data: Buffer.from(String(stored.length)) }));
  };
  storeSome();
  await server.kill();
  await until(({ name }) => name === 'disconnected');
  storeSome();
  await server.restart();
  await until(isConnected);
  storeSome();
  const sequences = (await Promise.all(stored)).map(({ sequence }) => sequence);
  assert.deepEqual(
    sequences,
    Array.from({ length: 600 }, (_, index) => index + 1),
  );
  assert.equal((await stream.ensure()).info?.state.messages, 600);
});
