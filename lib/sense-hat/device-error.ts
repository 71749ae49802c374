import { CodedError } from '../coded-error';

/** What an errno says about a device. */
type Fault = 'permission' | 'missing' | 'kind';

const FAULTS: Record<string, Fault> = {
  EACCES: 'permission',
  EPERM: 'permission',
  ENOENT: 'missing',
  ENOTDIR: 'missing', // A folder in the path is a file.
  ENODEV: 'missing',
  ENXIO: 'missing',
  ECONNREFUSED: 'missing', // A socket that a process has left behind.
  EISDIR: 'kind',
  ELOOP: 'kind', // A symbolic link, which is not followed.
};

/** The error texts that give advice; any other fault is a plain `DEVICE` with the errno as its reason. */
const TEXTS = {
  framebuffer: { permission: 'DEVICE-permission', missing: 'DEVICE-missing', kind: 'DEVICE-kind' },
  joystick: { permission: 'DEVICE-joystick-permission', kind: 'DEVICE-joystick' },
} satisfies Record<string, Partial<Record<Fault, string>>>;

/** The `DEVICE` error for a failed system call. */
export function deviceError(device: keyof typeof TEXTS, path: string, cause: NodeJS.ErrnoException): CodedError {
  const reason = String(cause.code);
  const texts: Partial<Record<Fault, string>> = TEXTS[device];
  const fault = FAULTS[reason];
  return new CodedError((fault && texts[fault]) ?? 'DEVICE', { path, reason }, { cause });
}

/** Whether an errno means that there is no device, or that it is gone. */
export function isMissing(errno: string): boolean {
  return FAULTS[errno] === 'missing';
}
