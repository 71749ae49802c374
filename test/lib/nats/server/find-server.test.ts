import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import {
  checkVersion,
  findNatsServer,
  findProgram,
  OLDEST_VERSION,
  programVersion,
} from '../../../../lib/nats/server/find-server';
import { makeFolder } from '../../../support/folder';

test('a program is the first executable file of its name on the PATH', () => {
  const [first, second] = [join(makeFolder(), 'first'), makeFolder()];
  mkdirSync(join(first, 'natshat-program'), { recursive: true });
  const PATH = ['', '/nowhere', first, second].join(delimiter);
  assert.equal(findProgram('natshat-program', { PATH }), undefined);
  const file = join(second, 'natshat-program');
  writeFileSync(file, '');
  assert.equal(findProgram('natshat-program', { PATH }), undefined, 'not executable');
  writeFileSync(join(second, 'other-program'), '', { mode: 0o755 });
  assert.equal(findProgram('other-program', { PATH }), join(second, 'other-program'));
  assert.equal(findProgram('other-program', {}), undefined);
});

test('NATS_SERVER comes before the PATH, and must be a program', () => {
  const folder = makeFolder();
  const [own, other] = [join(folder, 'own-server'), join(folder, 'nats-server')];
  for (const file of [own, other]) writeFileSync(file, '', { mode: 0o755 });
  assert.equal(findNatsServer({ PATH: folder, NATS_SERVER: own }), own);
  for (const NATS_SERVER of ['', undefined]) assert.equal(findNatsServer({ PATH: folder, NATS_SERVER }), other);
  for (const NATS_SERVER of ['/nowhere/nats-server', folder]) {
    assert.throws(() => findNatsServer({ PATH: folder, NATS_SERVER }), { text: 'NO_PROGRAM-variable' });
  }
});

test('the version of a program is what it prints', async () => {
  const program = join(makeFolder(), 'nats-server');
  for (const [printed, version] of [
    ['nats-server: v2.9.10', '2.9.10'],
    ['nats-server: v2.12.0-RC.1', '2.12.0'],
    ['hello', '0.0.0'],
  ] as const) {
    writeFileSync(program, `#!/bin/sh\necho ${printed}\n`, { mode: 0o755 });
    assert.equal(await programVersion(program), version);
  }
  writeFileSync(program, '#!/bin/sh\nexit 1\n');
  await assert.rejects(programVersion(program), { code: 'SERVER_ENDED' });
  await assert.rejects(programVersion('/nowhere/nats-server'), { code: 'SERVER_ENDED' });
});

test(`a server older than ${OLDEST_VERSION} is refused`, () => {
  for (const version of ['2.9.0', '2.9.10', '2.10.0', '2.11.1', '3.0.0']) checkVersion('nats-server', version);
  for (const version of ['0.0.0', '1.4.1', '2.1.9', '2.8.4']) {
    assert.throws(() => checkVersion('nats-server', version), { code: 'NEEDS_SERVER' }, version);
  }
});
