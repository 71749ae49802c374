import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReceivedSequences } from '../../../../../lib/nats/jetstream/consuming/received-sequences';

/** Those that may be lost after some have been received; `|` stands for a broken connection. */
function mayBeLost(course: string, settled = 0): number[] {
  const received = new ReceivedSequences();
  for (const step of course.split(' ')) {
    if (step === '|') received.doubt(settled);
    else received.add(Number(step));
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
    ['1 | 1 4', [2, 3]],
    ['1 | 5 3', [2, 4]],
    ['1 | 5 3 4 2', []],
    ['| 3', [1, 2]],
  ];
  for (const [course, expected] of cases) assert.deepEqual(mayBeLost(course), expected, course);
  assert.deepEqual(mayBeLost('1 | 4 | 6 |', 3), [5]);
});

test('a consumer that is made again begins with what may be lost', () => {
  const received = new ReceivedSequences();
  received.startAfter(3);
  assert.equal(received.firstMissing, 4);
  received.doubt(0);
  received.add(6);
  assert.equal(received.firstMissing, 4);
  received.forgetAfter(0);
  assert.equal(received.firstMissing, 1);
});
