import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Why a test that freezes a server is skipped, or `false`. */
export const NO_FREEZE = process.platform === 'linux' ? false : 'needs /proc';

/** Freezes a server. Resolves when all its threads are stopped, which takes a while on a busy machine. */
export async function freeze({ process }: { process: ChildProcess }): Promise<void> {
  process.kill('SIGSTOP');
  const tasks = `/proc/${process.pid}/task`;
  // https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the state follows the name, which is in parentheses.
  const isStopped = (task: string) => /.*\) T /.test(readFileSync(`${tasks}/${task}/stat`, 'latin1'));
  while (!readdirSync(tasks).every(isStopped)) await nextTurn();
}
