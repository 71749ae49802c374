import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeFolder } from './folder';

const ROOT = join(__dirname, '..', '..', '..');
const run = promisify(execFile);

/** The pack as npm publishes it. */
interface Packed {
  tarball: string;
  files: string[];
}

/** Makes the tarball, in a folder that is removed when the process ends. */
export async function pack(): Promise<Packed> {
  const folder = makeFolder();
  const { stdout } = await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], ROOT);
  const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  return { tarball: join(folder, filename), files: files.map(({ path }) => path) };
}

/** What npm says when it is asked to publish the pack, without a network and without publishing anything. */
export async function publishDryRun(): Promise<string> {
  // Said explicitly, because `npm test --silent` silences the npm that tests start.
  const options = ['--dry-run', '--offline', '--ignore-scripts', '--loglevel', 'notice'];
  const { stderr } = await npm(['publish', ...options], ROOT);
  return stderr;
}

/** The same tarball with another version. */
export async function repack(tarball: string, version: string): Promise<string> {
  const folder = makeFolder();
  await run('tar', ['-xzf', tarball, '-C', folder]);
  const file = join(folder, 'package', 'package.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), version }));
  await npm(['pack', '--ignore-scripts', '--pack-destination', folder], join(folder, 'package'));
  return join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) as string);
}

/** Installs packs, tarballs or folders, into an empty user folder as the palette manager does, and returns the folder. */
export async function installPacked(...packs: string[]): Promise<string> {
  const folder = makeFolder();
  // The options of the palette manager, plus the cache.
  const options = ['--no-audit', '--no-fund', '--save', '--engine-strict', '--ignore-scripts', '--prefer-offline'];
  await npm(['install', ...options, '--install-links', ...packs], folder);
  return folder;
}

/** Runs npm with the Node of the tests. */
function npm(args: string[], cwd: string) {
  // `npm run` sets the path of npm.
  const cli = process.env.npm_execpath;
  const [program, first] = cli ? [process.execPath, [cli]] : ['npm', []];
  return run(program, [...first, ...args], { cwd, maxBuffer: 2 ** 26 });
}
