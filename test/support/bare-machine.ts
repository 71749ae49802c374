import fs, { symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { TestContext } from 'node:test';
import { requireNatsServer } from '../../scripts/nats-server';
import { makeFolder } from './folder';

/** Changes variables of this process until the test ends. */
function setEnv(t: TestContext, changed: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(changed)) {
    const before = process.env[name];
    const set = (text?: string) =>
      text === undefined ? delete process.env[name] : Object.assign(process.env, { [name]: text });
    set(value);
    t.after(() => set(before));
  }
}

/**
 * Hides the nats-server of this machine from this process until the test ends. `aptGet` is a script of the shell in place
 * of apt-get, which can install `$FROM` as `$TO`, the path that is returned.
 */
export function makeBare(t: TestContext, aptGet: string): string {
  const server = requireNatsServer();
  const folder = makeFolder();
  const to = join(folder, 'nats-server');
  const script = `#!/bin/sh\nTO=${to} FROM=${server}\n${aptGet}\n`;
  for (const name of ['apt-get', 'systemctl']) writeFileSync(join(folder, name), script, { mode: 0o755 });
  writeFileSync(join(folder, 'sudo'), '#!/bin/sh\nshift\nexec "$@"\n', { mode: 0o755 });
  symlinkSync('/bin/ln', join(folder, 'ln'));
  setEnv(t, { NATS_SERVER: undefined, PATH: [folder, '/usr/bin', '/bin'].join(delimiter) });
  const { accessSync } = fs;
  t.mock.method(fs, 'accessSync', (path: string, mode: number) => {
    if (path.endsWith('nats-server') && path !== to) throw new Error('hidden');
    accessSync(path, mode);
  });
  return to;
}
