import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Playback } from '../../../../lib/sense-hat/led/playback';
import { PlaybackQueue, queueFull } from '../../../../lib/sense-hat/led/playback-queue';
import { reddening, watchPlayback } from '../../../support/playback';

function playback(properties: Partial<Playback> = {}): Playback {
  return { ...watchPlayback(reddening(1)).playback, ...properties };
}

test('appointments are kept by their time, and those of one time in order', () => {
  const queue = new PlaybackQueue();
  const [first, second, third, fourth] = [100, 200, 200, 300].map((startsAt) => playback({ startsAt }));
  for (const each of [fourth, second, first, third]) queue.appoint(each as Playback);
  assert.equal(queue.nextAppointment, 100);
  assert.equal(queue.takeAppointed(99), undefined);
  assert.equal(queue.takeAppointed(100), first);
  assert.equal(queue.takeAppointed(100), undefined);
  assert.deepEqual(
    [1, 2, 3].map(() => queue.takeAppointed(1e9)),
    [second, third, fourth],
  );
  assert.equal(queue.nextAppointment, Number.POSITIVE_INFINITY);
});

test('what waits in order and what has an appointment is counted, and removed, together', () => {
  const queue = new PlaybackQueue();
  const owner = {};
  const [here, there] = [playback({ owner, bytes: 1 }), playback({ bytes: 2 })];
  const [soon, later] = [playback({ owner, bytes: 4, startsAt: 1 }), playback({ bytes: 8, startsAt: 2 })];
  for (const each of [here, there]) queue.push(each);
  for (const each of [later, soon]) queue.appoint(each);
  assert.deepEqual(queue.all, [here, there, soon, later]);
  assert.equal(queue.bytes, 15);
  const removed = queue.remove((each) => each.owner === owner);
  assert.deepEqual(removed, { inOrder: [here], appointed: [soon] });
  assert.deepEqual(queue.all, [there, later]);
});

test('the replaced ones are the first and all others that replace', () => {
  const queue = new PlaybackQueue();
  assert.deepEqual(queue.takeReplaced(), []);
  const [first, urgent, last] = [playback(), playback({ busy: 'replace' }), playback()];
  for (const each of [first, last, urgent]) queue.push(each);
  assert.deepEqual(queue.takeReplaced(), [first, urgent]);
  assert.deepEqual(queue.all, [last]);
});

test('the bytes are those of the playbacks that wait, however they came and went', () => {
  const queue = new PlaybackQueue();
  const [one, two, four] = [1, 2, 4].map((bytes) => playback({ bytes })) as [Playback, Playback, Playback];
  const replacing = playback({ bytes: 8, busy: 'replace' });
  const soon = playback({ bytes: 16, startsAt: 1 });
  const steps: [string, () => unknown, Playback[]][] = [
    ['push', () => queue.push(two), [two]],
    ['unshift', () => queue.unshift(four, one), [four, one, two]],
    ['appoint', () => queue.appoint(soon), [four, one, two, soon]],
    ['shift', () => queue.shift(), [one, two, soon]],
    ['an appointment to come', () => queue.takeAppointed(0), [one, two, soon]],
    ['an appointment that has come', () => queue.takeAppointed(1), [one, two]],
    ['remove', () => queue.remove((each) => each === one), [two]],
    ['remove none', () => queue.remove(() => false), [two]],
    ['one that replaces', () => queue.push(replacing), [two, replacing]],
    ['another one', () => queue.push(four), [two, replacing, four]],
    ['takeReplaced', () => queue.takeReplaced(), [four]],
    ['a second appointment', () => queue.appoint(soon), [four, soon]],
    ['takeAll', () => queue.takeAll(), [soon]],
    ['shift of nothing', () => queue.shift(), [soon]],
    ['remove all', () => queue.remove(() => true), []],
    ['takeReplaced of nothing', () => queue.takeReplaced(), []],
  ];
  for (const [name, step, left] of steps) {
    step();
    assert.deepEqual(queue.all, left, name);
    const sum = left.reduce((bytes, each) => bytes + each.bytes, 0);
    assert.equal(queue.bytes, sum, name);
  }
});

test('a thousand may wait, of 32 MiB together; a larger one alone', () => {
  assert.equal(queueFull(999, 32 * 2 ** 20), undefined);
  assert.equal(queueFull(1000, 0)?.code, 'QUEUE_FULL');
  assert.deepEqual(queueFull(1, 32 * 2 ** 20 + 1)?.values, { limit: 32 });
  const queue = new PlaybackQueue();
  assert.equal(queue.refusal({ bytes: 1e12 }), undefined);
  queue.push(playback());
  assert.equal(queue.refusal({ bytes: 1e12 })?.code, 'QUEUE_FULL');
});
