import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KEYS } from '../../../../lib/sense-hat/joystick/joystick';
import { readSimulator } from '../../../../lib/sense-hat/joystick/simulated-joystick';
import type { Rotation } from '../../../../lib/sense-hat/rotation';
import { Simulator } from '../../../../lib/sense-hat/simulator/simulator';

test('the keys are those that a viewer of the rotated picture sees, until it is closed', () => {
  const seen: [rotation: Rotation, keys: string][] = [
    [0, 'UP RIGHT DOWN LEFT ENTER'],
    [90, 'LEFT UP RIGHT DOWN ENTER'],
    [180, 'DOWN LEFT UP RIGHT ENTER'],
    [270, 'RIGHT DOWN LEFT UP ENTER'],
  ];
  for (const [rotation, expected] of seen) {
    const hat = new Simulator();
    const keys: string[] = [];
    const close = readSimulator(rotation, ({ key, state }) => state === 'press' && keys.push(key), hat);
    for (const key of KEYS) hat.press(key);
    hat.release('ENTER');
    close();
    hat.press('UP');
    hat.release('UP');
    assert.equal(keys.join(' '), expected);
  }
});
