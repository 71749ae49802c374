import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Msg } from 'nats';
import { ReceivedMsg, replyOf, sizeOf, subjectOf } from '../../../../lib/nats/client/received';

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
