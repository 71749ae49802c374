import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Msg, MsgImpl } from 'nats';
import { keep, ReceivedMsg, replyOf, sizeOf, subjectOf } from '../../../../lib/nats/client/received';

/** A message as the client's parser makes it. */
function received(subject: string, reply?: string, headers = '', payload = ''): Msg {
  const data = Buffer.from(headers + payload);
  const head = { subject: Buffer.from(subject), ...(reply && { reply: Buffer.from(reply) }) };
  const hdr = headers ? Buffer.byteLength(headers) : -1;
  return new ReceivedMsg({ ...head, sid: 1, hdr, size: data.length }, data, { publish() {} }) as Msg;
}

test('the subject is that of the message, even if its bytes are the characters of the previous one', () => {
  for (const subject of ['a', 'a', 'b', 'ab', 'plät', 'plät', 'Ã©', 'é', 'Ã©']) {
    assert.equal(subjectOf(received(subject)), subject);
  }
});

test('there is a reply subject only if the message has one', () => {
  assert.equal(replyOf(received('a')), undefined);
  assert.equal(replyOf(received('a', 'to.me')), 'to.me');
});

test('the size is that of subject, reply subject, headers and payload', () => {
  assert.equal(sizeOf(received('a', 'to.me', 'NATS/1.0\r\n\r\n', 'data')), 1 + 5 + 12 + 4);
  assert.equal(sizeOf(received('é')), 2);
});

test('headers on which the client would throw are read, and the payload follows them', () => {
  const message = received('a', undefined, 'NATS/1.0\r\na b: c\r\n\r\n', 'data');
  assert.deepEqual([...(message.headers ?? [])], [['a b', ['c']]]);
  assert.equal(message.headers, message.headers);
  assert.equal(message.string(), 'data');
  assert.equal(received('a').headers, undefined);
});

test('kept messages have the same content, in memory of their own that is no larger', () => {
  const messages = [
    received('plain', undefined, '', 'one'),
    received('rich', 'to.me', 'NATS/1.0\r\nKind: a\r\n\r\n', 'two'),
    received('empty', 'to.you'),
  ];
  const read = (msg: Msg) => [subjectOf(msg), replyOf(msg), msg.headers?.get('Kind'), msg.string(), sizeOf(msg)];
  const before = [
    ['plain', undefined, undefined, 'one', 8],
    ['rich', 'to.me', 'a', 'two', 33],
    ['empty', 'to.you', undefined, '', 11],
  ];
  const windows = messages.flatMap((msg) => {
    const { _msg, _rdata } = msg as MsgImpl;
    return [_msg.subject, _msg.reply, _rdata];
  });
  keep(messages);
  for (const window of windows) window?.fill(0x3f);
  assert.deepEqual(messages.map(read), before);
  const memories = new Set(messages.map(({ data }) => data.buffer));
  assert.deepEqual(
    [...memories].map(({ byteLength }) => byteLength),
    [52],
  );
});
