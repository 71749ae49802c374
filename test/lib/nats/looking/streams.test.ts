import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deleteConsumer, listStreams, lookAtMessage, purgeStream } from '../../../../lib/nats/looking/streams';

/** An API that answers every request with the same, and remembers them. */
function answering(answer: object) {
  const asked: [subject: string, body: unknown][] = [];
  const request = async (subject: string, body: unknown) => {
    asked.push([subject, body]);
    return answer;
  };
  return { api: { request } as never, asked };
}

test('streams are listed by name, without what a server cannot say about them', async () => {
  const state = {
    messages: 0,
    bytes: 0,
    first_seq: 0,
    last_seq: 0,
    first_ts: '0001-01-01T00:00:00Z',
    consumer_count: 0,
  };
  const stream = (name: string) => ({ config: { name, subjects: Array(30).fill('s') }, state });
  const { api, asked } = answering({ total: 400, streams: [stream('B'), { config: { name: 'C' } }, stream('A')] });
  const { streams, total } = await listStreams(api, '$KV.>');
  assert.deepEqual([streams.map(({ name }) => name), total], [['A', 'B'], 400]);
  assert.deepEqual([streams[0]?.subjects.length, streams[0]?.oldest], [20, undefined]);
  assert.deepEqual(asked, [['STREAM.LIST', { offset: 0, subject: '$KV.>' }]]);
  assert.deepEqual(await listStreams(answering({ total: 0, streams: null }).api), { streams: [], total: 0 });
});

test('no invalid name or number gets into a request', async () => {
  const { api, asked } = answering({});
  for (const name of ['', 'a.b', '>', 'a b', 'a\r\nb', 5, null, undefined, {}]) {
    await assert.rejects(purgeStream(api, name), { code: 'BAD_STREAM' });
    await assert.rejects(deleteConsumer(api, name, 'c'), { code: 'BAD_STREAM' });
    await assert.rejects(deleteConsumer(api, 'S', name), { code: 'BAD_CONSUMER' });
    await assert.rejects(lookAtMessage(api, { stream: name, sequence: 1, form: 'text' }), { code: 'BAD_STREAM' });
  }
  for (const sequence of [0, -1, 1.5, 'x', Infinity, {}]) {
    await assert.rejects(lookAtMessage(api, { stream: 'S', sequence, form: 'text' }), { code: 'BAD_NUMBER' });
  }
  assert.deepEqual(asked, []);
});
