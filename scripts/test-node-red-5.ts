// Runs the tests of the nodes and of the demo in Node-RED 5, on a Node that it supports: npm run test:node-red-5
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const FOLDER = join(ROOT, 'test', 'node-red-5');
const WINDOWS = process.platform === 'win32';
const NODE = join(FOLDER, 'node_modules', 'node', 'bin', WINDOWS ? 'node.exe' : 'node');
const NODE_RED = join(FOLDER, 'node_modules', 'node-red');

function run(program: string, args: string[], cwd: string, shell = false): void {
  const { status, error } = spawnSync(program, args, {
    cwd,
    stdio: 'inherit',
    shell,
    env: { ...process.env, NODE_RED },
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

if (!existsSync(NODE) || !existsSync(NODE_RED)) run('npm', ['ci', '--no-audit', '--no-fund'], FOLDER, WINDOWS);
const wanted = process.argv.slice(2);
run(NODE, [join(ROOT, 'dist', 'scripts', 'test.js'), ...(wanted.length > 0 ? wanted : ['nodes/', 'flows/'])], ROOT);
