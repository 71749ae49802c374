import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { apt, download, extract, Unavailable } from '../../scripts/apt';
import { type SourceFile, sourcesOf } from './sources';

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
  const sources = sourcesOf(RELEASES, installedRelease(), systemSources());
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(join(folder, 'apt-'));
  try {
    const options = ownApt(work, sources);
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

/** Options that make apt keep its sources, lists and caches in a folder; its other settings are the system's. */
function ownApt(folder: string, sources: SourceFile): string[] {
  const makeFolder = (...names: string[]) => {
    const made = join(folder, ...names);
    mkdirSync(join(made, 'partial'), { recursive: true });
    return made;
  };
  const parts = makeFolder('sources');
  writeFileSync(join(parts, sources.name), sources.text);
  makeFolder('cache', 'archives');
  const settings = {
    'Dir::Etc::SourceList': '/dev/null',
    'Dir::Etc::SourceParts': parts,
    'Dir::State::Lists': makeFolder('lists'),
    'Dir::Cache': join(folder, 'cache'),
    // Docker images switch this cache off, and without it each command reads all lists again.
    'Dir::Cache::pkgcache': 'packages.bin',
    'Acquire::Languages': 'none',
    'APT::Update::Error-Mode': 'any',
    // Started by root, apt downloads as another user, who may have no access to the folder.
    'APT::Sandbox::User': 'root',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

/** The code name of the Debian release that runs here: https://manpages.debian.org/stable/systemd/os-release.5.en.html */
function installedRelease(): string {
  const file = '/etc/os-release';
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (!/^ID=debian$/m.test(text)) throw new Unavailable('this is not Debian');
  return /^VERSION_CODENAME=(\w+)$/m.exec(text)?.[1] ?? '';
}

function systemSources(): SourceFile[] {
  const folder = '/etc/apt/sources.list.d';
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /\.(list|sources)$/.test(name)) : [];
  const paths = ['/etc/apt/sources.list', ...names.map((name) => join(folder, name))];
  return paths.filter((path) => existsSync(path)).map((path) => ({ name: path, text: readFileSync(path, 'utf8') }));
}
