import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { aptGet, type Command, runs } from './apt';
import { makeTemporary, makeTemporaryFolder } from './temporary';

const PROGRAM = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';

/** The path of `nats-server`: `$NATS_SERVER`, on the PATH, or in Debian's folders; `undefined` if there is none. */
function findNatsServer(): string | undefined {
  const own = process.env.NATS_SERVER;
  if (own) {
    if (existsSync(own)) return own;
    throw new Error(`NATS_SERVER is ${own}, but there is no such file.`);
  }
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, PROGRAM)).find((path) => existsSync(path));
}

/** The path of `nats-server`, which the system's package manager installs if it is missing. */
export function requireNatsServer(): string {
  const found = findNatsServer();
  if (found) return found;
  for (const command of installCommands()) {
    console.error(`Installing nats-server: ${command.join(' ')}`);
    if (!runs(command)) break;
  }
  const installed = findNatsServer();
  if (!installed) throw new Error(`There is no nats-server. ${ADVICE[process.platform] ?? ADVICE.linux}`);
  return installed;
}

/** The version of the server that is used, `MAJOR.MINOR.PATCH`. */
export function natsServerVersion(): string {
  const printed = execFileSync(requireNatsServer(), ['--version'], { encoding: 'utf8' });
  return /\d+\.\d+\.\d+/.exec(printed)?.[0] ?? '';
}

const DOWNLOAD = 'Or get it from https://nats.io/download/ and set NATS_SERVER to its path.';
const ADVICE: Partial<Record<NodeJS.Platform, string>> = {
  linux: `Type: sudo apt-get install nats-server. ${DOWNLOAD}`,
  darwin: `Type: brew install nats-server. ${DOWNLOAD}`,
  win32: `Type: winget install NATSAuthors.NATSServer. ${DOWNLOAD}`,
};

function installCommands(): Command[] {
  switch (process.platform) {
    case 'darwin':
      return has('brew') ? [['brew', 'install', 'nats-server']] : [];
    case 'win32': {
      const silent = ['--silent', '--accept-package-agreements', '--accept-source-agreements'];
      return has('winget') ? [['winget', 'install', '--id', 'NATSAuthors.NATSServer', ...silent]] : [];
    }
    default: {
      const apt = aptGet();
      if (!apt) return [];
      return [
        [...apt, 'update'],
        [...apt, 'install', '--no-install-recommends', 'nats-server'],
      ];
    }
  }
}

function has(program: string): boolean {
  return runs([program, '--version']);
}

/** A running server. */
export interface NatsServer {
  port: number;
  /** `nats://127.0.0.1:PORT` */
  url: string;
  /** Its monitoring port, if the configuration has one. */
  monitoringUrl?: string;
  /** Its port for other servers of a cluster, if the configuration has one. */
  clusterUrl?: string;
  /** The server's process, for tests that stop or kill it. */
  process: ChildProcess;
  /** Changes the configuration of a server that was started with one, and makes the server reload it. */
  reload(config: string): void;
  /** Kills the server, even a frozen one, and removes its folder. */
  stop(): Promise<void>;
}

/** Options for `startNatsServer`. */
export interface NatsServerOptions {
  /** A free port by default. */
  port?: number;
  /** The text of a configuration file; none by default. */
  config?: string;
}

/** Starts a server on the loopback address, with a private folder, and resolves when it accepts connections. */
export async function startNatsServer({ port, config }: NatsServerOptions = {}): Promise<NatsServer> {
  const { path: folder, remove } = makeTemporaryFolder('server');
  const args = ['--addr', '127.0.0.1', '--port', String(port ?? -1), '--ports_file_dir', folder];
  const file = join(folder, 'server.conf');
  if (config !== undefined) {
    writeFileSync(file, config);
    args.push('--config', file);
  }
  const server = spawn(requireNatsServer(), args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const kill = makeTemporary(server);
  let log = '';
  server.stderr.on('data', (chunk) => {
    log += chunk;
  });
  const reload = (config: string) => {
    writeFileSync(file, config);
    server.kill('SIGHUP');
  };
  const stop = async () => {
    await kill();
    remove();
  };
  const ended = once(server, 'exit').then(() => {
    throw new Error(`nats-server did not start:\n${log}`);
  });
  ended.catch(() => {});
  try {
    const { nats, ...others } = await Promise.race([readPorts(folder), ended]);
    return { port: nats, url: `nats://127.0.0.1:${nats}`, ...others, process: server, reload, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Kills the servers whose folders are left in a folder of temporary files, because their parent was killed. */
export function killLeft(temporary: string): void {
  for (const folder of readdirSync(temporary).filter((name) => name.startsWith('natshat-server-'))) {
    for (const file of readdirSync(join(temporary, folder))) {
      const [, pid] = /_(\d+)\.ports$/.exec(file) ?? [];
      try {
        if (pid) process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It has exited already.
      }
    }
  }
}

/** Waits for the file in which the server writes its ports once it listens. */
async function readPorts(folder: string): Promise<Pick<NatsServer, 'monitoringUrl' | 'clusterUrl'> & { nats: number }> {
  for (let waited = 0; waited < 10_000; waited += 10) {
    const file = readdirSync(folder).find((name) => name.endsWith('.ports'));
    const text = file ? readFileSync(join(folder, file), 'utf8') : '';
    const ports: Record<string, string[]> = text.trimEnd().endsWith('}') ? JSON.parse(text) : {};
    const [[url], [monitoringUrl], [clusterUrl]] = [ports.nats ?? [], ports.monitoring ?? [], ports.cluster ?? []];
    if (url)
      return {
        nats: Number(new URL(url).port),
        ...(monitoringUrl && { monitoringUrl }),
        ...(clusterUrl && { clusterUrl }),
      };
    await delay(10);
  }
  throw new Error('nats-server did not write its ports file within 10 s');
}
