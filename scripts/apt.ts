import { spawnSync } from 'node:child_process';

/** What is needed is neither here nor to be had. */
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

/** Puts packages into a folder. Throws `Unavailable`. */
export function download(names: string[], folder: string, options: string[] = []): void {
  console.log(`Downloading ${names.join(' and ')} ...`);
  apt([...options, 'download', ...names], folder);
}

/** Runs `apt-get` as any user may. Throws `Unavailable` with its first error. */
export function apt(args: string[], folder: string): void {
  const { status, stderr, error } = spawnSync('apt-get', ['-q', ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 240_000,
  });
  if (status === 0) return;
  const reason = error?.message ?? /^E: (.*)/m.exec(stderr)?.[1] ?? stderr.trim();
  throw new Unavailable(`apt-get ${args.at(-1)} failed: ${reason}`);
}

/** Puts those files of a package that match a pattern into a folder, without their paths. */
export function extract(deb: string, folder: string, patterns: string[]): void {
  const command = 'dpkg-deb --fsys-tarfile "$0" | tar -x --wildcards --transform="s|.*/||" -C "$@"';
  spawnSync('sh', ['-c', command, deb, folder, ...patterns], { stdio: 'ignore' });
}
