import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What ends that which is still there when this process ends, be it by `process.exit` or an error. */
const endings = new Set<() => void>();

process.on('exit', () => {
  // What uses a folder was made after it.
  for (const end of [...endings].reverse()) {
    try {
      end();
    } catch {
      // The others have to end all the same.
    }
  }
});

/** An empty folder that does not outlive this process. */
export interface TemporaryFolder {
  path: string;
  remove(): void;
}

export function makeTemporaryFolder(name: string): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), `natshat-${name}-`));
  const remove = () => {
    endings.delete(remove);
    rmSync(path, { recursive: true, force: true });
  };
  endings.add(remove);
  return { path, remove };
}

/** Sees to it that a process does not outlive this one. Returns what kills it, and resolves when it has ended. */
export function makeTemporary(child: ChildProcess): () => Promise<void> {
  const end = () => {
    child.kill('SIGKILL');
  };
  endings.add(end);
  child.once('exit', () => endings.delete(end));
  return async () => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    end();
    await exit;
  };
}
