import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { NodeRedApp } from 'node-red';
import { makeTemporaryFolder, type TemporaryFolder } from './temporary';

const ROOT = join(__dirname, '..', '..');

/** The package folder of the Node-RED to use; by default the one that is installed here. */
const NODE_RED = process.env.NODE_RED ?? 'node-red';

/** What Node-RED sends to its editors: here of a Debug node or of a preview. */
export interface CommsEvent {
  topic: string;
  data?: { name?: string; msg?: string; frame?: string };
}

/** A Node-RED that runs in this process. */
export interface RunningNodeRed {
  /** The editor's address. */
  url: string;
  app: NodeRedApp;
  /** Ends it and removes its private folder. */
  stop(): Promise<void>;
}

/** How Node-RED is started. */
export interface NodeRedOptions {
  /** A user folder that has the pack already; by default a private one in which the pack is this checkout. */
  userDir?: string;
  /** Listeners to the runtime's events, from the start on. */
  listeners?: Record<string, (event: never) => void>;
  /** Hooks of the runtime by their names, each with a label (`onComplete.mine`), from the start on. */
  hooks?: Record<string, (event: never) => void>;
  /** More for the settings file. */
  settings?: object;
  /** The port of the editor; by default a free one. */
  port?: number;
  /** The path of the editor, with slashes around it. */
  adminRoot?: string;
}

/** Starts Node-RED on a free port, with this pack and some flows; resolves when the flows run. */
export async function startNodeRed(flows: object[], options: NodeRedOptions = {}): Promise<RunningNodeRed> {
  const app: NodeRedApp = require(NODE_RED);
  const { path: userDir, remove } = options.userDir ? { path: options.userDir, remove: () => {} } : makeUserDir();
  let isDeploying = false;
  const listeners = [
    ['flows:stopping', () => (isDeploying = true)],
    ['flows:started', () => (isDeploying = false)],
    ...Object.entries(options.listeners ?? {}),
  ] as [string, (event: unknown) => void][];
  const hooks = Object.entries(options.hooks ?? {}) as [string, (event: unknown) => void][];
  writeFileSync(join(userDir, 'flows.json'), JSON.stringify(flows));

  const adminRoot = options.adminRoot ?? '/';
  const server = createServer((request, response) => {
    request.url = request.url?.replace(adminRoot, '/') ?? '/';
    app.httpAdmin(request, response);
  });
  const all = { ...settings(userDir), httpAdminRoot: adminRoot, ...options.settings };
  app.init(server, all as Parameters<NodeRedApp['init']>[1]);
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  for (const [event, listener] of listeners) app.events.on(event, listener);
  for (const [hook, listener] of hooks) app.hooks.add(hook, listener);
  const started = once(app.events, 'flows:started');
  await app.start();
  await started;

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${adminRoot}`,
    app,
    stop: async () => {
      // A deploy has been answered before its flows start, and they would go on.
      if (isDeploying) await once(app.events, 'flows:started');
      await app.stop();
      for (const [event, listener] of listeners) app.events.off(event, listener);
      for (const [hook] of hooks) app.hooks.remove(hook);
      server.closeAllConnections();
      server.close();
      remove();
    },
  };
}

function makeUserDir(): TemporaryFolder {
  const folder = makeTemporaryFolder('node-red');
  mkdirSync(join(folder.path, 'node_modules', '@natshat'), { recursive: true });
  symlinkSync(ROOT, join(folder.path, 'node_modules', '@natshat', 'node-red'), 'junction');
  return folder;
}

function settings(userDir: string): object {
  return {
    userDir,
    flowFile: 'flows.json',
    httpNodeRoot: false,
    credentialSecret: randomUUID(),
    // No question, tour or look at the network stands between a user and the flow.
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: { tours: false },
    logging: { console: { level: 'off' }, nodes: { level: 'warn', handler: () => printNodeLog } },
  };
}

interface LogEntry {
  type?: string;
  id?: string;
  name?: string;
  level: number;
  msg: unknown;
}

const ERROR_LEVEL = 20;

/** Prints what the nodes say, and errors; not what Node-RED says of a fresh user folder. */
function printNodeLog({ type, id, name, level, msg }: LogEntry): void {
  if (id !== undefined) console.error(`[${type}:${name ?? id}] ${msg}`);
  else if (level <= ERROR_LEVEL) console.error(String(msg));
}
