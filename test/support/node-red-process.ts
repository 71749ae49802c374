import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { freePort } from '../../scripts/free-port';
import { makeUserDir } from '../../scripts/node-red';
import { makeTemporary } from '../../scripts/temporary';
import type { FlowNode } from './examples';
import { Inbox } from './inbox';

const NODE_RED = dirname(require.resolve(join(process.env.NODE_RED ?? 'node-red', 'package.json')));

/** A Node-RED that was started as users start it, in a process of its own. */
export interface NodeRedProcess {
  /** The editor's address; nodes answer HTTP requests below it as well. */
  url: string;
  /** The next line of its log that matches. */
  line(pattern: RegExp): Promise<string>;
  /** Resolves when its flows run. */
  started(): Promise<void>;
  /** Resolves when it has ended. */
  exited: Promise<void>;
  /** Stops it as Ctrl-C does. */
  stop(): Promise<void>;
  /** Kills it at once, so that it cannot clean up. */
  kill(): void;
}

/**
 * Starts Node-RED until the test ends, with this checkout in a user folder of its own, or in one that has the pack.
 * `contextStorage` is JavaScript, as in settings.js.
 */
export async function startProcess(
  t: TestContext,
  flow: FlowNode[],
  contextStorage: string,
  userDir?: string,
): Promise<NodeRedProcess> {
  const folder = userDir ? { path: userDir, remove: () => {} } : makeUserDir();
  const port = await freePort();
  const settings = `module.exports = {
    uiHost: '127.0.0.1', uiPort: ${port}, flowFile: 'flows.json', credentialSecret: false,
    telemetry: { enabled: false, updateNotification: false }, editorTheme: { tours: false },
    contextStorage: ${contextStorage},
  };\n`;
  writeFileSync(join(folder.path, 'settings.js'), settings);
  writeFileSync(join(folder.path, 'flows.json'), JSON.stringify(flow));
  const child = spawn(process.execPath, [join(NODE_RED, 'red.js'), '--userDir', folder.path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const kill = makeTemporary(child);
  t.after(async () => {
    await kill();
    folder.remove();
  });
  const lines = new Inbox<string>();
  createInterface(child.stdout).on('line', (line) => lines.put(line));
  const line = async (pattern: RegExp) => {
    for (;;) {
      const next = await lines.take();
      if (pattern.test(next)) return next;
    }
  };
  const exited = once(child, 'exit').then(() => {});
  return {
    url: `http://127.0.0.1:${port}/`,
    line,
    started: async () => void (await line(/Started flows/)),
    exited,
    stop: async () => {
      child.kill('SIGINT');
      await exited;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
