import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Archive, createArchive } from '../kernel/cpio';

const ROOT = join(__dirname, '..', '..', '..');

/** The parts of the packages that the programs load, apart from what no test does. */
const WANTED =
  /^(usr\/bin\/(node|perl)$|(usr\/)?lib\/(arm-linux-gnueabihf\/[^/]+\.so|ld-linux)|usr\/share\/nodejs\/.*\.(js|json|wasm)$)/;

/** The drivers, in the order in which they are loaded; the last is that of a chip which QEMU has. */
const MODULES = [
  'drivers/i2c/busses/i2c-versatile',
  'drivers/i2c/i2c-dev',
  'drivers/iio/industrialio',
  'drivers/iio/pressure/dps310',
];

/** The kernel and the description of the machine, in the unpacked packages. */
export function kernelIn(root: string): { kernel: string; tree: string } {
  const version = kernelVersion(root);
  return {
    kernel: join(root, 'boot', `vmlinuz-${version}`),
    tree: join(root, 'usr', 'lib', `linux-image-${version}`, 'vexpress-v2p-ca15-tc1.dtb'),
  };
}

/** Writes the initial file system of the machine: busybox, Debian's Node.js and perl, the drivers, and the pack. */
export function writeInitramfs(file: string, root: string): void {
  const archive = createArchive(file);
  archive.add('init', readFileSync(join(ROOT, 'tools', 'i2c', 'init')), true);
  archive.add('bin/busybox', readFileSync(join(root, 'bin', 'busybox')), true);
  addWanted(archive, root);
  MODULES.forEach((module, n) => {
    archive.add(`modules/${n}.ko`, readModule(root, module));
  });
  archive.add('natshat/package.json', Buffer.from('{}'));
  for (const folder of ['dist/lib', 'dist/tools/i2c/tests']) {
    for (const path of filesIn(join(ROOT, folder))) {
      archive.add(join('natshat', folder, path), readFileSync(join(ROOT, folder, path)));
    }
  }
  archive.close();
}

function addWanted(archive: Archive, root: string): void {
  for (const path of filesIn(root).filter((path) => WANTED.test(path))) {
    const source = join(root, path);
    if (lstatSync(source).isSymbolicLink()) archive.link(path, readlinkSync(source));
    else archive.add(path, readFileSync(source), true);
  }
}

function readModule(root: string, module: string): Buffer {
  return readFileSync(join(root, 'lib', 'modules', kernelVersion(root), 'kernel', `${module}.ko`));
}

function kernelVersion(root: string): string {
  return readdirSync(join(root, 'lib', 'modules'))[0] as string;
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}
