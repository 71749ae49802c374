import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shown } from '../../../lib/coded-error';
import { rotationSetting } from '../../../lib/sense-hat/rotation';

test('a rotation is a number or its digits, not what merely counts as 0', () => {
  for (const rotation of [0, 90, 180, 270]) {
    for (const value of [rotation, String(rotation), ` ${rotation} `])
      assert.equal(rotationSetting(value, 0), rotation);
  }
  for (const rotation of [false, [], [90], ' ', '90deg', '180.5', '0 or 90', '0x5a', new Date(0), 45, -90, 360]) {
    const values = { value: shown(rotation) };
    assert.throws(() => rotationSetting(rotation, 90), { code: 'BAD_ROTATION', values }, JSON.stringify(rotation));
  }
});

test('an empty or missing rotation is the fallback', () => {
  for (const empty of [undefined, null, '']) assert.equal(rotationSetting(empty, 270), 270);
});
