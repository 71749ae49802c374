import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Unavailable } from '../../scripts/apt';
import { type SourceFile, sourcesOf } from './sources';

/**
 * Options that make apt keep its sources, lists and caches in a folder; its other settings are the system's. The sources
 * are those of Debian releases, by their code names. Throws `Unavailable` where this is not Debian.
 */
export function ownApt(folder: string, releases: string[], others: Record<string, string> = {}): string[] {
  const sources = sourcesOf(releases, installedRelease(), systemSources());
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
    ...others,
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

/** The code name of the Debian release that runs here: https://manpages.debian.org/stable/systemd/os-release.5.en.html */
export function installedRelease(): string {
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
