import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { aptGet, download, extract, runs, Unavailable } from '../../scripts/apt';
import { requireQemu } from './qemu';
import { asSenseHat } from './sense-hat-module';

/** The parts of a virtual machine, as paths. */
export interface Parts {
  qemu: string;
  kernel: string;
  busybox: string;
  /** The driver of a virtual framebuffer with the HAT's name. */
  module: string;
}

const QEMU = 'qemu-system-x86_64';

/** The files of which the parts are made; no package has all of them. */
const WANTED = ['*/vmlinuz-*', '*/vfb.ko*', '*/bin/busybox'];

/**
 * The parts from Debian's packages. Kernel and busybox are unpacked into `folder`, once, and not installed; qemu is
 * installed if it is missing. Throws `Unavailable`.
 */
export function requireParts(folder: string): Parts {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Unavailable('they run only on Linux x64');
  requireQemu(QEMU, 'qemu-system-x86');
  const inFolder = (name: string) => join(folder, name);
  const parts = { qemu: QEMU, kernel: inFolder('vmlinuz'), busybox: inFolder('busybox'), module: inFolder('vfb.ko') };
  // The module is unpacked last.
  if (!existsSync(parts.module)) unpack(folder, parts);
  return parts;
}

function unpack(folder: string, parts: Parts): void {
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(join(folder, 'unpack-'));
  try {
    downloadParts(work);
    for (const deb of readdirSync(work)) extract(join(work, deb), work, WANTED);
    const found = (name: RegExp) => {
      const file = readdirSync(work).find((entry) => name.test(entry));
      if (!file) throw new Unavailable(`Debian's packages have no file ${name}`);
      return join(work, file);
    };
    copyFileSync(found(/^vmlinuz-/), parts.kernel);
    copyFileSync(found(/^busybox$/), parts.busybox);
    chmodSync(parts.busybox, 0o755);
    // Modules of Debian 13 are compressed.
    const module = found(/^vfb\.ko/);
    const read = module.endsWith('.xz') ? 'xzcat' : 'cat';
    writeFileSync(parts.module, asSenseHat(execFileSync(parts.busybox, [read, module], { maxBuffer: 2 ** 26 })));
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** Puts the packages into a folder. Throws `Unavailable`. */
function downloadParts(folder: string): void {
  const attempt = () => download([newestKernel(), 'busybox-static'], folder);
  try {
    attempt();
  } catch (error) {
    // The package lists may be missing or outdated.
    const apt = aptGet();
    if (!apt || !runs([...apt, 'update'])) throw error;
    attempt();
  }
}

/** The kernel package that `linux-image-amd64` currently depends on. */
function newestKernel(): string {
  const { stdout } = spawnSync('apt-cache', ['depends', 'linux-image-amd64'], { encoding: 'utf8' });
  const name = /Depends: (linux-image-\S+)/.exec(stdout ?? '')?.[1];
  if (!name) throw new Unavailable("there is no package linux-image-amd64, Debian's kernel");
  return name;
}
