import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Denial, readDenial, unquote } from '../../../../lib/nats/client/permission-violation';
import { startNatsServer } from '../../../../scripts/nats-server';
import { dialServer } from '../../../support/dial';
import { Inbox } from '../../../support/inbox';

test('unquote reverses the quoting of Go', () => {
  for (const [quoted, text] of [
    ['plain.subject', 'plain.subject'],
    [String.raw`a\"b`, 'a"b'],
    [String.raw`a\\u0041`, 'a\\u0041'],
    [String.raw`zero\u200bwidth`, 'zero\u200bwidth'],
    [String.raw`\U0010fffd!`, '\u{10fffd}!'],
    ['日本', '日本'],
  ] as const) {
    assert.equal(unquote(quoted), text, quoted);
  }
});

test('a denied subject of any characters is read correctly', async (t) => {
  const server = await startNatsServer({
    config:
      'authorization { users: [{ user: u, password: p, permissions: { publish: ok, subscribe: ok } }] }\nno_auth_user: u',
  });
  t.after(() => server.stop());
  const errors = new Inbox<Error>();
  const onError = (error: Error) => errors.put(error);
  const nc = await dialServer(t, server.port, {}, { onError });
  const subjects = [
    'plain',
    'a"b',
    '"',
    'a\\b',
    "it's",
    'zero\u200bwidth',
    '\ue000',
    '\u{10fffd}',
    '日本',
    'x'.repeat(1900),
  ];
  for (const subject of subjects) {
    nc.publish(subject);
    nc.subscribe(subject, { queue: subject, callback: () => {} });
  }
  const published: string[] = [];
  const queues: (string | undefined)[] = [];
  while (published.length + queues.length < 2 * subjects.length) {
    const error = await errors.take();
    assert(error instanceof Denial);
    if (error.operation === 'publish') published.push(error.subject);
    else queues.push(error.queue);
  }
  assert.deepEqual(published, subjects);
  assert.deepEqual(queues, subjects);
});

test('a subscription that loses its permission is identified by its id', () => {
  const denial = readDenial('Permissions Violation for Subscription to "a.b" (sid "17")');
  assert.deepEqual([denial?.operation, denial?.subject, denial?.sid], ['subscription', 'a.b', 17]);
});

test('another error is not a denial', () => {
  assert.equal(readDenial("'Stale Connection'"), undefined);
});
