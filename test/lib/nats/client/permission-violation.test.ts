import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dial } from '../../../../lib/nats/client/dial';
import { Denial, readDenial, unquote } from '../../../../lib/nats/client/permission-violation';
import { startNatsServer } from '../../../../scripts/nats-server';

test('what Go has quoted becomes what it was', () => {
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

test('a denied subject of any characters is read as it was, and denials are numbered in their order', async (t) => {
  const server = await startNatsServer({
    config:
      'authorization { users: [{ user: u, password: p, permissions: { publish: ok, subscribe: ok } }] }\nno_auth_user: u',
  });
  t.after(() => server.stop());
  const nc = await dial({ servers: server.url });
  t.after(() => nc.close());
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
  const denied: unknown[] = [];
  for (const subject of subjects) {
    nc.publish(subject);
    nc.subscribe(subject, { queue: subject, callback: (error) => void denied.push(error) });
  }
  const statuses = nc.status()[Symbol.asyncIterator]();
  const published: string[] = [];
  const numbers: number[] = [];
  while (published.length < subjects.length) {
    const { value } = await statuses.next();
    const { error } = value as { error?: unknown };
    if (!(error instanceof Denial)) continue;
    numbers.push(error.number);
    if (error.operation === 'publish') published.push(error.subject);
  }
  await nc.flush();
  assert.deepEqual(published, subjects);
  assert.deepEqual(
    denied.map((error) => error instanceof Denial && error.queue),
    subjects,
  );
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => index + 1),
  );
});

test('another error is no denial', () => {
  assert.equal(readDenial("'Stale Connection'", 1), undefined);
});
