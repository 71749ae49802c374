import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errors } from 'nats';
import { refusalNumber, refusalsRead, unquote } from '../../../../lib/nats/client/permission-violation';
import { startNatsServer } from '../../../../scripts/nats-server';
import { startPeer } from '../../../support/peer';

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

test('a server that refuses a subject of whatever characters is understood', async (t) => {
  const server = await startNatsServer({
    config:
      'authorization { users: [{ user: u, password: p, permissions: { publish: ok, subscribe: ok } }] }\nno_auth_user: u',
  });
  t.after(() => server.stop());
  const { nc } = await startPeer(t, server.url);
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
  const refused: unknown[] = [];
  for (const subject of subjects) {
    nc.publish(subject);
    nc.subscribe(subject, { queue: subject, callback: (error) => void refused.push(error) });
  }
  const statuses = nc.status()[Symbol.asyncIterator]();
  const published: string[] = [];
  while (published.length < subjects.length) {
    const { value } = await statuses.next();
    const { error } = value as { error?: unknown };
    if (!(error instanceof errors.PermissionViolationError)) continue;
    if (error.operation === 'publish') published.push(error.subject);
  }
  await nc.flush();
  assert.deepEqual(published, subjects);
  assert.deepEqual(
    refused.map((error) => error instanceof errors.PermissionViolationError && error.queue),
    subjects,
  );
});

test('refusals are numbered as they are read', () => {
  const before = refusalsRead();
  const refusals = ['a', 'b'].map((subject) =>
    errors.PermissionViolationError.parse(`Permissions Violation for Publish to "${subject}"`),
  );
  assert.deepEqual(
    refusals.map((refusal) => refusalNumber(refusal as Error) - before),
    [1, 2],
  );
  assert.equal(refusalsRead(), before + 2);
});

test('what is no refusal is none', () => {
  assert.equal(errors.PermissionViolationError.parse("'Stale Connection'"), null);
});
