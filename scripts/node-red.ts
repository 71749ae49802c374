import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeRedApp } from 'node-red';

const ROOT = join(__dirname, '..', '..');

/** The package folder of the Node-RED to use; by default the one that is installed here. */
const NODE_RED = process.env.NODE_RED ?? 'node-red';

/** A Node-RED that runs in this process. */
export interface RunningNodeRed {
  /** The editor's address. */
  url: string;
  app: NodeRedApp;
  /** Ends it and removes its user folder. */
  stop(): Promise<void>;
}

/** Starts Node-RED on a free port, with this pack, some flows and a user folder of its own; resolves when the flows run. */
export async function startNodeRed(flows: object[]): Promise<RunningNodeRed> {
  const app: NodeRedApp = require(NODE_RED);
  const userDir = mkdtempSync(join(tmpdir(), 'natshat-node-red-'));
  mkdirSync(join(userDir, 'node_modules', '@natshat'), { recursive: true });
  symlinkSync(ROOT, join(userDir, 'node_modules', '@natshat', 'node-red'), 'junction');
  writeFileSync(join(userDir, 'flows.json'), JSON.stringify(flows));

  const server = createServer((request, response) => app.httpAdmin(request, response));
  app.init(server, settings(userDir) as Parameters<NodeRedApp['init']>[1]);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const started = once(app.events, 'flows:started');
  await app.start();
  await started;

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    app,
    stop: async () => {
      await app.stop();
      server.closeAllConnections();
      server.close();
      rmSync(userDir, { recursive: true, force: true });
    },
  };
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
    logging: { console: { level: 'warn', metrics: false, audit: false } },
  };
}
