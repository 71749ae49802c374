import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  install,
  installCommands,
  type Machine,
  packageManager,
  typedCommand,
} from '../../../../lib/nats/server/installer';
import { makeFolder } from '../../../support/folder';

/** A machine with these programs, which write down how they are called. */
function machineWith(programs: Record<string, string>, machine: Machine = {}) {
  const folder = makeFolder();
  const log = join(folder, 'log');
  writeFileSync(log, '');
  for (const [name, script] of Object.entries(programs)) {
    const text = `#!/bin/sh\necho ${name} "$@" >> ${log}\n${script}\n`;
    writeFileSync(join(folder, name), text, { mode: 0o755 });
  }
  const calls = () => readFileSync(log, 'utf8').trimEnd().split('\n').filter(Boolean);
  const defaults: Machine = { platform: 'linux', isRoot: true, hasSystemd: false };
  return { calls, folder, machine: { ...defaults, env: { PATH: `${folder}:/bin` }, ...machine } };
}

const UPDATE = 'apt-get -q update';
const INSTALL = 'apt-get -q -y install --no-install-recommends nats-server';
const DISABLE = 'systemctl disable --now nats-server';

test('what a person types is for the package manager of the machine', () => {
  const apt = 'apt-get update && apt-get install nats-server';
  const sudo = 'sudo apt-get update && sudo apt-get install nats-server';
  for (const [given, programs, typed] of [
    [{}, ['apt-get', 'sudo'], sudo],
    [{ hasSystemd: true }, ['apt-get', 'sudo'], `${sudo} && sudo ${DISABLE}`],
    [{ isRoot: true }, ['apt-get'], apt],
    [{ hasSystemd: true }, ['apt-get'], `su -c '${apt} && ${DISABLE}'`],
    [{ platform: 'darwin' }, ['brew', 'sudo'], 'brew install nats-server'],
    [{ platform: 'freebsd' }, ['pkg', 'sudo'], undefined],
    [{ platform: 'win32' }, ['choco'], undefined],
  ] as const) {
    const { folder, machine } = machineWith(Object.fromEntries(programs.map((name) => [name, ''])));
    // The machine of the test has apt, and may have sudo.
    const own: Machine = { ...machine, isRoot: false, ...given, env: { PATH: folder } };
    assert.equal(typedCommand(own), typed);
    assert.equal(packageManager(own), typed && programs[0]);
  }
});

test('root installs with apt-get, and leaves no service behind that takes the port', async () => {
  const programs = { 'apt-get': '', systemctl: '', sudo: '' };
  for (const [hasSystemd, expected] of [
    [false, [UPDATE, INSTALL]],
    [true, [UPDATE, INSTALL, DISABLE]],
  ] as const) {
    const { machine, calls } = machineWith(programs, { hasSystemd });
    await install(machine);
    assert.deepEqual(calls(), expected);
  }
});

test('others install with sudo if that asks for no password', async () => {
  const programs = { 'apt-get': '', sudo: 'shift; "$@"' };
  const { machine, calls } = machineWith(programs, { isRoot: false });
  await install(machine);
  assert.deepEqual(calls(), ['sudo -n true', `sudo -n ${UPDATE}`, UPDATE, `sudo -n ${INSTALL}`, INSTALL]);

  for (const sudo of ['exit 1', undefined]) {
    const asked = machineWith({ 'apt-get': '', ...(sudo && { sudo }) }, { isRoot: false });
    asked.machine.env = { PATH: asked.machine.env?.PATH?.replace(':/bin', '') as string };
    assert.equal(await installCommands(asked.machine), undefined);
    await assert.rejects(install(asked.machine), { text: 'INSTALL_FAILED-password' });
    assert(!asked.calls().some((call) => call.includes('install')));
  }
});

test('Homebrew installs as the user, and never as root', async () => {
  for (const isRoot of [false, true]) {
    const { machine, calls } = machineWith({ brew: '' }, { platform: 'darwin', isRoot });
    if (isRoot) await assert.rejects(install(machine), { text: 'INSTALL_FAILED-password' });
    else await install(machine);
    assert.deepEqual(calls(), isRoot ? [] : ['brew install nats-server']);
  }
});

test('an installation that fails says why and what to type', async () => {
  const programs = { 'apt-get': 'echo W: old >&2; echo E: no network >&2; exit 100', sudo: '' };
  const { machine, calls } = machineWith(programs);
  await assert.rejects(install(machine), (error: { text: string; values: object }) => {
    assert.equal(error.text, 'INSTALL_FAILED');
    const command = 'sudo apt-get update && sudo apt-get install nats-server';
    assert.deepEqual(error.values, { reason: 'E: no network', command });
    return true;
  });
  assert.deepEqual(calls(), [UPDATE]);
  const { machine: other } = machineWith({}, { platform: 'freebsd' });
  await assert.rejects(install(other), { text: 'INSTALL_FAILED-manual' });
});
