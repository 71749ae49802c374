import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beginRound, endScene, isComplete, sceneOf, start } from '../../../../lib/sense-hat/led/playing';
import { reddening, watchPlayback } from '../../../support/playback';

const SCENES = [reddening(3), reddening(2)];

test('the scenes follow each other, and after the last one a round is over', () => {
  const playing = start(watchPlayback(SCENES).playback);
  assert.equal(sceneOf(playing).animation, SCENES[0]);
  assert.equal(beginRound(playing, 7), 7);
  assert.equal(endScene(playing, 37), false);
  assert.equal(sceneOf(playing).animation, SCENES[1]);
  assert.equal(endScene(playing, 57), true);
  assert.deepEqual([playing.scene, playing.rounds, playing.drawn, playing.startedAt], [0, 1, -1, 57]);
});

test('one that has a time begins each round by it, and skips those that are over', () => {
  const playing = start(watchPlayback(SCENES, { startsAt: 1000, repeat: 9 }).playback);
  // A round takes 50 ms.
  assert.equal(beginRound(playing, 1120), 1100);
  assert.equal(playing.missed, 2);
  for (const _ of SCENES) endScene(playing, 1150);
  assert.equal(playing.startedAt, undefined);
  assert.equal(beginRound(playing, 1151), 1150);
});

test('an endless one is complete after a round, any other is not', () => {
  for (const [repeat, rounds, expected] of [
    [0, 0, false],
    [0, 1, true],
    [2, 1, false],
  ] as const) {
    assert.equal(isComplete(start(watchPlayback(SCENES, { repeat }).playback, rounds)), expected);
  }
});

test('a change applies to the projections of all scenes, which stay as they are', () => {
  const { playback } = watchPlayback(SCENES);
  const playing = start({ ...playback, change: { rotation: 90 } });
  assert.equal(sceneOf(playing).projection.rotation, 90);
  assert.deepEqual(
    playback.sequence.scenes.map(({ projection }) => projection.rotation),
    [0, 0],
  );
});
