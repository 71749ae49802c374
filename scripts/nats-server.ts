import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findNatsServer } from '../lib/nats/server/find-server';
import { DOWNLOADS, INSTALLING, packageManager, typedCommand } from '../lib/nats/server/installer';
import { aptGet, type Command, runs } from './apt';
import { makeTemporary, makeTemporaryFolder } from './temporary';

/** The path of `nats-server`, which the system's package manager installs if it is missing. */
export function requireNatsServer(): string {
  const found = findInstalled();
  if (found) return found;
  for (const command of installCommands()) {
    console.error(`Installing nats-server: ${command.join(' ')}`);
    if (!runs(command)) break;
  }
  const installed = findInstalled();
  if (installed) return installed;
  const command = typedCommand();
  throw new Error(`There is no nats-server. ${command ? `Type: ${command}. Or get` : 'Get'} it from ${ELSEWHERE}`);
}

const ELSEWHERE = `${DOWNLOADS} and set NATS_SERVER to its path.`;

function findInstalled(): string | undefined {
  try {
    return findNatsServer();
  } catch {
    throw new Error(`NATS_SERVER is ${process.env.NATS_SERVER}, but there is no such file.`);
  }
}

/** The version of the server that is used, `MAJOR.MINOR.PATCH`. */
export function natsServerVersion(): string {
  const printed = execFileSync(requireNatsServer(), ['--version'], { encoding: 'utf8' });
  return /\d+\.\d+\.\d+/.exec(printed)?.[0] ?? '';
}

function installCommands(): Command[] {
  const manager = packageManager();
  if (manager === undefined) return [];
  if (manager !== 'apt-get') return INSTALLING[manager];
  const apt = aptGet();
  return apt ? INSTALLING[manager].map(([, ...args]): Command => [...apt, ...args]) : [];
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
