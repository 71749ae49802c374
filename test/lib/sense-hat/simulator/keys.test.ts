import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Keys, PRESS_MS } from '../../../../lib/sense-hat/simulator/keys';

/** Runs with a clock of its own, and returns the events of the joystick, and what is noted among them. */
function keyEvents(run: (keys: Keys, tick: (ms: number) => void, note: (text: string) => void) => void): string[] {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const events: string[] = [];
    const keys = new Keys(({ key, state }) => events.push(`${key} ${state}`));
    run(
      keys,
      (ms) => mock.timers.tick(ms),
      (text) => events.push(text),
    );
    return events;
  } finally {
    mock.timers.reset();
  }
}

test('a held key repeats as a real one does, until it is released', () => {
  const events = keyEvents((keys, tick) => {
    keys.press('UP');
    tick(249);
    for (const ms of [1, 33, 33]) tick(ms);
    keys.release('UP');
    tick(1000);
    keys.release('UP');
  });
  assert.deepEqual(events, ['UP press', 'UP hold', 'UP hold', 'UP hold', 'UP release']);
});

test('another key releases the first, whose own release is then ignored', () => {
  const events = keyEvents((keys) => {
    keys.press('LEFT');
    keys.press('LEFT');
    keys.press('ENTER');
    keys.release('LEFT');
    keys.release('ENTER');
  });
  assert.deepEqual(events, ['LEFT press', 'LEFT release', 'ENTER press', 'ENTER release']);
});

test('a key whose editor has vanished is released by itself, one that is pressed again is not', () => {
  const events = keyEvents((keys, tick, note) => {
    keys.press('DOWN');
    tick(PRESS_MS - 1);
    keys.press('DOWN');
    tick(PRESS_MS - 1);
    note('not yet');
    tick(1);
    note('released');
  }).filter((event) => !event.endsWith('hold'));
  assert.deepEqual(events, ['DOWN press', 'not yet', 'DOWN release', 'released']);
});
