import { spawn } from 'node:child_process';
import { closeSync, constants, fstatSync, lstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { CodedError } from '../../coded-error';
import { findDevice } from '../find-device';

/** The name that both drivers, rpisense-js and the mainline kernel's sensehat-joystick, give their input device. */
const DRIVER_NAME = 'Raspberry Pi Sense HAT Joystick';

/** The path of the HAT's joystick, found by its name; `undefined` where there is none. */
export function findJoystick(sys = '/sys/class/input', dev = '/dev/input'): string | undefined {
  return findDevice({ sys, entry: /^event\d+$/, nameFile: 'device/name', name: DRIVER_NAME, dev });
}

/** What a joystick tells. */
interface JoystickListener {
  /** It is there and is read from now on. */
  onOpen(): void;
  /** Events as the kernel writes them, cut anywhere. */
  onBytes(bytes: Buffer): void;
  /** Once, unless it is closed before: it is not there, or no longer; or `DEVICE`, where somebody has to act. */
  onEnd(error?: CodedError): void;
}

/**
 * Reads a joystick until it ends or is closed with the function that is returned; that one releases everything at
 * once. The path is that of a character device, of a pipe, or of the socket of the official emulator
 * (`/dev/shm/rpi-sense-emu-stick`); anything else ends with `DEVICE`.
 */
export function openJoystick(path: string, listener: JoystickListener): () => void {
  let isOpen = true;
  let release = () => {};
  const close = () => {
    isOpen = false;
    release();
  };
  const end = (error?: CodedError) => {
    if (!isOpen) return;
    close();
    listener.onEnd(error);
  };
  const heard: JoystickListener = {
    onOpen: () => isOpen && listener.onOpen(),
    onBytes: (bytes) => isOpen && listener.onBytes(bytes),
    onEnd: end,
  };
  try {
    release = lstatSync(path).isSocket() ? readEmulator(path, heard) : readFile(path, heard);
  } catch (error) {
    end(error instanceof CodedError ? error : deviceError(path, error as NodeJS.ErrnoException));
  }
  return close;
}

function readFile(path: string, listener: JoystickListener): () => void {
  // A link could point anywhere, and opening a pipe would wait for its other end.
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  const stats = fstatSync(fd);
  if (stats.isFIFO()) return readPipe(fd, listener);
  try {
    if (!stats.isCharacterDevice()) throw new CodedError('DEVICE-joystick', { path });
    return readCharacterDevice(path, fd, listener);
  } finally {
    closeSync(fd); // The child has its own.
  }
}

function readPipe(fd: number, { onOpen, onBytes, onEnd }: JoystickListener): () => void {
  const pipe = new Socket({ fd, readable: true, writable: false });
  pipe.on('data', onBytes);
  pipe.on('error', () => {}); // Closes it.
  pipe.on('close', () => onEnd());
  onOpen();
  return () => pipe.destroy();
}

/**
 * Node does not poll character devices: a socket refuses their descriptors, and a file stream waits in one of the
 * four threads of the pool, which it keeps until somebody touches the joystick, even when it is closed. So `cat` waits.
 * (Its descriptor blocks: libuv takes O_NONBLOCK off what a child gets as standard input.)
 */
function readCharacterDevice(path: string, fd: number, listener: JoystickListener): () => void {
  const child = spawn('cat', { stdio: [fd, 'pipe', 'ignore'] });
  child.on('spawn', listener.onOpen);
  child.on('error', ({ message }) => listener.onEnd(new CodedError('DEVICE', { path, reason: message })));
  child.on('close', () => listener.onEnd());
  child.stdout?.on('data', listener.onBytes);
  return () => child.kill('SIGKILL');
}

/**
 * Node has no datagram sockets of the family unix; where the emulator runs there is Python. As the emulator's clients
 * do (https://github.com/RPi-Distro/python-sense-emu/blob/master/sense_emu/stick.py), this says hello every second
 * and gets a datagram an event. Its own address is abstract, so that no file is left behind. It ends with its
 * standard input, so never after Node-RED, or with an errno as exit code.
 */
const EMULATOR_CLIENT = `
import os, select, socket, sys
try:
    emulator = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    emulator.bind('')
    emulator.connect(sys.argv[1])
    emulator.send(b'hello')
    os.write(2, b'open')
    while True:
        readable = select.select([emulator, 0], [], [], 1)[0]
        if 0 in readable:
            break
        elif emulator in readable:
            os.write(1, emulator.recv(64))
        else:
            emulator.send(b'hello')
except OSError as error:
    sys.exit(error.errno)
`;

function readEmulator(path: string, listener: JoystickListener): () => void {
  const child = spawn('python3', ['-I', '-c', EMULATOR_CLIENT, path]);
  const fail = (reason: string) => listener.onEnd(new CodedError('DEVICE-emulator', { path, reason }));
  child.on('error', ({ message }) => fail(message));
  child.on('close', (code) => {
    const reason = code !== null && code > 0 ? getSystemErrorName(-code) : '';
    if (!reason || MISSING.has(reason)) listener.onEnd();
    else fail(reason);
  });
  child.stderr.once('data', listener.onOpen);
  child.stdout.on('data', listener.onBytes);
  return () => child.kill('SIGKILL');
}

/** No joystick, or none any more; of a socket: nobody listens at it. */
const MISSING = new Set(['ENOENT', 'ENODEV', 'ENXIO', 'ECONNREFUSED']);

/** The texts of what goes wrong often enough to need advice. */
const TEXTS: Record<string, string> = {
  EACCES: 'DEVICE-joystick-permission',
  EPERM: 'DEVICE-joystick-permission',
  ELOOP: 'DEVICE-joystick',
};

function deviceError(path: string, cause: NodeJS.ErrnoException): CodedError | undefined {
  const code = String(cause.code);
  if (MISSING.has(code)) return undefined;
  return new CodedError(TEXTS[code] ?? 'DEVICE', { path, reason: code }, { cause });
}
