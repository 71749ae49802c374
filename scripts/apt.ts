import { spawnSync } from 'node:child_process';

/** Something that is needed is not installed and cannot be fetched. */
export class Unavailable extends Error {}

/** A program and its arguments. */
export type Command = [program: string, ...args: string[]];

/** The `apt-get` command for installing packages; `undefined` if there is none, or if it would ask for a password. */
export function aptGet(): Command | undefined {
  if (!runs(['apt-get', '--version'])) return undefined;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && !runs(['sudo', '-n', 'true'])) return undefined;
  return isRoot ? ['apt-get', '-q', '-y'] : ['sudo', '-n', 'apt-get', '-q', '-y'];
}

/** Runs a command without its output, and returns whether it succeeded. */
export function runs([program, ...args]: Command): boolean {
  const { status } = spawnSync(program, args, { stdio: 'ignore' });
  return status === 0;
}

/** Downloads packages into a folder. Throws `Unavailable`. */
export function download(names: string[], folder: string, options: string[] = []): void {
  console.log(`Downloading ${names.join(' and ')} ...`);
  apt(['download', ...names], folder, options);
}

/** Runs an `apt-get` command that needs no root, in a folder. Throws `Unavailable` with its first error. */
export function apt(command: string[], folder: string, options: string[] = []): void {
  const { status, stderr, error } = spawnSync('apt-get', ['-q', ...options, ...command], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 240_000,
  });
  if (status === 0) return;
  const reason = error?.message ?? /^E: (.*)/m.exec(stderr)?.[1] ?? stderr.trim();
  throw new Unavailable(`apt-get ${command.join(' ')} failed: ${reason}`);
}

/** Extracts the files of a package that match one of the patterns into a folder, without their paths. */
export function extract(deb: string, folder: string, patterns: string[]): void {
  const command = 'dpkg-deb --fsys-tarfile "$0" | tar -x --wildcards --transform="s|.*/||" -C "$@"';
  spawnSync('sh', ['-c', command, deb, folder, ...patterns], { stdio: 'ignore' });
}
