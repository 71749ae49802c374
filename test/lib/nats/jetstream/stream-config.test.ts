import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CodedError } from '../../../../lib/coded-error';
import { checkDomain, checkStreamName, checkStreamSubjects } from '../../../../lib/nats/jetstream/stream-config';

/** The text of the error that a function throws. */
function thrown(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return (error as CodedError).text;
  }
  return undefined;
}

test('a name has neither dots, wildcards, slashes nor white space', () => {
  for (const name of ['ORDERS', 'bestellungen-2', 'Größe_1']) assert.equal(checkStreamName(name), name);
  for (const name of ['a.b', 'a b', '*', 'a>', 'a/b', 'a\\b', 'a\r\nPUB x 0', 'x'.repeat(256)]) {
    assert.equal(
      thrown(() => checkStreamName(name)),
      'BAD_STREAM',
      JSON.stringify(name),
    );
    assert.equal(
      thrown(() => checkDomain(name)),
      'BAD_STREAM-domain',
      JSON.stringify(name),
    );
  }
  for (const name of ['', undefined])
    assert.equal(
      thrown(() => checkStreamName(name)),
      'BAD_STREAM-missing',
    );
  assert.equal(checkDomain(''), '');
});

test('subjects are separated by commas or lines, and none of them is everything', () => {
  assert.deepEqual(checkStreamSubjects(' a.> , b.*\nc,, \n'), ['a.>', 'b.*', 'c']);
  assert.deepEqual(checkStreamSubjects(''), []);
  for (const all of ['>', '*', '*.>', 'a, >'])
    assert.equal(
      thrown(() => checkStreamSubjects(all)),
      'BAD_SUBJECT-all',
    );
  for (const bad of ['a..b', 'a b', 'a.>.b'])
    assert.equal(
      thrown(() => checkStreamSubjects(bad)),
      'BAD_SUBJECT-subscribe',
    );
});
