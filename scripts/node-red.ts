import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { NodeRedApp } from 'node-red';
import { makeTemporaryFolder, type TemporaryFolder } from './temporary';

const ROOT = join(__dirname, '..', '..');

/** The package folder of the Node-RED to use; by default the installed one. */
const NODE_RED = process.env.NODE_RED ?? 'node-red';

/** A message to the editors, here from a Debug node or a preview. */
export interface CommsEvent {
  topic: string;
  data?: { name?: string; msg?: string };
}

/** A Node-RED in this process. */
export interface RunningNodeRed {
  /** The editor's address. */
  url: string;
  app: NodeRedApp;
  /** Stops it and removes its private folder. */
  stop(): Promise<void>;
}

/** Options for `startNodeRed`. */
export interface NodeRedOptions {
  /** A user folder with the pack installed; by default a private one that links to this checkout. */
  userDir?: string;
  /** Listeners to the runtime's events, added before it starts. */
  listeners?: Record<string, (event: never) => void>;
  /** Hooks of the runtime by name and label (`onComplete.mine`), added before it starts. */
  hooks?: Record<string, (event: never) => void>;
  /** Additional settings. */
  settings?: object;
  /** The port of the editor; by default a free one. */
  port?: number;
  /** The path of the editor, with a slash at each end. */
  adminRoot?: string;
  /** Hears the frames of the displays with these keys, as an open editor does that shows them. */
  frames?: { keys: string[]; onFrame: (frame: Buffer) => void };
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
    ...(options.frames ? watchFrames(app, options.frames) : []),
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
      // Node-RED answers a deploy before it starts the flows, and would start them after `stop`.
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

/** The listeners of an editor that shows displays from the start. */
function watchFrames(
  { events }: NodeRedApp,
  { keys, onFrame }: Required<NodeRedOptions>['frames'],
): [string, unknown][] {
  const session = randomUUID();
  const watch = () => events.emit('comms:message:sense-led/watch', { session, data: keys });
  const onComms = (event: { topic: string; session?: string; data: { frame: string }[] }) => {
    if (event.topic !== 'sense-led/frames' || event.session !== session) return;
    for (const { frame } of event.data) onFrame(Buffer.from(frame, 'base64'));
  };
  return [
    ['flows:starting', watch],
    ['comms', onComms],
  ];
}

/** Makes a user folder with the pack installed, as a link to this checkout. */
export function makeUserDir(): TemporaryFolder {
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
    // The editor opens the flow without a question or a tour, and without network access.
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

/** Prints the log of the nodes and all errors, but not the warnings of Node-RED about a fresh user folder. */
function printNodeLog({ type, id, name, level, msg }: LogEntry): void {
  if (id !== undefined) console.error(`[${type}:${name ?? id}] ${msg}`);
  else if (level <= ERROR_LEVEL) console.error(String(msg));
}
