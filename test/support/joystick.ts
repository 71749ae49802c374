import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { EVENT_BYTES } from '../../lib/sense-hat/joystick/joystick';
import { deviceFolder } from './device-file';

/** Why a test that needs Python is skipped, or `false`. */
export const NO_PYTHON = spawnSync('python3', ['--version']).status === 0 ? false : 'no python3 on this machine';

const TIMEOUT_MS = 10_000;

/** The key codes of Raspberry Pi's driver, and those of the mainline kernel. */
export const CODES = { UP: 103, LEFT: 105, RIGHT: 106, DOWN: 108, ENTER: 28 } as const;
export const MAINLINE_CODES = { UP: 0x220, DOWN: 0x221, LEFT: 0x222, RIGHT: 0x223, ENTER: 0x13a } as const;

export const RELEASE = 0;
export const PRESS = 1;
export const HOLD = 2;

/** An event in the kernel's format, with an arbitrary time. */
export function inputEvent(type: number, code: number, value: number, eventBytes = EVENT_BYTES): Buffer {
  const event = Buffer.alloc(eventBytes, 0xa5);
  event.writeUInt16LE(type, eventBytes - 8);
  event.writeUInt16LE(code, eventBytes - 6);
  event.writeInt32LE(value, eventBytes - 4);
  return event;
}

/** A key event and the event that ends its report. */
export function keyReport(code: number, value: number, eventBytes = EVENT_BYTES): Buffer {
  return Buffer.concat([inputEvent(1, code, value, eventBytes), inputEvent(0, 0, 0, eventBytes)]);
}

/** A path for a pipe, which does not exist yet. */
export function pipePath(t: TestContext): string {
  return join(deviceFolder(t), 'event0');
}

export function makePipe(path: string): string {
  execFileSync('mkfifo', [path]);
  return path;
}

/** Opens a pipe that has a reader for writing; `close` is the end of the file for that reader. */
export function openPipe(path: string): { write(bytes: Buffer): void; close(): void } {
  const fd = openSync(path, 'r+');
  return {
    write: (bytes) => {
      writeSync(fd, bytes);
    },
    close: () => closeSync(fd),
  };
}

/** A fake device in Python, which passes on its standard input. */
interface StandIn {
  path: string;
  write(bytes: Buffer): void;
  /** Kills it, as if it crashed. */
  kill(): Promise<void>;
}

/** A pseudoterminal as a readable character device. Bytes that are written to its main side can be read from it. */
const TERMINAL = `
import os, pty, sys, tty
main, device = pty.openpty()
tty.setraw(device)
print(os.ttyname(device), flush=True)
os.close(device)
while data := os.read(0, 4096):
    os.write(main, data)
`;

/**
 * The emulator's side of its socket: it sends a datagram for each event to all clients that have said hello, and prints
 * the number of clients.
 */
const EMULATOR = `
import os, select, socket, sys
path = sys.argv[1]
if os.path.exists(path):
    os.unlink(path)
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(path)
print(path, flush=True)
clients = set()
while True:
    for ready in select.select([server, 0], [], [])[0]:
        if ready is server:
            data, address = server.recvfrom(64)
            if data == b'hello' and address not in clients:
                clients.add(address)
                print(len(clients), flush=True)
        else:
            event = os.read(0, ${EVENT_BYTES})
            if not event:
                os.unlink(path)
                sys.exit()
            for client in list(clients):
                try:
                    server.sendto(event, client)
                except OSError:
                    clients.remove(client)
                    print(len(clients), flush=True)
`;

export function startTerminal(t: TestContext): Promise<StandIn> {
  return startStandIn(t, [TERMINAL]);
}

/** Starts the emulator; `clients` resolves when it has that many clients. */
export async function startEmulator(
  t: TestContext,
  path: string,
): Promise<StandIn & { clients(count: number): Promise<void> }> {
  const emulator = await startStandIn(t, [EMULATOR, path]);
  return { ...emulator, clients: (count) => emulator.printed(String(count)) };
}

async function startStandIn(t: TestContext, [script = '', ...args]: string[]) {
  const child = spawn('python3', ['-c', script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => killed(child));
  child.stdin.on('error', () => {}); // It may have ended.
  let lines: string[] = [];
  let path = '';
  const printed = async (line: string) => {
    while (!lines.includes(line)) await once(child.stdout, 'data');
    lines = lines.slice(lines.indexOf(line) + 1);
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => lines.push(...text.trim().split('\n')));
  while (!path) {
    await once(child.stdout, 'data');
    path = lines.shift() ?? '';
  }
  return {
    path,
    printed,
    write: (bytes: Buffer) => {
      child.stdin.write(bytes);
    },
    kill: () => killed(child),
  };
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

/** Polls a condition that is about to become true, and throws if it does not. */
export async function until(isTrue: () => boolean): Promise<void> {
  const startedAt = performance.now();
  while (!isTrue()) {
    if (performance.now() - startedAt > TIMEOUT_MS) throw new Error('It did not end.');
    await sleep(1);
  }
}

/** The number of files that this process has open. */
export function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
}

/** The running child processes of this one. */
export function children(): string[] {
  return processes((pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(parent) === process.pid && state !== 'Z';
  });
}

/** The clients of an emulator, also those of other processes. */
export function clientsOf(path: string): string[] {
  return processes((pid) => {
    const [, option, , , address] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return option === '-I' && address === path;
  });
}

function processes(isWanted: (pid: string) => boolean): string[] {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  return pids.filter((pid) => {
    try {
      return isWanted(pid);
    } catch {
      return false; // It has ended meanwhile.
    }
  });
}

/** Runs an action as an unprivileged user if the tests run as root. */
export async function asStranger<T>(action: () => T | Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65534);
  try {
    return await action();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}
