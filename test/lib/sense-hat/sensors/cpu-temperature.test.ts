import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CpuTemperature } from '../../../../lib/sense-hat/sensors/cpu-temperature';
import { deviceFolder } from '../../../support/device-file';

test('the temperature of the processor is the mean of the last three readings', async (t) => {
  const path = join(deviceFolder(t), 'temp');
  const cpu = new CpuTemperature(path);
  const means: (number | undefined)[] = [];
  for (const thousandths of ['50000\n', '56000\n', '53000\n', '59000\n', '-1000\n']) {
    writeFileSync(path, thousandths);
    means.push(await cpu.read());
  }
  assert.deepEqual(means, [50, 53, 53, 56, 37]);
});

test('a file that is missing or holds no number has no temperature, and is not averaged with old ones', async (t) => {
  const path = join(deviceFolder(t), 'temp');
  const cpu = new CpuTemperature(path);
  writeFileSync(path, '90000\n');
  await cpu.read();
  for (const text of ['', 'hot', '5e3', '50000 60000']) {
    writeFileSync(path, text);
    assert.equal(await cpu.read(), undefined, text);
  }
  rmSync(path);
  assert.equal(await cpu.read(), undefined);
  writeFileSync(path, '50000\n');
  assert.equal(await cpu.read(), 50);
});
