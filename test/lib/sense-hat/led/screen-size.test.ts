import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { framebufferNumber, readScreenSize } from '../../../../lib/sense-hat/led/screen-size';
import { deviceFolder } from '../../../support/device-file';

test('only devices of the major number 29 are framebuffers', () => {
  for (const [major, minor, number] of [
    [29, 0, 0],
    [29, 1, 1],
    [29, 31, 31],
    [1, 3, undefined],
    [1, 7, undefined],
    [5, 2, undefined],
    [0, 29, undefined],
    [4096 + 29, 0, undefined],
  ] as const) {
    assert.equal(framebufferNumber(BigInt(major * 256 + minor)), number, `${major}:${minor}`);
  }
});

test('the size of a screen is read where the kernel tells it', (t) => {
  const sys = deviceFolder(t);
  mkdirSync(join(sys, 'fb1'));
  assert.equal(readScreenSize(1, sys), undefined);
  writeFileSync(join(sys, 'fb1', 'virtual_size'), '800,480\n');
  assert.equal(readScreenSize(1, sys), undefined);
  writeFileSync(join(sys, 'fb1', 'bits_per_pixel'), '32\n');
  assert.deepEqual(readScreenSize(1, sys), { width: 800, height: 480, bits: 32 });
  assert.equal(readScreenSize(0, sys), undefined);
});
