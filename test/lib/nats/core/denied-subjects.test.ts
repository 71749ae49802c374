import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeniedSubjects } from '../../../../lib/nats/core/denied-subjects';

/** The errors of messages to these subjects, and the subjects of other denied messages. */
function look(denied: DeniedSubjects, sent: string[]) {
  const others: string[] = [];
  const errorOf = denied.errors(
    sent.map((subject) => ({ subject })),
    (subject) => others.push(subject),
  );
  return { texts: sent.map((subject) => errorOf(subject)?.text), others };
}

test('a message is denied, accepted, or in doubt if only some to its subject were denied', () => {
  const denied = new DeniedSubjects();
  assert(denied.isEmpty);
  for (const subject of ['all', 'all', 'some', 'other']) denied.add(subject);
  assert(!denied.isEmpty);
  const { texts, others } = look(denied, ['all', 'all', 'some', 'some', 'none']);
  const [all, some] = ['PERMISSION-publish', 'UNCONFIRMED-refused'];
  assert.deepEqual(texts, [all, all, some, some, undefined]);
  assert.deepEqual(others, ['other']);
});

test('a server that denies without end takes a limited memory; messages that it may have denied are in doubt', () => {
  const denied = new DeniedSubjects();
  denied.add('known');
  const text = 'x'.repeat(1024 * 1024);
  for (let number = 0; number < 100; number++) denied.add(`${text}${number}`);
  denied.add('known');
  const { texts, others } = look(denied, ['known', 'known', 'unknown']);
  assert.deepEqual(texts, ['PERMISSION-publish', 'PERMISSION-publish', 'UNCONFIRMED-refused']);
  assert(others.length < 65, `${others.length} subjects of a megabyte are kept`);
});
