import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { resultOf, type Steps } from '../../lib/steps';
import { inTimeSlices, type Job, TimeSlices } from '../../lib/time-slices';
import { Clock } from '../support/clock';

/** Makes jobs that record in `done` their name when they run, or the error that they end with. */
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

test('jobs run at once, in order', (t) => {
  new Clock(t);
  const done: unknown[] = [];
  const job = makeJobs(done);
  const slices = new TimeSlices();
  for (const name of ['a', 'b', 'c']) slices.take(job(name));
  assert.deepEqual(done, ['a', 'b', 'c']);
});

test('a burst runs in order, a few milliseconds in each turn of the event loop', async (t) => {
  const clock = new Clock(t);
  const done: unknown[] = [];
  const job = makeJobs(done);
  const slices = new TimeSlices();
  const names = Array.from({ length: 100 }, (_, index) => String(index));
  for (const name of names) slices.take(job(name, () => clock.jump(0.5)));
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

test('a sender that is more than a thousand jobs ahead is held up', (t) => {
  const clock = new Clock(t);
  const done: unknown[] = [];
  const job = makeJobs(done);
  const slices = new TimeSlices();
  for (let count = 0; count < 5000; count++) slices.take(job('', () => clock.jump(1)));
  assert.equal(done.length, 4000);
});

test('finish runs all waiting jobs at once', (t) => {
  const clock = new Clock(t);
  const done: unknown[] = [];
  const job = makeJobs(done);
  const slices = new TimeSlices();
  for (let count = 0; count < 100; count++) slices.take(job('', () => clock.jump(1)));
  assert(done.length < 100);
  slices.finish();
  assert.equal(done.length, 100);
});

test('a job that another job takes runs after the waiting ones', (t) => {
  const clock = new Clock(t);
  const done: unknown[] = [];
  const job = makeJobs(done);
  const slices = new TimeSlices();
  slices.take(job('long', () => clock.jump(10)));
  for (const name of ['a', 'b', 'c']) slices.take(job(name, () => slices.take(job(`after ${name}`))));
  slices.finish();
  assert.deepEqual(done, ['long', 'a', 'b', 'c', 'after a', 'after b', 'after c']);
});

test('a job that throws ends with its error, and the next one runs', (t) => {
  new Clock(t);
  const done: unknown[] = [];
  const job = makeJobs(done);
  const slices = new TimeSlices();
  const error = new Error('no');
  const fail = () => {
    throw error;
  };
  slices.take(job('a', fail));
  slices.take(job('b'));
  assert.deepEqual(done, ['a', error, 'b']);
});

test('cancelled jobs end with an error, and the others run', async (t) => {
  const clock = new Clock(t);
  const done: unknown[] = [];
  const job = makeJobs(done);
  const slices = new TimeSlices();
  const [mine, other] = [{}, {}];
  slices.take(job('long', () => clock.jump(10), mine));
  for (const name of ['a', 'b']) {
    slices.take(job(`my ${name}`, undefined, mine));
    slices.take(job(`other ${name}`, undefined, other));
  }
  slices.cancel(({ owner }) => owner === mine, 'CLOSED');
  assert.deepEqual(done, ['long', 'CLOSED', 'CLOSED']);
  await nextTurn();
  assert.deepEqual(done.slice(3), ['other a', 'other b']);
});

/** A promise that the test settles. */
function makeGate() {
  let resolve!: (value: string) => void;
  let reject!: (error: string) => void;
  const promise = new Promise<string>((...settle) => {
    [resolve, reject] = settle;
  });
  return { promise, resolve, reject };
}

/** Work in so many steps, each of which takes some time. */
function* stepsOf(done: unknown[], name: string, count: number, each = () => {}): Steps<void> {
  for (let step = 1; step <= count; step++) {
    each();
    done.push(`${name} ${step}`);
    yield;
  }
}

test('the steps of a job are done in several slices, and later jobs wait for the last one', async (t) => {
  const clock = new Clock(t);
  const done: unknown[] = [];
  const slices = new TimeSlices();
  const run = () => stepsOf(done, 'step', 9, () => clock.jump(1));
  slices.take({ owner: {}, run, end: (error) => done.push(error) });
  slices.take(makeJobs(done)('after'));
  let before = 0;
  while (slices.isBusy) {
    const inOneTurn = done.length - before;
    assert(inOneTurn > 0 && inOneTurn <= 4, `${inOneTurn} steps of a millisecond in one turn`);
    assert(!done.includes('after'));
    before = done.length;
    await nextTurn();
  }
  await nextTurn();
  assert.deepEqual(done, [...Array.from({ length: 9 }, (_, index) => `step ${index + 1}`), 'after']);
});

test('steps that fit into one slice are done before the call returns', (t) => {
  new Clock(t);
  const done: unknown[] = [];
  const slices = new TimeSlices();
  slices.take({ owner: {}, run: () => stepsOf(done, 'step', 3), end: (error) => done.push(error) });
  assert.deepEqual(done, ['step 1', 'step 2', 'step 3']);
  assert(!slices.isBusy);
});

test('while a step waits for a promise no other job runs; a rejection is thrown inside it', async (t) => {
  new Clock(t);
  const done: unknown[] = [];
  const slices = new TimeSlices();
  const gates = [makeGate(), makeGate()] as const;
  for (const [index, gate] of gates.entries()) {
    const run = function* (): Steps<void> {
      done.push(yield* resultOf(gate.promise));
    };
    slices.take({ owner: {}, run, end: (error) => done.push(`failed ${index}`, error) });
  }
  slices.take(makeJobs(done)('after'));
  await nextTurn();
  slices.finish();
  assert.deepEqual(done, []);
  gates[0].resolve('opened');
  await nextTurn();
  assert.deepEqual(done, ['opened']);
  gates[1].reject('locked');
  await nextTurn();
  assert.deepEqual(done, ['opened', 'failed 1', 'locked', 'after']);
});

test('a job that is cancelled between its steps ends once, and the next one runs', async (t) => {
  new Clock(t);
  for (const settle of ['resolve', 'reject'] as const) {
    const done: unknown[] = [];
    const slices = new TimeSlices();
    const gate = makeGate();
    const owner = {};
    const run = function* (): Steps<void> {
      yield gate.promise;
      done.push('goes on');
    };
    slices.take({ owner, run, end: (error) => done.push(error) });
    slices.take(makeJobs(done)('after'));
    slices.cancel((job) => job.owner === owner, 'CLOSED');
    await nextTurn();
    gate[settle]('');
    await nextTurn();
    assert.deepEqual(done, ['CLOSED', 'after'], settle);
  }
});

test('a step that removes its own job is the last one', (t) => {
  new Clock(t);
  const done: unknown[] = [];
  const slices = new TimeSlices();
  const run = function* (): Steps<void> {
    slices.cancel(() => true, 'CLOSED');
    yield;
    done.push('goes on');
  };
  slices.take({ owner: {}, run, end: (error) => done.push(error) });
  slices.take(makeJobs(done)('after'));
  assert.deepEqual(done, ['CLOSED', 'after']);
});

test('a step may take another job', (t) => {
  new Clock(t);
  const done: unknown[] = [];
  const slices = new TimeSlices();
  const job = makeJobs(done);
  const run = () =>
    stepsOf(done, 'step', 2, () => {
      slices.take(job('taken'));
    });
  slices.take({ owner: {}, run, end: (error) => done.push(error) });
  slices.finish();
  assert.deepEqual(done, ['step 1', 'step 2', 'taken', 'taken']);
});

test('items that fit into one slice are all handled before the call returns', async (t) => {
  new Clock(t);
  const handled: string[] = [];
  const done = inTimeSlices(['a', 'b'], (item) => handled.push(item));
  assert.deepEqual(handled, ['a', 'b']);
  await done;
  await inTimeSlices([], () => assert.fail('there is nothing to handle'));
});

test('many items are handled in order, a few milliseconds in each turn of the event loop', async (t) => {
  const clock = new Clock(t);
  const handled: number[] = [];
  const items = Array.from({ length: 100 }, (_, index) => index);
  let isDone = false;
  const done = inTimeSlices(items, (item) => {
    handled.push(item);
    clock.jump(0.5);
  }).then(() => {
    isDone = true;
  });
  let before = 0;
  while (handled.length < items.length) {
    const inOneTurn = handled.length - before;
    assert(inOneTurn > 0 && inOneTurn <= 8, `${inOneTurn} items of half a millisecond in one turn`);
    assert(!isDone);
    before = handled.length;
    await nextTurn();
  }
  await done;
  assert.deepEqual(handled, items);
});

test('an item that cannot be handled rejects, and the rest is left out', async (t) => {
  new Clock(t);
  const handled: string[] = [];
  const handle = (item: string) => {
    if (item === 'b') throw new Error('no');
    handled.push(item);
  };
  await assert.rejects(inTimeSlices(['a', 'b', 'c'], handle), /no/);
  assert.deepEqual(handled, ['a']);
});

test('a job that throws even when it ends does not keep the others from running', (t) => {
  new Clock(t);
  const done: unknown[] = [];
  const job = makeJobs(done);
  const slices = new TimeSlices();
  const fail = () => {
    throw new Error('no reason');
  };
  slices.take({ owner: {}, run: fail, end: fail });
  slices.take(job('a'));
  assert.deepEqual(done, ['a']);
  slices.cancel(() => true, new Error());
});
