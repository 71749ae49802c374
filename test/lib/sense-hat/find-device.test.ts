import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findDevice } from '../../../lib/sense-hat/find-device';
import { deviceFolder } from '../../support/device-file';

/** Makes a tree like `/sys/class/...`, with these texts by path. */
function makeSys(t: TestContext, files: Record<string, string>): string {
  const sys = deviceFolder(t);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(sys, path)), { recursive: true });
    writeFileSync(join(sys, path), text);
  }
  return sys;
}

const KIND = { entry: /^lamp\d+$/, nameFile: 'about/name', name: 'My Lamp', dev: '/dev/lamps' };

test('a device is found by the name given by its driver, whatever its number', (t) => {
  const sys = makeSys(t, {
    'lamp0/about/name': 'Another Lamp\n',
    'lamp1/about/other': 'My Lamp\n',
    'lamp12/about/name': 'My Lamp\n',
    'lampshade/about/name': 'My Lamp\n',
  });
  assert.equal(findDevice({ ...KIND, sys }), '/dev/lamps/lamp12');
});

test('without such a device nothing is found', (t) => {
  assert.equal(findDevice({ ...KIND, sys: makeSys(t, { 'lamp0/about/name': 'My Lamp 2\n' }) }), undefined);
  assert.equal(findDevice({ ...KIND, sys: join(deviceFolder(t), 'missing') }), undefined);
});
