import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Job, TimeSlices } from '../../lib/time-slices';
import { Clock } from '../support/clock';

/** Jobs that note in `done` that they ran, or with what they ended. */
function makeJobs(done: unknown[]) {
  return (name: string, run = () => {}, owner = {}): Job => ({
    owner,
    run: () => {
      done.push(name);
      run();
    },
    end: (error) => done.push(error),
  });
}

test('a job is done at once, and jobs in order', () => {
  const done: unknown[] = [];
  const job = makeJobs(done);
  const turns = new TimeSlices();
  for (const name of ['a', 'b', 'c']) turns.take(job(name));
  assert.deepEqual(done, ['a', 'b', 'c']);
});

test('a burst takes a few milliseconds of each turn of the event loop, and its order is kept', async (t) => {
  const clock = new Clock(t);
  const done: unknown[] = [];
  const job = makeJobs(done);
  const turns = new TimeSlices();
  const names = Array.from({ length: 100 }, (_, index) => String(index));
  for (const name of names) turns.take(job(name, () => clock.jump(0.5)));
  const counts: number[] = [];
  while (done.length < names.length) {
    counts.push(done.length);
    await nextTurn();
  }
  assert.deepEqual(done, names);
  counts.forEach((count, turn) => {
    const inOneTurn = count - (counts[turn - 1] ?? 0);
    assert(inOneTurn >= 4 && inOneTurn <= 8, `${inOneTurn} jobs of half a millisecond in one turn`);
  });
});

test('who sends more than a thousand ahead has to wait', (t) => {
  const clock = new Clock(t);
  const done: unknown[] = [];
  const job = makeJobs(done);
  const turns = new TimeSlices();
  for (let count = 0; count < 5000; count++) turns.take(job('', () => clock.jump(1)));
  assert.equal(done.length, 4000);
});

test('what waits can be done at once', (t) => {
  const clock = new Clock(t);
  const done: unknown[] = [];
  const job = makeJobs(done);
  const turns = new TimeSlices();
  for (let count = 0; count < 100; count++) turns.take(job('', () => clock.jump(1)));
  assert(done.length < 100);
  turns.finish();
  assert.equal(done.length, 100);
});

test('what a job leads to is done after what waits', (t) => {
  const clock = new Clock(t);
  const done: unknown[] = [];
  const job = makeJobs(done);
  const turns = new TimeSlices();
  turns.take(job('long', () => clock.jump(10)));
  for (const name of ['a', 'b', 'c']) turns.take(job(name, () => turns.take(job(`after ${name}`))));
  turns.finish();
  assert.deepEqual(done, ['long', 'a', 'b', 'c', 'after a', 'after b', 'after c']);
});

test('a job that throws ends with what it throws, and the next is done', () => {
  const done: unknown[] = [];
  const job = makeJobs(done);
  const turns = new TimeSlices();
  const error = new Error('no');
  const fail = () => {
    throw error;
  };
  turns.take(job('a', fail));
  turns.take(job('b'));
  assert.deepEqual(done, ['a', error, 'b']);
});

test('what waits and is meant ends with an error, and the rest is done', async (t) => {
  const clock = new Clock(t);
  const done: unknown[] = [];
  const job = makeJobs(done);
  const turns = new TimeSlices();
  const [mine, other] = [{}, {}];
  turns.take(job('long', () => clock.jump(10), mine));
  for (const name of ['a', 'b']) {
    turns.take(job(`my ${name}`, undefined, mine));
    turns.take(job(`other ${name}`, undefined, other));
  }
  turns.cancel(({ owner }) => owner === mine, 'CLOSED');
  assert.deepEqual(done, ['long', 'CLOSED', 'CLOSED']);
  await nextTurn();
  assert.deepEqual(done.slice(3), ['other a', 'other b']);
});
