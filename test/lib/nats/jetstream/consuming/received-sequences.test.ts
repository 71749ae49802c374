import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReceivedSequences } from '../../../../../lib/nats/jetstream/consuming/received-sequences';

/**
 * Returns the sequences that may be lost after a course of events: `2`, a message arrives; `2r`, one that the server has
 * sent before; `|`, the connection breaks; `|9`, and the server then says that it has sent everything up to 9; `|9s`, and
 * that it has verdicts on all of it.
 */
function mayBeLost(course: string): number[] {
  const received = new ReceivedSequences();
  for (const step of course.split(' ')) {
    const sequence = Number(step.replace(/\D/g, ''));
    if (!step.startsWith('|')) received.add(sequence, !step.endsWith('r'));
    else {
      received.doubt();
      if (sequence > 0) received.learnSent(sequence, step.endsWith('s'));
    }
  }
  return Array.from({ length: received.highest }, (_, index) => index + 1).filter((one) => received.mayBeLost(one));
}

test('what an outage has left out may be lost until it arrives', () => {
  const cases: [string, number[]][] = [
    ['1 2 5', []],
    ['1 | 2', []],
    ['1 | 4', [2, 3]],
    ['1 | 4 7', [2, 3]],
    ['1 | 4 | 6', [2, 3, 5]],
    ['1 | 1r 4', [2, 3]],
    ['1 | 3r', [2]],
    ['1 | 3r 6', [2, 4, 5]],
    ['1 | 3r 2r 6 | 8', [4, 5, 7]],
    ['1 | 3r | 4r 6 9', [2, 5]],
    ['1 | 5 3r', [2, 4]],
    ['1 | 5 3r 4r 2r', []],
    ['| 3', [1, 2]],
    ['1 |1 3 5', [2]],
    ['1 |4', [2, 3, 4]],
    ['1 |4 6 8', [2, 3, 4, 5]],
    // A message that the server could not send before is one that it sends for the first time.
    ['1 |4 2 6', [3, 4, 5]],
    ['1 |4 |4 3 |6 8', [2, 4, 5, 6, 7]],
    ['1 | 4 | 6 |6s', []],
    ['1 |4 |3s', [2, 3, 4]],
    ['1 | 4 |8s 12', [9, 10, 11]],
  ];
  for (const [course, expected] of cases) assert.deepEqual(mayBeLost(course), expected, course);
});

test('what a missing delivery left out may be lost', () => {
  const received = new ReceivedSequences();
  const deliver = (delivery: number, sequence: number) => {
    received.follow(delivery);
    received.add(sequence, true);
  };
  deliver(1, 10);
  deliver(2, 12);
  assert.equal(received.firstMissing, 13);
  deliver(4, 15);
  deliver(5, 17);
  assert.equal(received.firstMissing, 13);
  assert.deepEqual(
    [11, 13, 14, 16].filter((sequence) => received.mayBeLost(sequence)),
    [13, 14],
  );
});

test('a consumer that is made again begins with what may be lost', () => {
  const received = new ReceivedSequences();
  received.startAfter(3);
  assert.equal(received.firstMissing, 4);
  received.doubt();
  received.add(6, true);
  assert.equal(received.firstMissing, 4);
  received.learnSent(8, false);
  assert.equal(received.firstMissing, 4);
  received.learnSent(8, true);
  assert.equal(received.firstMissing, 9);
  received.forgetAfter(0);
  assert.equal(received.firstMissing, 1);
});
