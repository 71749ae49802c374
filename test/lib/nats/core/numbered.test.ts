import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Numbered } from '../../../../lib/nats/core/numbered';
import { makeRandom } from '../../../../scripts/random';

test('things are found by their numbers until they are removed', () => {
  const numbered = new Numbered<string>();
  assert.deepEqual([numbered.add('a'), numbered.add('b')], [1, 2]);
  assert.equal(numbered.find(1), 'a');
  assert.equal(numbered.remove(1), true);
  assert.equal(numbered.remove(1), false);
  assert.equal(numbered.find(1), undefined);
  assert.equal(numbered.size, 1);
  for (const none of [0, -1, 3, 66, 1.5, Number.NaN, 2 ** 32 + 2, 2 ** 53]) {
    assert.equal(numbered.find(none), undefined, String(none));
    assert.equal(numbered.remove(none), false, String(none));
  }
  assert.deepEqual(numbered.all(), ['b']);
});

test('things stay as they were however many others come and go, and in their order', () => {
  const numbered = new Numbered<number>();
  const open = new Map<number, number>();
  const random = makeRandom(1);
  let largest = 0;
  for (let round = 0; round < 20_000; round++) {
    // Up to 3,000 at once, then fewer, and so on; some stay for long.
    const wanted = round % 4000 < 2000 ? 3000 : 10;
    if (open.size < wanted) {
      for (let n = 0; n < 3; n++) {
        const number = numbered.add(round);
        assert(number > largest, `${number} after ${largest}`);
        largest = number;
        open.set(number, round);
      }
    }
    const numbers = open.keys();
    for (let n = random.below(5); n >= 0; n--) {
      const number = numbers.next().value;
      if (number === undefined || (number % 97 === 0 && random.below(500) > 0)) continue;
      assert.equal(numbered.find(number), open.get(number));
      assert.equal(numbered.remove(number), open.delete(number));
    }
    assert.equal(numbered.size, open.size);
  }
  assert.deepEqual(numbered.all(), [...open.values()]);
});
