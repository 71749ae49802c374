import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { type Archive, createArchive } from './cpio';
import type { Parts } from './debian';

const ROOT = join(__dirname, '..', '..', '..');

/** Large packages that the tests do not load. */
const LEFT_OUT = /^(@biomejs|@types|@typescript|typescript|galmuri|playwright-core|@node-red\/editor-client)$/;

/** The files that Node.js loads from a package. */
const LOADED = /\.([cm]?js|json)$/;

/** Writes the initial file system of the machine: busybox, this Node.js, Node-RED and the pack. */
export function writeInitramfs(file: string, { busybox, module }: Parts): void {
  const archive = createArchive(file);
  archive.add('init', readFileSync(join(ROOT, 'tools', 'kernel', 'init')), true);
  archive.add('vfb.ko', readFileSync(module));
  archive.add('bin/busybox', readFileSync(busybox), true);
  archive.add('bin/node', readFileSync(process.execPath), true);
  for (const library of librariesOf(process.execPath)) archive.add(library.slice(1), readFileSync(library), true);
  archive.add('natshat/package.json', readFileSync(join(ROOT, 'package.json')));
  addFolder(archive, join(ROOT, 'dist'), 'natshat/dist');
  for (const name of packageNames()) {
    addFolder(archive, join(ROOT, 'node_modules', name), `natshat/node_modules/${name}`, LOADED);
  }
  archive.close();
}

/** The paths of a program's shared libraries and of the dynamic loader. */
function librariesOf(program: string): string[] {
  const listed = execFileSync('ldd', [program], { encoding: 'utf8' });
  return [...listed.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path as string);
}

function packageNames(): string[] {
  const folder = join(ROOT, 'node_modules');
  const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
  const scoped = (name: string) => readdirSync(join(folder, name)).map((inner) => `${name}/${inner}`);
  return names
    .flatMap((name) => (name.startsWith('@') && !LEFT_OUT.test(name) ? scoped(name) : [name]))
    .filter((name) => !LEFT_OUT.test(name));
}

function addFolder(archive: Archive, folder: string, path: string, wanted = /./): void {
  for (const entry of readdirSync(realpathSync(folder), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !wanted.test(entry.name)) continue;
    const source = join(entry.parentPath, entry.name);
    archive.add(`${path}${source.slice(realpathSync(folder).length)}`, readFileSync(source));
  }
}
