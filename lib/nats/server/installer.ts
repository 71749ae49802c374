import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { CodedError } from '../../coded-error';
import { type Environment, findProgram } from './find-server';

/** A program and its arguments. */
export type Command = [program: string, ...args: string[]];

/** Where to download a server without a package manager. */
export const DOWNLOADS = 'https://nats.io/download/';

/** The package managers that have `nats-server`. */
export type PackageManager = 'apt-get' | 'brew' | 'winget' | 'scoop';

const AGREED = ['--silent', '--accept-package-agreements', '--accept-source-agreements'];

/** What installs `nats-server` with each package manager; `apt-get` needs the rights of root. */
export const INSTALLING: Record<PackageManager, Command[]> = {
  'apt-get': [
    ['apt-get', '-q', 'update'],
    ['apt-get', '-q', '-y', 'install', '--no-install-recommends', 'nats-server'],
  ],
  brew: [['brew', 'install', 'nats-server']],
  winget: [['winget', 'install', '--id', 'NATSAuthors.NATSServer', ...AGREED]],
  scoop: [['scoop', 'install', 'nats-server']],
};

/** Debian's package starts a service on port 4222, without JetStream, and so takes the port of a flow's server. */
const STOP_SERVICE: Command = ['systemctl', 'disable', '--now', 'nats-server'];

const TYPED: Record<Exclude<PackageManager, 'apt-get'>, string> = {
  brew: 'brew install nats-server',
  winget: 'winget install NATSAuthors.NATSServer',
  scoop: 'scoop install nats-server',
};

const MANAGERS: Partial<Record<NodeJS.Platform, PackageManager[]>> = {
  darwin: ['brew'],
  win32: ['winget', 'scoop'],
  linux: ['apt-get', 'brew'],
};

/** apt fetches lists and packages, on a slow line too. */
const LONGEST_INSTALLATION_MS = 600_000;

/** A machine; each part is that of this process by default. */
export interface Machine {
  platform?: NodeJS.Platform;
  env?: Environment;
  isRoot?: boolean;
  hasSystemd?: boolean;
}

/** This machine's package manager that has `nats-server`; `undefined` if there is none. */
export function packageManager({ platform = process.platform, env }: Machine = {}): PackageManager | undefined {
  return MANAGERS[platform]?.find((name) => findProgram(name, env) !== undefined);
}

/** What a person types to install `nats-server`; `undefined` where it has to be downloaded. */
export function typedCommand(machine: Machine = {}): string | undefined {
  const manager = packageManager(machine);
  if (manager === undefined) return undefined;
  if (manager !== 'apt-get') return TYPED[manager];
  // A new machine has no list of packages yet.
  const commands = ['apt-get update', 'apt-get install nats-server'];
  if (hasSystemd(machine)) commands.push(STOP_SERVICE.join(' '));
  if (findProgram('sudo', machine.env)) return commands.map((command) => `sudo ${command}`).join(' && ');
  const line = commands.join(' && ');
  return isRoot(machine) ? line : `su -c '${line}'`;
}

/** The commands that install `nats-server` without a question; `undefined` if a password would be needed. */
export async function installCommands(machine: Machine = {}): Promise<Command[] | undefined> {
  const { env } = machine;
  const manager = packageManager(machine);
  // The program of scoop is a script of PowerShell, and Homebrew refuses root.
  if (manager === undefined || manager === 'scoop' || (manager === 'brew' && isRoot(machine))) return undefined;
  if (manager !== 'apt-get') return INSTALLING[manager];
  const commands = [...INSTALLING['apt-get'], ...(hasSystemd(machine) ? [STOP_SERVICE] : [])];
  if (isRoot(machine)) return commands;
  const mayRun = await run(['sudo', '-n', 'true'], env).then(
    () => true,
    () => false,
  );
  return mayRun ? commands.map((command): Command => ['sudo', '-n', ...command]) : undefined;
}

/** Installs `nats-server`. Throws `INSTALL_FAILED`, also where nothing can install it without a password. */
export async function install(machine: Machine = {}): Promise<void> {
  const command = typedCommand(machine);
  if (command === undefined) throw new CodedError('INSTALL_FAILED-manual', { url: DOWNLOADS });
  const commands = await installCommands(machine);
  if (!commands) throw new CodedError('INSTALL_FAILED-password', { command });
  for (const step of commands) {
    try {
      await run(step, machine.env);
    } catch (error) {
      const { stderr, message } = error as Error & { stderr?: string };
      const reason = stderr?.trim().split('\n').at(-1) || message;
      throw new CodedError('INSTALL_FAILED', { reason, command }, { cause: error });
    }
  }
}

function isRoot({ isRoot = process.getuid?.() === 0 }: Machine): boolean {
  return isRoot;
}

function hasSystemd({ hasSystemd = existsSync('/run/systemd/system') }: Machine): boolean {
  return hasSystemd;
}

async function run([name, ...args]: Command, env: Environment = process.env): Promise<void> {
  const program = findProgram(name, env) ?? name;
  const options = { timeout: LONGEST_INSTALLATION_MS, maxBuffer: 16 * 2 ** 20, windowsHide: true };
  await promisify(execFile)(program, args, { ...options, env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } });
}
