import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CodedError } from '../../../../lib/coded-error';
import type { Attachment, LinkSubscription } from '../../../../lib/nats/core/link';
import type { Outcome, Publication } from '../../../../lib/nats/core/publication';
import { Exchange, Exchanges } from '../../../../lib/nats/jetstream/exchanges';
import { collectGarbage } from '../../../../scripts/collect-garbage';
import { received } from '../../../support/received';

/** Ends with the first answer. */
class Question extends Exchange {
  readonly repeatForMs = 0;
  readonly publication: Publication = { subject: 'q', data: 'x', confirm: true, whenDown: 'fail', maxAgeMs: 0 };

  constructor(private readonly log: string[]) {
    super();
  }

  onAnswer(): undefined {
    this.log.push('answered');
  }

  onFailed(error: unknown): void {
    this.log.push((error as CodedError).code);
  }
}

/**
 * Exchanges over a fake connection, until the test ends. A test calls the outcomes of the writes itself; while
 * `state.down` is set, each write ends at once with what that returns.
 */
function start(t: TestContext) {
  const outcomes: Outcome[] = [];
  const state: { down?: (() => unknown) | undefined } = {};
  const subscriptions: LinkSubscription[] = [];
  const link = {
    publish: () => {},
    subscribe: (subscription: LinkSubscription) => {
      subscriptions.push(subscription);
      return { unsubscribe: () => {}, drain: async () => {} };
    },
    ping: () => {},
    onPublishDenied: () => {},
  };
  const exchanges = new Exchanges({
    publish: (_publication: Publication, outcome: Outcome) => {
      if (state.down) outcome(state.down());
      else outcomes.push(outcome);
    },
    use: (attachment: Attachment) => {
      attachment.attach(link);
      return () => {};
    },
    inboxPrefix: undefined,
  });
  t.after(() => exchanges.end());
  const answer = (number: number) => {
    const [{ subject, onMessage }] = subscriptions as [LinkSubscription];
    onMessage(received({ subject: subject.replace('*', String(number)) }));
  };
  return { exchanges, outcomes, answer, link, state };
}

test('the outcome of a write changes nothing when the answer came first', (t) => {
  for (const error of [undefined, new CodedError('UNCONFIRMED'), new CodedError('PERMISSION')]) {
    const { exchanges, outcomes, answer } = start(t);
    const log: string[] = [];
    exchanges.send(new Question(log));
    answer(1);
    // The next one has not been answered: it must not be taken for the first one.
    exchanges.send(new Question(log));
    outcomes[0]?.(error);
    assert.deepEqual(log, ['answered']);
    answer(2);
    assert.deepEqual(log, ['answered', 'answered']);
  }
});

test('a write that fails ends its own exchange', (t) => {
  const { exchanges, outcomes, answer } = start(t);
  const logs: string[][] = [[], []];
  for (const log of logs) exchanges.send(new Question(log));
  outcomes[1]?.(new CodedError('PERMISSION'));
  answer(1);
  answer(2);
  assert.deepEqual(logs, [['answered'], ['PERMISSION']]);
});

test('all that waits ends at once with the connection', async (t) => {
  const { exchanges, outcomes } = start(t);
  const log: string[] = [];
  for (let n = 0; n < 5000; n++) exchanges.send(new Question(log));
  for (const outcome of outcomes) outcome();
  const settled = exchanges.settled();
  exchanges.end();
  const counts = ['UNCONFIRMED', 'CLOSED'].map((code) => log.filter((one) => one === code).length);
  assert.deepEqual(counts, [4096, 904]);
  await settled;
});

test('however many wait, each one ends when the server is gone', async (t) => {
  const { exchanges, outcomes, answer, state } = start(t);
  const log: string[] = [];
  for (let n = 0; n < 100_000; n++) exchanges.send(new Question(log));
  assert.equal(outcomes.length, 4096);
  state.down = () => new CodedError('NOT_CONNECTED');
  answer(1);
  while (log.length < 95_905) await nextTurn();
  assert.deepEqual([...new Set(log)], ['answered', 'NOT_CONNECTED']);
  exchanges.end();
  assert.equal(log.length, 100_000);
});

test('however many wait, each one is dropped when the server is gone', async (t) => {
  const { exchanges, answer, state } = start(t);
  const log: string[] = [];
  const waiting = Array.from({ length: 50_000 }, () => new Question(log));
  for (const question of waiting) exchanges.send(question);
  // As `StoredPublishing` does for a message that the outbox drops.
  let dropped = 4096;
  state.down = () => {
    exchanges.withdraw(waiting[dropped++] as Question, new CodedError('DROPPED'));
    return undefined;
  };
  answer(1);
  while (log.length < 45_905) await nextTurn();
  assert.deepEqual([...new Set(log)], ['answered', 'DROPPED']);
});

test('what waits is sent over the next connection, not before the outbox has it', async (t) => {
  const { exchanges, outcomes, link, state } = start(t);
  const log: string[] = [];
  for (let n = 0; n < 5000; n++) exchanges.send(new Question(log));
  for (const outcome of outcomes) outcome();
  exchanges.detach();
  state.down = () => new CodedError('NOT_CONNECTED');
  exchanges.attach(link);
  state.down = undefined;
  // In as many turns as it takes.
  while (outcomes.length + log.length < 5000 + 4096) await nextTurn();
  assert.deepEqual([...new Set(log)], ['UNCONFIRMED']);
  assert.equal(log.length, 4096);
  assert.equal(outcomes.length, 5000);
});

test('what has been answered is forgotten before its write is confirmed', async (t) => {
  const { exchanges, outcomes, answer } = start(t);
  const ask = () => {
    const question = new Question([]);
    exchanges.send(question);
    return new WeakRef(question);
  };
  const questions = Array.from({ length: 100 }, ask);
  for (let number = 1; number < 100; number++) answer(number);
  // A WeakRef keeps its target until the end of the turn.
  await nextTurn();
  collectGarbage();
  const kept = questions.filter((question) => question.deref() !== undefined);
  // One is not answered.
  assert.equal(kept.length, 1);
  assert.equal(outcomes.length, 100);
});
