import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Received } from '../../../../lib/nats/client/received';
import { chunkOf, received } from '../../../support/received';

test('the subject is that of the message, even if its bytes are the characters of the previous one', () => {
  for (const subject of ['a', 'a', 'b', 'ab', 'plät', 'plät', 'Ã©', 'é', 'Ã©']) {
    assert.equal(received({ subject }).subject, subject);
  }
});

test('there is a reply subject only if the message has one', () => {
  assert.equal(received({ subject: 'a' }).reply, undefined);
  assert.equal(received({ subject: 'a', reply: 'to.me' }).reply, 'to.me');
});

test('the size is that of subject, reply subject, headers and data', () => {
  const headers = 'NATS/1.0\r\n\r\n';
  assert.equal(received({ subject: 'a', reply: 'to.me', headers, data: 'data' }).size, 1 + 5 + 12 + 4);
  assert.equal(received({ subject: 'é' }).size, 2);
});

test('headers on which the client would throw are read, and the data follows them', () => {
  const message = received({ subject: 'a', headers: 'NATS/1.0\r\na b: c\r\n\r\n', data: 'data' });
  assert.deepEqual([...(message.headers ?? [])], [['a b', ['c']]]);
  assert.equal(message.headers, message.headers);
  assert.equal(message.text, 'data');
  assert.equal(message.data.toString(), 'data');
  assert(!message.isEmpty);
  assert(received({ subject: 'a', headers: 'NATS/1.0\r\n\r\n' }).isEmpty);
  assert.equal(received({ subject: 'a' }).headers, undefined);
});

test('the number that a subject ends with is read behind its first bytes', () => {
  const numberIn = (subject: string) => received({ subject }).numberInSubject('inbox.'.length);
  assert.equal(numberIn('inbox.0'), 0);
  assert.equal(numberIn('inbox.1234567'), 1_234_567);
  for (const subject of ['inbox.', 'inbox.x1', 'inbox.1x', 'inbox.1x2', 'inbox.1.2', 'in']) {
    assert.equal(numberIn(subject), Number.NaN, subject);
  }
});

test('kept messages have the same content, in memory of their own that is no larger', () => {
  const messages = [
    received({ subject: 'plain', data: 'one' }),
    received({ subject: 'rich', reply: 'to.me', headers: 'NATS/1.0\r\nKind: a\r\n\r\n', data: 'two' }),
    received({ subject: 'empty', reply: 'to.you' }),
  ];
  const read = ({ subject, reply, headers, text, size }: Received) => [
    subject,
    reply,
    headers?.get('Kind'),
    text,
    size,
  ];
  const before = [
    ['plain', undefined, undefined, 'one', 8],
    ['rich', 'to.me', 'a', 'two', 33],
    ['empty', 'to.you', undefined, '', 11],
  ];
  const chunks = messages.map(chunkOf);
  Received.keep(messages);
  for (const chunk of chunks) chunk.fill(0x3f);
  assert.deepEqual(messages.map(read), before);
  const memories = new Set(messages.map(({ data }) => data.buffer));
  assert.deepEqual(
    [...memories].map(({ byteLength }) => byteLength),
    [52],
  );
});
