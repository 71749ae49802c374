import { spawnSync } from 'node:child_process';

/** A program and its arguments. */
export type Command = [program: string, ...args: string[]];

/** The `apt-get` command for installing packages; `undefined` if there is none, or if it would ask for a password. */
export function aptGet(): Command | undefined {
  if (!runs(['apt-get', '--version'])) return undefined;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && !runs(['sudo', '-n', 'true'])) return undefined;
  return isRoot ? ['apt-get', '-q', '-y'] : ['sudo', '-n', 'apt-get', '-q', '-y'];
}

/** Runs a command without its output, and returns whether it succeeded. */
export function runs([program, ...args]: Command): boolean {
  const { status } = spawnSync(program, args, { stdio: 'ignore' });
  return status === 0;
}
