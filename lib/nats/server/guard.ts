import { join } from 'node:path';
import type { Command } from './installer';

/** A command that runs a program, and the file descriptor whose end makes it end the program. */
export interface Guarded {
  command: Command;
  /** A pipe; a line that is written to it dismisses the guard, which otherwise waits for its end. */
  fd: 0 | 3;
}

/**
 * The shell becomes the program, so that process id and exit code are its own. A copy of the shell waits for the end of
 * the pipe: asks the program to stop, and kills it if it has not ended after 3 seconds.
 */
const SCRIPT = `(
  read -r _ <&3 && exit
  kill -TERM $$
  for _ in 1 2 3; do sleep 1; kill -0 $$ || exit; done
  kill -KILL $$
) >/dev/null 2>&1 &
exec 3<&-
exec "$0" "$@"`;

/**
 * A command that runs a program which ends with this process, however this one ends: the system closes the pipes of a
 * process that is killed, too. Windows has no shell that can do this; there a small Node.js process does it.
 */
export function guarded([program, ...args]: Command, platform: NodeJS.Platform = process.platform): Guarded {
  if (platform === 'win32') {
    return { command: [process.execPath, join(__dirname, 'guard-process.js'), program, ...args], fd: 0 };
  }
  return { command: ['/bin/sh', '-c', SCRIPT, program, ...args], fd: 3 };
}
