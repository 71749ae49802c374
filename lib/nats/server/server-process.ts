import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { CodedError, shown } from '../../coded-error';
import { guarded } from './guard';
import { type ServerSettings, serverConfig } from './server-settings';

/** How a process has ended: its exit code, or the name of the signal that ended it. */
export type Exit = number | string;

/** A `nats-server` that was started, and ends with this process, however this one ends. */
export interface ServerProcess {
  /** Resolves when it has ended and all it wrote has been read. */
  ended: Promise<Exit>;
  /** Asks it to end, and has it killed if it does not. */
  stop(): void;
}

/** Writes the configuration file of a server, and its folder. Throws `BAD_FOLDER`. */
export async function writeConfig(settings: ServerSettings): Promise<void> {
  const { configFile, storeDir } = settings;
  try {
    for (const folder of [dirname(configFile), storeDir]) {
      if (folder !== undefined) await mkdir(folder, { recursive: true, mode: 0o700 });
    }
    // A file that exists would keep its rights.
    await rm(configFile, { force: true });
    await writeFile(configFile, serverConfig(settings), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const { path = configFile, message } = error as NodeJS.ErrnoException;
    throw new CodedError('BAD_FOLDER', { path: shown(path), reason: message }, { cause: error });
  }
}

/** Starts a server with a configuration file; `onLine` gets the lines that it logs. */
export function startServer(
  program: string,
  configFile: string,
  onLine: (line: string) => void,
  platform = process.platform,
): ServerProcess {
  const { command, fd } = guarded([program, '--config', configFile], platform);
  const [file, ...args] = command;
  const child = spawn(file, args, {
    stdio: [fd === 0 ? 'pipe' : 'ignore', 'ignore', 'pipe', fd === 3 ? 'pipe' : 'ignore'],
    // In a process group of its own: Ctrl-C in a terminal ends it through Node-RED.
    detached: true,
    windowsHide: true,
  });
  const guard = child.stdio[fd] as Writable;
  // The guard may have gone before it is dismissed.
  guard.on('error', () => {});
  const lines = createInterface({ input: child.stderr as NonNullable<typeof child.stderr> });
  lines.on('line', onLine);
  const read = once(lines, 'close');
  const exited = new Promise<Exit>((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    child.once('exit', (code, signal) => resolve(signal ?? code ?? 0));
  });
  const ended = exited.then(async (exit) => {
    // Before the process id can belong to another process.
    guard.end('\n', () => guard.destroy());
    await read;
    return exit;
  });
  return { ended, stop: () => void guard.end() };
}
