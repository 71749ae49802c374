import { spawn } from 'node:child_process';
import { closeSync, constants, fstatSync, lstatSync, openSync, type Stats } from 'node:fs';
import { Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { CodedError } from '../../coded-error';
import { deviceError, isMissing } from '../device-error';
import { findDevice } from '../find-device';
import { grab } from './grab';

/** The name of the input device in both drivers, rpisense-js and sensehat-joystick. */
const DRIVER_NAME = 'Raspberry Pi Sense HAT Joystick';

/** Finds the path of the HAT's joystick; `undefined` if there is none. */
export function findJoystick(sys = '/sys/class/input', dev = '/dev/input'): string | undefined {
  return findDevice({ sys, entry: /^event\d+$/, nameFile: 'device/name', name: DRIVER_NAME, dev });
}

/** Callbacks of an open joystick. */
interface JoystickListener {
  /** The joystick is being read. */
  onOpen(): void;
  /** Called with the kernel's event stream, in chunks of any size. */
  onBytes(bytes: Buffer): void;
  /** The joystick is read, but cannot be kept from the console: `DEVICE`. */
  onShared(error: CodedError): void;
  /** Called once, unless closed before: the joystick is missing or gone, or else fails with `DEVICE`. */
  onEnd(error?: CodedError): void;
}

/**
 * Reads a joystick until it ends, or until the returned function closes it, which releases everything at once. The path
 * is that of a character device, of a pipe, or of the official emulator's socket (`/dev/shm/rpi-sense-emu-stick`); any
 * other file ends with `DEVICE`. With `exclusive`, nobody else receives the events of an input device: neither the
 * console, where they would type, nor another program.
 */
export function openJoystick(path: string, listener: JoystickListener, exclusive = false): () => void {
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
  const whileOpen: JoystickListener = {
    onOpen: () => isOpen && listener.onOpen(),
    onBytes: (bytes) => isOpen && listener.onBytes(bytes),
    onShared: (error) => isOpen && listener.onShared(error),
    onEnd: end,
  };
  try {
    release = lstatSync(path).isSocket() ? readEmulator(path, whileOpen) : readFile(path, whileOpen, exclusive);
  } catch (error) {
    if (error instanceof CodedError) end(error);
    else if (isMissing(String((error as NodeJS.ErrnoException).code))) end();
    else end(deviceError('joystick', path, error as NodeJS.ErrnoException));
  }
  return close;
}

function readFile(path: string, listener: JoystickListener, exclusive: boolean): () => void {
  // A link could point anywhere, and opening a pipe would block until its other end is open.
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  const stats = fstatSync(fd);
  if (stats.isFIFO()) return readPipe(fd, listener);
  try {
    if (!stats.isCharacterDevice()) throw new CodedError('DEVICE-joystick', { path });
    const release = readCharacterDevice(path, fd, listener);
    if (!exclusive || !isInput(stats)) return release;
    const stopGrabbing = grab(fd, path, listener.onShared);
    return () => {
      stopGrabbing();
      release();
    };
  } finally {
    closeSync(fd); // The child processes have their own.
  }
}

/** Whether a device is one of Linux's input devices, by its major number (admin-guide/devices.txt). */
function isInput({ rdev }: Stats): boolean {
  return ((rdev >> 8) & 0xfff) === 13;
}

function readPipe(fd: number, { onOpen, onBytes, onEnd }: JoystickListener): () => void {
  const pipe = new Socket({ fd, readable: true, writable: false });
  pipe.on('data', onBytes);
  pipe.on('error', () => {}); // `close` follows.
  pipe.on('close', () => onEnd());
  onOpen();
  return () => pipe.destroy();
}

/**
 * Reads the device with `cat`, because Node cannot poll it: a socket refuses its descriptor, and a file stream blocks
 * one of the four threads of the pool until the next event, even after it was closed. (For `cat` the descriptor blocks:
 * libuv removes O_NONBLOCK from the standard input of a child.)
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
 * Reads the emulator's socket in Python, because Node has no Unix datagram sockets, and the emulator needs Python
 * anyway. Like its other clients (https://github.com/RPi-Distro/python-sense-emu/blob/master/sense_emu/stick.py) this
 * one says hello every second and receives a datagram for each event. Its own address is abstract, so that it leaves no
 * file. It exits when its standard input is closed, at the latest with Node-RED, or with an errno as exit code.
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
    if (!reason || isMissing(reason)) listener.onEnd();
    else fail(reason);
  });
  child.stderr.once('data', listener.onOpen);
  child.stdout.on('data', listener.onBytes);
  return () => child.kill('SIGKILL');
}
