// Prepares a checkout for the other scripts: installs the packages and builds, each only if it is necessary.
// This is plain JavaScript because it runs before the compiler is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
// The packages of Node-RED 5 are below the tests.
const NO_SOURCES = ['node_modules', 'node-red-5'];
const SOURCES = ['nodes', 'lib', 'context', 'scripts', 'tools', 'test', 'icons', 'tsconfig.json', 'package-lock.json'];

/** When a file, or the newest file in a folder, was changed; 0 if there is none. */
function changedAt(path) {
  if (!existsSync(path)) return 0;
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  const entries = readdirSync(path).filter((entry) => !NO_SOURCES.includes(entry));
  return Math.max(stats.mtimeMs, ...entries.map((entry) => changedAt(join(path, entry))));
}

function npm(...args) {
  // On Windows npm is a batch file, which needs a shell.
  const { status } = spawnSync('npm', args, {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}

const installed = join(ROOT, 'node_modules', '.package-lock.json');
if (changedAt(installed) < changedAt(join(ROOT, 'package-lock.json'))) {
  console.error('Installing packages ...');
  npm('ci', '--no-audit', '--no-fund');
  utimesSync(installed, new Date(), new Date());
}

const built = join(ROOT, 'dist', 'lib', 'sense-hat', 'led', 'galmuri.bin');
if (changedAt(built) < Math.max(...SOURCES.map((source) => changedAt(join(ROOT, source))))) {
  console.error('Building ...');
  npm('run', '--silent', 'build');
}
