import { spawnSync } from 'node:child_process';

/** A program and its arguments. */
export type Command = [program: string, ...args: string[]];

/** `apt-get` as it may install packages; `undefined` where there is none, or where it would ask for a password. */
export function aptGet(): Command | undefined {
  if (!runs(['apt-get', '--version'])) return undefined;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && !runs(['sudo', '-n', 'true'])) return undefined;
  return isRoot ? ['apt-get', '-q', '-y'] : ['sudo', '-n', 'apt-get', '-q', '-y'];
}

/** Whether a command ran and succeeded; what it prints is not shown. */
export function runs([program, ...args]: Command): boolean {
  const { status } = spawnSync(program, args, { stdio: 'ignore' });
  return status === 0;
}
