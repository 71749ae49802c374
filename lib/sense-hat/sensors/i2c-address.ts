import { spawn } from 'node:child_process';
import { getSystemErrorName } from 'node:util';

/** Sets the address of the chip that a descriptor talks to: https://docs.kernel.org/i2c/dev-interface.html */
const I2C_SLAVE = 0x0703;

/** A helper that hangs, perhaps on a machine that is out of memory, is killed after this time. */
const LIMIT_MS = 5000;

/** Programs that make the call on descriptor 3 and exit with its errno. Perl is part of every Debian. */
const HELPERS: ((address: number) => [program: string, ...args: string[]])[] = [
  (address) => ['perl', '-e', `open(my $f, "+<&=", 3) or exit 9; ioctl($f, ${I2C_SLAVE}, ${address}) or exit $!+0`],
  (address) => [
    'python3',
    ...['-I', '-S', '-c'],
    `import fcntl, sys\ntry: fcntl.ioctl(3, ${I2C_SLAVE}, ${address})\nexcept OSError as e: sys.exit(e.errno)`,
  ],
];

/**
 * Sets the address of an open I2C bus, after which plain reads and writes reach that chip. Node.js has no ioctl, but the
 * address belongs to the open file, which a child process inherits. Rejects with the errno of the call as `code`: `EBUSY`
 * where a kernel driver has the chip; `NO_HELPER` without perl and python3.
 */
export async function setI2cAddress(fd: number, address: number): Promise<void> {
  for (const helper of HELPERS) {
    const exitCode = await run(helper(address), fd);
    if (exitCode === 0) return;
    if (exitCode !== undefined) throw failure(exitCode > 0 ? getSystemErrorName(-exitCode) : 'ETIMEDOUT');
  }
  throw failure('NO_HELPER');
}

/** The exit code, negative if the program was killed; `undefined` if there is no such program. */
function run([program, ...args]: [string, ...string[]], fd: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'ignore', fd] });
    const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
    const end = (exitCode: number | undefined) => {
      clearTimeout(limit);
      resolve(exitCode);
    };
    child.on('error', () => end(undefined));
    child.on('exit', (exitCode) => end(exitCode ?? -1));
  });
}

function failure(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}
