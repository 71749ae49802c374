import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roundTripOf } from '../../../../lib/nats/connection/round-trip';

test('the time until the PONG is measured, and one that does not come is not waited for', async () => {
  const answers: (() => void)[] = [];
  const measured = roundTripOf({ ping: (onPong) => answers.push(onPong) }, 60_000);
  answers[0]?.();
  assert(((await measured) ?? Number.NaN) >= 0);
  assert.equal(await roundTripOf({ ping: () => {} }, 1), undefined);
});
