import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceError, isMissing } from '../../../lib/sense-hat/device-error';

/** The error text of each errno for the framebuffer and for the joystick. */
const CASES: [errno: string, framebuffer: string, joystick: string][] = [
  ['EACCES', 'DEVICE-permission', 'DEVICE-joystick-permission'],
  ['EPERM', 'DEVICE-permission', 'DEVICE-joystick-permission'],
  ['ENOENT', 'DEVICE-missing', 'DEVICE'],
  ['ENOTDIR', 'DEVICE-missing', 'DEVICE'],
  ['ENODEV', 'DEVICE-missing', 'DEVICE'],
  ['ENXIO', 'DEVICE-missing', 'DEVICE'],
  ['ELOOP', 'DEVICE-kind', 'DEVICE-joystick'],
  ['EISDIR', 'DEVICE-kind', 'DEVICE-joystick'],
  ['EIO', 'DEVICE', 'DEVICE'],
  ['EBUSY', 'DEVICE', 'DEVICE'],
];

test('a failed system call has a text that gives advice where possible, with path, errno and cause', () => {
  for (const [reason, framebuffer, joystick] of CASES) {
    const cause = Object.assign(new Error(reason), { code: reason });
    for (const [device, text] of Object.entries({ framebuffer, joystick })) {
      const error = deviceError(device as 'framebuffer' | 'joystick', '/dev/x', cause);
      assert.deepEqual([error.code, error.text], ['DEVICE', text], `${device} ${reason}`);
      assert.deepEqual(error.values, { path: '/dev/x', reason });
      assert.equal(error.cause, cause);
    }
  }
});

test('an error without an errno is a plain DEVICE', () => {
  const error = deviceError('framebuffer', '/dev/x', new Error('no code'));
  assert.deepEqual([error.text, error.values.reason], ['DEVICE', 'undefined']);
});

test('a device that was never there or has gone is missing', () => {
  for (const errno of ['ENOENT', 'ENOTDIR', 'ENODEV', 'ENXIO', 'ECONNREFUSED']) assert(isMissing(errno), errno);
  for (const errno of ['EACCES', 'EPERM', 'ELOOP', 'EISDIR', 'EIO', 'EBUSY', 'undefined', 'toString', ''])
    assert(!isMissing(errno), errno);
});
