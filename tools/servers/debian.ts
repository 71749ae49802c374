import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { apt, download, extract, Unavailable } from '../../scripts/apt';
import { ownApt } from './own-apt';

/** Debian 13, and the one that gets new versions first. */
const RELEASES = ['trixie', 'unstable'];

const PROGRAM = 'nats-server';

/**
 * The paths of the servers of other Debian releases. The first call fetches them into `folder`, with an apt
 * configuration of its own, so that the system stays as it is. Throws `Unavailable`.
 */
export function requireServers(folder: string): string[] {
  const servers = RELEASES.map((release) => join(folder, release, PROGRAM));
  if (!servers.every((server) => existsSync(server))) unpack(folder);
  return servers;
}

function unpack(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(join(folder, 'apt-'));
  try {
    const options = ownApt(work, RELEASES);
    console.log(`Fetching the package lists of ${RELEASES.join(' and ')} ...`);
    apt(['update'], work, options);
    for (const release of RELEASES) {
      const packages = join(work, release);
      mkdirSync(packages);
      download([`${PROGRAM}/${release}`], packages, options);
      for (const deb of readdirSync(packages)) extract(join(packages, deb), packages, [`*/sbin/${PROGRAM}`]);
      const program = join(packages, PROGRAM);
      if (!existsSync(program)) throw new Unavailable(`the package of ${release} has no ${PROGRAM}`);
      mkdirSync(join(folder, release), { recursive: true });
      copyFileSync(program, join(folder, release, PROGRAM));
    }
  } finally {
    rmSync(work, { recursive: true });
  }
}
