// Also a process that starts Node-RED with a flow and prints the modules that it has loaded.
import { execFile } from 'node:child_process';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { startNodeRed } from '../../scripts/node-red';

const ROOT = join(__dirname, '..', '..', '..');

const DEPENDENCIES = Object.keys(require(join(ROOT, 'package.json')).dependencies);

/** What a Node-RED has loaded of this checkout. */
export interface Loaded {
  /** The modules of the library, such as `nats/message/subject`. */
  library: string[];
  /** The dependencies of the pack. */
  dependencies: string[];
}

/** Starts Node-RED with a flow in a process of its own. Resolves with what it has loaded when the flow runs. */
export async function loadedBy(flow: object[]): Promise<Loaded> {
  const { stdout } = await promisify(execFile)(process.execPath, [__filename, JSON.stringify(flow)]);
  const files = (JSON.parse(stdout) as string[])
    .map((file) => relative(ROOT, file).replaceAll('\\', '/'))
    // Node-RED reads the manifests of all packages.
    .filter((file) => !file.endsWith('package.json'));
  return {
    library: files.flatMap((file) => /^dist\/lib\/(.*)\.js$/.exec(file)?.[1] ?? []).sort(),
    dependencies: DEPENDENCIES.filter((name) => files.some((file) => file.startsWith(`node_modules/${name}/`))),
  };
}

async function printLoaded(flow: object[]): Promise<void> {
  const { stop } = await startNodeRed(flow);
  console.log(JSON.stringify(Object.keys(require.cache)));
  await stop();
}

if (require.main === module) void printLoaded(JSON.parse(process.argv[2] as string));
