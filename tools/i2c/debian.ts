import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apt, download, Unavailable } from '../../scripts/apt';
import { requireQemu } from '../kernel/qemu';
import { installedRelease, ownApt } from '../servers/own-apt';

/** The emulator of a machine with an I2C bus. */
export const QEMU = 'qemu-system-arm';

/** Debian's kernel for it, whose package depends on the current one. */
const KERNEL = 'linux-image-armmp';

/** The programs that the tests need; their dependencies come with them. */
const PROGRAMS = ['nodejs', 'perl-base', 'busybox-static'];

/**
 * The unpacked packages of a machine: Debian's for armhf, of the installed release. The first call fetches them into
 * `folder`, with an apt configuration of its own, so that the system stays as it is. Installs QEMU if it is missing.
 * Throws `Unavailable`.
 */
export function requireRoot(folder: string): string {
  if (process.platform !== 'linux') throw new Unavailable('they run only on Linux');
  requireQemu(QEMU, 'qemu-system-arm');
  const root = join(folder, 'root');
  if (!existsSync(root)) unpack(folder, root);
  return root;
}

function unpack(folder: string, root: string): void {
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(join(folder, 'apt-'));
  try {
    fetchPackages(work);
    const unpacked = join(work, 'root');
    const archives = join(work, 'cache', 'archives');
    for (const name of readdirSync(archives).filter((name) => name.endsWith('.deb'))) {
      const { status } = spawnSync('dpkg-deb', ['-x', join(archives, name), unpacked], { stdio: 'ignore' });
      if (status !== 0) throw new Unavailable(`dpkg-deb could not unpack ${name}`);
    }
    renameSync(unpacked, root);
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** Puts the packages into the archives of apt in this folder. */
function fetchPackages(work: string): void {
  const status = join(work, 'status');
  writeFileSync(status, ''); // Nothing is installed, so that all dependencies are fetched.
  const options = ownApt(work, [installedRelease()], {
    'APT::Architecture': 'armhf',
    'APT::Architectures': 'armhf',
    'Dir::State::status': status,
  });
  console.log('Fetching the package lists of armhf ...');
  apt(['update'], work, options);
  const archives = join(work, 'cache', 'archives');
  download([kernelPackage(options)], archives, options);
  console.log(`Downloading ${PROGRAMS.join(', ')} and what they need ...`);
  apt(['install', '--no-install-recommends', '--download-only', '-y', ...PROGRAMS], work, options);
}

function kernelPackage(options: string[]): string {
  const { stdout } = spawnSync('apt-cache', [...options, 'depends', KERNEL], { encoding: 'utf8' });
  const name = /Depends: (linux-image-\S+)/.exec(stdout ?? '')?.[1];
  if (!name) throw new Unavailable(`there is no package ${KERNEL}`);
  return name;
}
