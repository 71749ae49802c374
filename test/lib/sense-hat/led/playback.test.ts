import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isToCome } from '../../../../lib/sense-hat/led/playback';
import { reddening, watchPlayback } from '../../../support/playback';

test('the time of a playback is to come until it is reached; without one it never is', () => {
  const isAt = (startsAt: number | undefined) => isToCome(watchPlayback(reddening(1), { startsAt }).playback, 100);
  assert.deepEqual([undefined, 99, 100, 101].map(isAt), [false, false, false, true]);
});
