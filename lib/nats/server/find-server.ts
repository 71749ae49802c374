import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { CodedError, shown } from '../../coded-error';

/** Variables of a process's environment. */
export type Environment = Record<string, string | undefined>;

/** The oldest server that the pack is tested with. */
export const OLDEST_VERSION = '2.9';

const LONGEST_ANSWER_MS = 20_000;

/** Where package managers put programs that a service, or a process from before the installation, does not find. */
function furtherFolders(env: Environment): string[] {
  if (process.platform !== 'win32') {
    return ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin', '/home/linuxbrew/.linuxbrew/bin'];
  }
  const links = env.LOCALAPPDATA ? [join(env.LOCALAPPDATA, 'Microsoft', 'WinGet', 'Links')] : [];
  return [...links, join(homedir(), 'scoop', 'shims')];
}

/** The path of a program on the PATH or in a folder of package managers; `undefined` if there is none. */
export function findProgram(name: string, env: Environment = process.env): string | undefined {
  const folders = [...(env.PATH ?? env.Path ?? '').split(delimiter).filter(Boolean), ...furtherFolders(env)];
  const files = process.platform === 'win32' ? [`${name}.exe`, `${name}.cmd`] : [name];
  return folders.flatMap((folder) => files.map((file) => join(folder, file))).find(isProgram);
}

/**
 * The path of `nats-server`: `$NATS_SERVER`, or as `findProgram` finds it. Throws `NO_PROGRAM` if the variable names
 * something else.
 */
export function findNatsServer(env: Environment = process.env): string | undefined {
  const own = env.NATS_SERVER;
  if (!own) return findProgram('nats-server', env);
  if (isProgram(own)) return own;
  throw new CodedError('NO_PROGRAM-variable', { path: shown(own) });
}

/** The version of a `nats-server`, `MAJOR.MINOR.PATCH`. Throws `SERVER_ENDED` if it cannot be run. */
export async function programVersion(path: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(path, ['--version'], {
      timeout: LONGEST_ANSWER_MS,
      windowsHide: true,
    });
    return /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? '0.0.0';
  } catch (error) {
    throw new CodedError('SERVER_ENDED', { reason: (error as Error).message }, { cause: error });
  }
}

/** Throws `NEEDS_SERVER` if a program is older than `OLDEST_VERSION`. */
export function checkVersion(path: string, version: string): void {
  const [[major = 0, minor = 0], [needed = 0, neededMinor = 0]] = [version, OLDEST_VERSION].map((text) =>
    text.split('.').map(Number),
  ) as [number[], number[]];
  if (major > needed || (major === needed && minor >= neededMinor)) return;
  throw new CodedError('NEEDS_SERVER-program', { path, version, needed: OLDEST_VERSION });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
