import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sequence } from '../../../../lib/sense-hat/led/animation';
import { DEFAULT_OPTIONS } from '../../../../lib/sense-hat/led/options';
import { roundAt } from '../../../../lib/sense-hat/led/schedule';

/** Scenes with a number of pictures and the period of each. */
function sequence(scenes: [length: number, periodMs: number][], repeat: number): Sequence {
  const animations = scenes.map(([length, periodMs]) => ({ length, periodMs, pictureAt: () => new Uint8Array(192) }));
  return {
    label: { kind: 'animation' },
    scenes: animations.map((animation) => ({ animation, projection: DEFAULT_OPTIONS })),
    repeat,
  };
}

/** Rounds of 700 ms. */
const SCENES: [number, number][] = [
  [5, 100],
  [1, 0],
  [4, 50],
];

test('the round follows from the time; before the first and after the last one there is none', () => {
  for (const [now, repeat, index, beganAt] of [
    [-5000, 3, 0, 1000],
    [1000, 3, 0, 1000],
    [1699, 3, 0, 1000],
    [1700, 3, 1, 1700],
    [2399, 3, 1, 1700],
    [2400, 3, 2, 2400],
    [1e15, 3, 2, 2400],
    [1700, 1, 0, 1000],
    [1000 + 700 * 1e9, 0, 1e9, 1000 + 700 * 1e9],
  ] as const) {
    assert.deepEqual(roundAt(sequence(SCENES, repeat), 1000, now), { index, beganAt }, `${now}, ${repeat} times`);
  }
});

test('a round is never shown again', () => {
  assert.deepEqual(roundAt(sequence(SCENES, 0), 1000, 1699.999, 1), { index: 1, beganAt: 1700 });
});

test('a sequence without a duration has its first round only', () => {
  assert.deepEqual(roundAt(sequence([[1, 0]], 5), 1000, 9000), { index: 0, beganAt: 1000 });
});
