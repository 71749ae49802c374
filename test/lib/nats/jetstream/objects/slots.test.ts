import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Slots } from '../../../../../lib/nats/jetstream/objects/slots';

test('only so many have a slot at once, and the others get one in order', async () => {
  const slots = new Slots(2);
  const got: number[] = [];
  const all = [0, 1, 2, 3].map((number) => slots.take().then(() => got.push(number)));
  await Promise.all(all.slice(0, 2));
  assert.deepEqual(got, [0, 1]);
  for (const expected of [2, 3]) {
    slots.release();
    await all[expected];
    assert.equal(got.at(-1), expected);
  }
  slots.release();
  slots.release();
  await Promise.all([slots.take(), slots.take()]);
});
