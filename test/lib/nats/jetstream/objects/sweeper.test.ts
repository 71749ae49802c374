import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '../../../../../lib/coded-error';
import type { Attachment, Link } from '../../../../../lib/nats/core/link';
import { Sweeper } from '../../../../../lib/nats/jetstream/objects/sweeper';
import { Inbox } from '../../../../support/inbox';

/** A sweeper, and what it has been told to remove. */
function start() {
  let attachment: Attachment | undefined;
  const sweeper = new Sweeper({
    use: (used) => {
      attachment = used;
      return () => {};
    },
  });
  const runs = new Inbox<string>();
  const failures = new Inbox<CodedError>();
  const add = (name: string, outcomes: (CodedError | undefined)[], againAfterMs = 0) =>
    sweeper.add({
      run: async () => {
        runs.put(name);
        const error = outcomes.shift();
        if (error) throw error;
      },
      onFailed: (error) => failures.put(error),
      againAfterMs,
    });
  return {
    sweeper,
    runs,
    failures,
    add,
    attach: () => attachment?.attach({} as Link),
    detach: () => attachment?.detach(),
    end: () => attachment?.end?.(),
  };
}

test('what is to be removed waits for a connection, and for the next one if that breaks', async (t) => {
  const { sweeper, runs, add, attach, detach, end } = start();
  t.after(end);
  add('a', [new CodedError('CONNECTION_LOST'), undefined]);
  assert.equal(runs.size, 0);
  attach();
  assert.equal(await runs.take(), 'a');
  await sweeper.settled();
  detach();
  attach();
  assert.equal(await runs.take(), 'a');
  await sweeper.settled();
  detach();
  attach();
  add('b', []);
  assert.equal(await runs.take(), 'b');
});

test('it is tried again while the connection lasts, and looked for once more where it may come late', async (t) => {
  const { runs, add, attach, end } = start();
  t.after(end);
  attach();
  add('a', [new CodedError('TIMEOUT')]);
  add('b', [], 1);
  const seen: string[] = [];
  while (seen.length < 4) seen.push(await runs.take());
  assert.deepEqual(seen.sort(), ['a', 'a', 'b', 'b']);
});

test('what cannot be removed is told, once', async (t) => {
  const { sweeper, runs, failures, add, attach, detach, end } = start();
  t.after(end);
  attach();
  add('a', [new CodedError('PERMISSION-request', { subject: 'x' })]);
  assert.equal((await failures.take()).code, 'PERMISSION');
  await sweeper.settled();
  detach();
  attach();
  add('b', []);
  assert.deepEqual([await runs.take(), await runs.take()], ['a', 'b']);
  assert.equal(failures.size, 0);
});
