import assert from 'node:assert/strict';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { CodedError } from '../../../../lib/coded-error';
import { grab } from '../../../../lib/sense-hat/joystick/grab';
import { deviceFolder } from '../../../support/device-file';
import { children, until } from '../../../support/joystick';

const NO_LINUX = process.platform === 'linux' ? false : 'an ioctl of Linux';
const PROGRAMS = '/usr/bin';

/** Grabs a device that cannot be grabbed, with only some programs in the path. */
function grabZero(t: TestContext, programs: string[]) {
  const folder = deviceFolder(t);
  const complaints = join(folder, 'complaints');
  for (const program of programs) {
    const script = `#!/bin/sh\nexec ${join(PROGRAMS, program)} "$@" 2>>${complaints}\n`;
    writeFileSync(join(folder, program), script, { mode: 0o755 });
  }
  const { PATH } = process.env;
  const fd = openSync('/dev/zero', 'r');
  process.env.PATH = folder;
  try {
    let stop = () => {};
    const failure = new Promise<CodedError>((resolve) => {
      stop = grab(fd, '/dev/zero', resolve);
    });
    return { failure, stop: () => stop(), complaints: () => readFileSync(complaints, 'utf8') };
  } finally {
    process.env.PATH = PATH;
    closeSync(fd);
  }
}

for (const program of ['perl', 'python3']) {
  const skip = NO_LINUX || (existsSync(join(PROGRAMS, program)) ? false : `no ${program}`);
  test(`a device that cannot be grabbed is reported with the kernel's reason, by ${program}`, { skip }, async (t) => {
    const { failure, complaints } = grabZero(t, ['sh', program]);
    const { text, values } = await failure;
    assert.deepEqual([text, values], ['DEVICE-grab', { path: '/dev/zero', reason: 'ENOTTY' }]);
    assert.equal(complaints(), '', `${program} itself has not failed`);
  });
}

test('without perl and Python the programs to install are named', { skip: NO_LINUX }, async (t) => {
  const { text, values } = await grabZero(t, ['sh']).failure;
  assert.deepEqual([text, values], ['DEVICE-grab-program', { path: '/dev/zero' }]);
});

test('without a shell the reason is that of the system', { skip: NO_LINUX }, async (t) => {
  const { text } = await grabZero(t, []).failure;
  assert.equal(text, 'DEVICE-grab');
});

test('nothing is reported once it is stopped, and no process stays', { skip: NO_LINUX }, async (t) => {
  const before = children().length;
  const { failure, stop } = grabZero(t, ['sh', 'perl']);
  stop();
  await until(() => children().length <= before);
  assert.equal(await Promise.race([failure, setImmediate('nothing')]), 'nothing');
});
