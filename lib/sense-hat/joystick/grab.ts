import { spawn } from 'node:child_process';
import { getSystemErrorName } from 'node:util';
import { CodedError } from '../../coded-error';

/** `EVIOCGRAB` of linux/input.h, whose argument is not a pointer: anything but 0 grabs. */
const EVIOCGRAB = 0x40044590;

/** Both exit with 0 or an errno. perl-base is part of every Debian, and starts in milliseconds. */
const PERL = `open(my $device, "<&=", 3) or exit $!+0; ioctl($device, ${EVIOCGRAB}, 1) or exit $!+0`;
const PYTHON = `
import fcntl, sys
try:
    fcntl.ioctl(3, ${EVIOCGRAB}, 1)
except OSError as error:
    sys.exit(error.errno)
`;

/** Runs one of them. */
const SCRIPT = 'command -v perl >/dev/null && exec perl -e "$1"; exec python3 -Ic "$2"';
/** The exit code of a shell that has not found the program. */
const NOT_FOUND = 127;

/**
 * Keeps the events of an input device from everyone but the readers of this open file, such as the console, where the
 * joystick would type. It ends when the file is closed. Node has no ioctl, but a grab belongs to the open file, which a
 * child inherits. A failure is `DEVICE-grab`, `DEVICE-grab-busy` or `DEVICE-grab-program`; none follows after the
 * returned function was called.
 */
export function grab(fd: number, path: string, onFailure: (error: CodedError) => void): () => void {
  let isWanted = true;
  const fail = (error: CodedError) => {
    if (isWanted) onFailure(error);
    isWanted = false;
  };
  const child = spawn('sh', ['-c', SCRIPT, 'sh', PERL, PYTHON], { stdio: ['ignore', 'ignore', 'ignore', fd] });
  child.on('error', ({ message }) => fail(new CodedError('DEVICE-grab', { path, reason: message })));
  child.on('exit', (code, signal) => {
    if (code === 0) return;
    if (code === NOT_FOUND) return fail(new CodedError('DEVICE-grab-program', { path }));
    const reason = code === null ? String(signal) : getSystemErrorName(-code);
    fail(
      reason === 'EBUSY'
        ? new CodedError('DEVICE-grab-busy', { path })
        : new CodedError('DEVICE-grab', { path, reason }),
    );
  });
  return () => {
    isWanted = false;
    child.kill('SIGKILL');
  };
}
