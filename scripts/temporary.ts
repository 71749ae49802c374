import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Cleanups that are still to be done when this process exits, even by `process.exit` or an error. */
const cleanups = new Set<() => void>();

process.on('exit', () => {
  // In reverse order, so that a process ends before the folder that it uses.
  for (const cleanUp of [...cleanups].reverse()) {
    try {
      cleanUp();
    } catch {
      // The others have to run all the same.
    }
  }
});

/** A folder that is removed at the latest when this process exits. */
export interface TemporaryFolder {
  path: string;
  remove(): void;
}

export function makeTemporaryFolder(name: string): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), `natshat-${name}-`));
  const remove = () => {
    cleanups.delete(remove);
    rmSync(path, { recursive: true, force: true });
  };
  cleanups.add(remove);
  return { path, remove };
}

/** Kills a process at the latest when this one exits. Returns a function that kills it and waits for its end. */
export function makeTemporary(child: ChildProcess): () => Promise<void> {
  const kill = () => {
    child.kill('SIGKILL');
  };
  cleanups.add(kill);
  child.once('exit', () => cleanups.delete(kill));
  return async () => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    kill();
    await exit;
  };
}
