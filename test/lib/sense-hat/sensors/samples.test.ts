import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gather } from '../../../../lib/sense-hat/sensors/samples';

test('samples become one array for each quantity, in order, with null where a sample lacks it', () => {
  const samples = [{ compass: 1 }, { acceleration: { x: 1, y: 2, z: 3 }, compass: 2 }, {}];
  assert.deepEqual(gather(samples), { compass: [1, 2, null], acceleration: [null, { x: 1, y: 2, z: 3 }, null] });
});
