import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CodedError } from '../../../../lib/coded-error';
import type { ChosenSource } from '../../../../lib/sense-hat/sensors/choose-source';
import { reportRoom } from '../../../../lib/sense-hat/sensors/room';
import { deviceFolder } from '../../../support/device-file';

test('the factor follows from what is measured once the chip has a value', async (t) => {
  const cpuPath = join(deviceFolder(t), 'temp');
  writeFileSync(cpuPath, '55000\n');
  let reads = 0;
  let closed = 0;
  const source = {
    troubles: [new CodedError('SENSOR')],
    read: async () => ({ time: 1, ...(++reads > 2 && { temperature: 35 }) }),
    close: () => closed++,
  };
  const open = async (device: string): Promise<ChosenSource> => ({
    source,
    origin: device === 'simulator' || device === 'emulator' ? device : 'hat',
  });
  const report = await reportRoom({ room: 21.5, device: '', open, cpuPath });
  assert.deepEqual(report, { factor: 1.48, measured: 35, cpu: 55 });
  await assert.rejects(reportRoom({ room: 40, device: '', open, cpuPath }), { text: 'BAD_ROOM-warmer' });
  await assert.rejects(reportRoom({ room: 21, device: '', open, cpuPath: `${cpuPath}x` }), {
    code: 'NO_CPU_TEMPERATURE',
  });
  for (const device of ['simulator', 'emulator']) {
    await assert.rejects(reportRoom({ room: 21, device, open, cpuPath }), { code: 'NO_HAT' });
  }
  assert.equal(closed, 5);
});

test('without a temperature it is the trouble of the chip', async (t) => {
  let now = 0;
  t.mock.method(performance, 'now', () => (now += 2000));
  const troubles = [new CodedError('SENSOR')];
  const source = { troubles, read: async () => ({ time: 1 }), close: () => {} };
  const open = async (): Promise<ChosenSource> => ({ source, origin: 'hat' });
  await assert.rejects(reportRoom({ room: 21, device: '', open }), troubles[0]);
  troubles.length = 0;
  await assert.rejects(reportRoom({ room: 21, device: '', open }), { code: 'NO_TEMPERATURE' });
});
