import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseSource } from '../../../../lib/sense-hat/sensors/choose-source';

test('the origin of values is told apart', async () => {
  for (const [device, expected] of [
    ['simulator', 'simulator'],
    ['emulator', 'emulator'],
    ['/dev/i2c-natshat', 'hat'],
  ] as const) {
    const { source, origin } = await chooseSource(device);
    assert.equal(origin, expected);
    source.close();
  }
});
