import { isDeepStrictEqual } from 'node:util';
import { type Backoff, backoffMs } from '../../backoff';
import { CodedError } from '../../coded-error';
import type { Frame } from './frame';
import { type Framebuffer, findSenseHat, openFramebuffer } from './framebuffer';

/** Whether the device is open, absent, or failing. */
export type DeviceState = { name: 'open'; path: string } | { name: 'missing' } | { name: 'failed'; error: CodedError };

/** What a device tells its user. */
export interface DeviceListener {
  /** The device has been opened, perhaps again. Returns the frame to write to it, if any. */
  onOpen(id: string): Frame | undefined;
  /** The state has changed. */
  onChange(): void;
}

/** How long to wait before opening a missing or failed device again. */
const RETRIES: Backoff = { firstMs: 1000, longestMs: 30_000 };

/** How often an open device is checked, by one system call, in case nothing else uses it. */
const LOOK_MS = 2000;

/**
 * A framebuffer that may come and go, as when a HAT is plugged in or a driver is loaded late. One that fails or was
 * replaced is opened again: at once, and then at intervals. A missing HAT is a failure only if there was one before.
 */
export class Device {
  private framebuffer: Framebuffer | undefined;
  private current: DeviceState = { name: 'missing' };
  private wasFound = false;
  private attempt = 0;
  private timer: NodeJS.Timeout | undefined;

  /** An empty `path` means the HAT, which `find` finds. */
  constructor(
    private readonly path: string,
    private readonly listener: DeviceListener,
    private readonly find = findSenseHat,
  ) {}

  get state(): DeviceState {
    return this.current;
  }

  /** The same for all paths of one device; `undefined` unless it is open. */
  get id(): string | undefined {
    return this.framebuffer?.id;
  }

  /** Opens the device, and keeps trying if that fails. */
  open(): void {
    try {
      this.connect();
    } catch (error) {
      this.fail(error as CodedError);
    }
  }

  /** The frame that the device shows, whoever wrote it; `undefined` without a device. Throws `DEVICE`. */
  read(): Frame | undefined {
    return this.use((framebuffer) => framebuffer.read());
  }

  /** Does nothing without a device. Throws `DEVICE`. */
  write(frame: Frame): void {
    this.use((framebuffer) => framebuffer.write(frame));
  }

  close(): void {
    clearTimeout(this.timer);
    this.framebuffer?.close();
    this.framebuffer = undefined;
  }

  private use<T>(action: (framebuffer: Framebuffer) => T): T | undefined {
    if (this.current.name === 'failed') throw this.current.error;
    if (!this.framebuffer) return undefined;
    try {
      if (this.framebuffer.isCurrent()) return action(this.framebuffer);
    } catch {
      // The handle may have outlived its driver: a fresh one may work.
    }
    try {
      this.connect();
      return this.framebuffer && action(this.framebuffer);
    } catch (error) {
      this.fail(error as CodedError);
      throw error;
    }
  }

  /** Opens the device with a fresh handle. Throws `DEVICE`. */
  private connect(): void {
    this.close();
    const path = this.path || this.find();
    if (path === undefined) {
      if (this.wasFound) throw new CodedError('DEVICE-gone');
      this.retry();
      return;
    }
    this.wasFound = true;
    const framebuffer = openFramebuffer(path);
    this.framebuffer = framebuffer;
    framebuffer.read();
    const frame = this.listener.onOpen(framebuffer.id);
    if (frame) framebuffer.write(frame);
    this.attempt = 0;
    this.timer = setTimeout(() => this.look(), LOOK_MS);
    this.change({ name: 'open', path });
  }

  /** Reopens a device that was replaced while nothing used it. */
  private look(): void {
    if (!this.framebuffer?.isCurrent()) this.open();
    else this.timer = setTimeout(() => this.look(), LOOK_MS);
  }

  private fail(error: CodedError): void {
    this.close();
    this.retry();
    this.change({ name: 'failed', error });
  }

  private retry(): void {
    this.timer = setTimeout(() => this.open(), backoffMs(this.attempt++, RETRIES));
  }

  private change(state: DeviceState): void {
    // A retry that fails in the same way is no change.
    if (isDeepStrictEqual(describe(state), describe(this.current))) return;
    this.current = state;
    this.listener.onChange();
  }
}

function describe(state: DeviceState): unknown {
  return state.name === 'failed' ? [state.error.text, state.error.values] : state;
}
