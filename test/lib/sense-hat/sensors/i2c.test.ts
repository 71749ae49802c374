import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openI2c } from '../../../../lib/sense-hat/sensors/i2c';
import { setI2cAddress } from '../../../../lib/sense-hat/sensors/i2c-address';
import { deviceFolder } from '../../../support/device-file';
import { NO_PYTHON, openFiles } from '../../../support/joystick';

const NO_LINUX = process.platform === 'linux' ? false : 'a device of Linux';

test('anything but an I2C bus is refused without opening it', { skip: NO_LINUX }, async (t) => {
  const folder = deviceFolder(t);
  const file = join(folder, 'file');
  writeFileSync(file, 'x');
  const link = join(folder, 'link');
  symlinkSync('/dev/null', link);
  const before = openFiles();
  for (const [path, code] of [
    [join(folder, 'missing'), 'ENOENT'],
    [file, 'ENOTTY'],
    [folder, 'ENOTTY'],
    [link, 'ENOTTY'],
    ['/dev/null', 'ENOTTY'],
  ] as const) {
    await assert.rejects(openI2c(path, 0x5f), { code }, path);
  }
  assert.equal(openFiles(), before);
});

/** The folder of a program. */
function folderOf(program: string): string {
  return spawnSync('sh', ['-c', `dirname "$(readlink -f "$(command -v ${program})")"`], {
    encoding: 'utf8',
  }).stdout.trim();
}

test('the errno of the call comes from perl, or else from python3; a device without addresses has ENOTTY', {
  skip: NO_LINUX || NO_PYTHON,
}, async (t) => {
  const { PATH } = process.env;
  t.after(() => {
    process.env.PATH = PATH;
  });
  const only = deviceFolder(t);
  const python = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).stdout.trim();
  symlinkSync(python, join(only, 'python3'));
  const fd = openSync('/dev/null', 'r+');
  t.after(() => closeSync(fd));
  for (const [path, code] of [
    [folderOf('perl'), 'ENOTTY'],
    [only, 'ENOTTY'],
    [deviceFolder(t), 'NO_HELPER'],
  ] as const) {
    process.env.PATH = path;
    await assert.rejects(setI2cAddress(fd, 0x5f), { code }, path);
  }
});
