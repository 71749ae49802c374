import { spawnSync } from 'node:child_process';

/** The `apt-get` command for installing packages; `undefined` if there is none, or if it would ask for a password. */
export function aptGet(): string[] | undefined {
  if (!runs(['apt-get', '--version'])) return undefined;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && !runs(['sudo', '-n', 'true'])) return undefined;
  return [...(isRoot ? [] : ['sudo', '-n']), 'apt-get', '-q', '-y'];
}

/** Runs a command without its output, and returns whether it succeeded. */
export function runs([program, ...args]: string[]): boolean {
  const { status } = spawnSync(program as string, args, { stdio: 'ignore' });
  return status === 0;
}
